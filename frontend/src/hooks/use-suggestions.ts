import { useEffect, useState } from "react";

import { type Suggestion, useSuggestionsFor } from "@/services/search";

const pauseMilliseconds = 150;

/** What the shop suggests for the words being typed, once the typing pauses. */
export function useSuggestions(words: string): Suggestion[] {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(words.trim());
    }, pauseMilliseconds);
    return () => {
      clearTimeout(timer);
    };
  }, [words]);
  const answered = useSuggestionsFor(settled).data?.suggestions ?? [];
  return words.trim() === "" ? [] : answered;
}
