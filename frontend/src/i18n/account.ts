import { addEnglish } from ".";
import { enAccount } from "./en-account";

// A side effect, as in `checkout.ts`: pages import this module to have their texts.
addEnglish(enAccount);
