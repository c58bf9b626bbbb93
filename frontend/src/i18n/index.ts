import i18next from "i18next";
import { initReactI18next } from "react-i18next";

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
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false }, // React escapes.
});
// Screen readers choose their voice by it, browsers their hyphenation.
i18next.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

/** Speak another language, fetching its words first; remembered for the next visit. */
export async function changeLanguage(language: Language): Promise<void> {
  if (language === "de" && !i18next.hasResourceBundle("de", "translation")) {
    const { de } = await import("./de");
    i18next.addResourceBundle("de", "translation", de);
  }
  await i18next.changeLanguage(language);
  try {
    localStorage.setItem("language", language);
  } catch {
    // Storage is blocked: the choice lasts until the page is left.
  }
}

/** Speak what was chosen before, else what the browser asks for, else English. */
export async function initLanguage(): Promise<void> {
  const wanted = chosen() ?? navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage);
  if (wanted === undefined || wanted === "en") return;
  try {
    await changeLanguage(wanted);
  } catch {
    // The words could not be fetched; the shop opens in English.
  }
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
