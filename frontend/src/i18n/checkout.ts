import { addEnglish } from ".";
import { enCheckout } from "./en-checkout";

// A side effect: pages import this module to have their texts. German has its texts in one file.
addEnglish(enCheckout);
