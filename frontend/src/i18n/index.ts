import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { shop } from "@/services/shop";

import { en } from "./en";
import type { enAccount } from "./en-account";
import type { enCheckout } from "./en-checkout";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en & typeof enCheckout & typeof enAccount };
  }
}

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const maxWaitMilliseconds = 8_000;

const isLanguage = (name: string): name is Language => name in languages;

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: { ...en, shop: shop.name } } },
  interpolation: { escapeValue: false }, // React escapes.
});
// Screen readers choose their voice by the `lang` attribute, and browsers their hyphenation.
i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

/** Change the language, and remember it for the next visit. */
export async function changeLanguage(language: Language): Promise<void> {
  await activate(language);
  try {
    localStorage.setItem("language", language);
  } catch {
    // Storage is blocked: the choice lasts until the page is left.
  }
}

/** Use a language, fetching its texts first. */
async function activate(language: Language): Promise<void> {
  if (language === "de" && !i18next.hasResourceBundle("de", "translation")) {
    const { de } = await import("./de");
    i18next.addResourceBundle("de", "translation", { ...de, shop: shop.name });
  }
  await i18next.changeLanguage(language);
}

/** Use the language of an earlier choice, else one of the browser's languages, else the shop's. */
export async function initLanguage(): Promise<void> {
  const browserLanguage = navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage);
  const wanted = readChoice() ?? browserLanguage ?? shop.language;
  if (wanted !== "en") {
    // Texts that cannot be fetched, or not soon, do not hold up the shop: it opens in English.
    const late = new Promise((resolve) => setTimeout(resolve, maxWaitMilliseconds));
    await Promise.race([activate(wanted).catch(() => undefined), late]);
  }
  // The server set the shop's language, in which it rendered the page.
  document.documentElement.lang = i18next.language;
}

function readChoice(): Language | undefined {
  try {
    const name = localStorage.getItem("language");
    return name !== null && isLanguage(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

export { i18next };
