import { shop } from "@/services/shop";

import { en } from "./en";
import type { enAccount } from "./en-account";
import type { enCheckout } from "./en-checkout";
import { type KeyOf, type Texts, translate, type Values } from "./translate";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;
export type TextKey = KeyOf<typeof en & typeof enCheckout & typeof enAccount>;

const maxWaitMilliseconds = 8_000;

const isLanguage = (name: string): name is Language => name in languages;

const texts: Partial<Record<Language, Texts>> = { en };
const listeners = new Set<() => void>();
let current: Language = "en";
let plurals = new Intl.PluralRules(current);

export const getLanguage = () => current;

/** Return a text in the shopper's language. Every text may name the shop. */
export const t = (key: TextKey, values?: Values): string =>
  translate(texts[current] ?? {}, plurals, key, { shop: shop.name, ...values });

/** Call the listener when the language has changed; returns a function that unsubscribes it. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Add English texts, which only some pages need. German has its texts in one file. */
export function addEnglish(groups: Texts): void {
  texts.en = { ...texts.en, ...groups };
}

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
  if (language === "de") texts.de ??= (await import("./de")).de;
  current = language;
  plurals = new Intl.PluralRules(language);
  // Screen readers choose their voice by the `lang` attribute, and browsers their hyphenation.
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
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
  document.documentElement.lang = current;
}

function readChoice(): Language | undefined {
  try {
    const name = localStorage.getItem("language");
    return name !== null && isLanguage(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
