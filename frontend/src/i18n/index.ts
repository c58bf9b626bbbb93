import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { shop } from "@/services/shop";

import { en } from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const isLanguage = (name: string): name is Language => name in languages;

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: { ...en, shop: shop.name } } },
  interpolation: { escapeValue: false }, // React escapes.
});
// Screen readers choose their voice by it, browsers their hyphenation.
i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

/** Speak another language, which is remembered for the next visit. */
export async function changeLanguage(language: Language): Promise<void> {
  await speak(language);
  try {
    localStorage.setItem("language", language);
  } catch {
    // Storage is blocked: the choice lasts until the page is left.
  }
}

/** Speak a language, fetching its words first. */
async function speak(language: Language): Promise<void> {
  if (language === "de" && !i18next.hasResourceBundle("de", "translation")) {
    const { de } = await import("./de");
    i18next.addResourceBundle("de", "translation", { ...de, shop: shop.name });
  }
  await i18next.changeLanguage(language);
}

/** Speak what was chosen before, else what the browser asks for, else the shop's language. */
export async function initLanguage(): Promise<void> {
  const asked = navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage);
  const wanted = chosen() ?? asked ?? shop.language;
  try {
    if (wanted !== "en") await speak(wanted);
  } catch {
    // The words could not be fetched; the shop opens in English.
  }
  // The server wrote the shop's language there, in which it drew the page.
  document.documentElement.lang = i18next.language;
}

function chosen(): Language | undefined {
  try {
    const name = localStorage.getItem("language");
    return name !== null && isLanguage(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

export { i18next };
