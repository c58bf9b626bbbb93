import { useEffect, useState } from "react";

import { type Suggestion, useSuggestionsQuery } from "@/services/search";

const debounceMilliseconds = 150;

/** Suggestions for the words being typed, debounced. */
export function useSuggestions(words: string): Suggestion[] {
  const [debounced, setDebounced] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => {
      setDebounced(words.trim());
    }, debounceMilliseconds);
    return () => {
      clearTimeout(timer);
    };
  }, [words]);
  const suggestions = useSuggestionsQuery(debounced).data?.suggestions ?? [];
  return words.trim() === "" ? [] : suggestions;
}
