import { type ReactNode, useMemo, useSyncExternalStore } from "react";

import { TranslationContext } from "@/hooks/use-translation";
import { getLanguage, onLanguage, t } from "@/i18n";

/** Renders everything below again when the language changes. */
export function Translated({ children }: { children: ReactNode }) {
  const language = useSyncExternalStore(onLanguage, getLanguage);
  const translation = useMemo(
    () => ({ language, t: (...text: Parameters<typeof t>) => t(...text) }),
    [language],
  );
  return <TranslationContext value={translation}>{children}</TranslationContext>;
}
