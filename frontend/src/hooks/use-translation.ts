import { createContext, use } from "react";

import { getLanguage, type Language, t } from "@/i18n";

interface Translation {
  t: typeof t;
  language: Language;
}

/** A new value for each language, so that what shows texts renders again. */
export const TranslationContext = createContext<Translation>({ t, language: getLanguage() });

/** The texts of the shop in the shopper's language, and the language. */
export const useTranslation = (): Translation => use(TranslationContext);
