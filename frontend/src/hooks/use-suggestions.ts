import { useEffect, useState } from "react";

import { type Suggestion, useSuggestionsQuery } from "@/services/search";

const debounceMilliseconds = 150;

/** What the shop suggests for the words being typed, once the typing pauses. */
export function useSuggestions(words: string): Suggestion[] {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(words.trim());
    }, debounceMilliseconds);
    return () => {
      clearTimeout(timer);
    };
  }, [words]);
  const answered = useSuggestionsQuery(settled).data?.suggestions ?? [];
  return words.trim() === "" ? [] : answered;
}
