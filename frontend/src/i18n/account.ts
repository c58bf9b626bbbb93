import { i18next } from ".";
import { enAccount } from "./en-account";

// A side effect, as in `checkout.ts`: pages import this module to have their texts.
i18next.addResourceBundle("en", "translation", enAccount, true);
