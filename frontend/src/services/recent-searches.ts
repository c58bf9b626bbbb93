import { useSyncExternalStore } from "react";

import { getShopper, onShopper } from "./current-shopper";

const most = 8;
const prefix = "recent-searches:";
const none: string[] = [];
const listeners = new Set<() => void>();
let read: { text: string | null; words: string[] } = { text: null, words: none };

/** Remember what the shopper searched for, in this browser only; the latest stands first. */
export function rememberSearch(words: string): void {
  const others = getSearches().filter((one) => one.toLowerCase() !== words.toLowerCase());
  write(JSON.stringify([words, ...others].slice(0, most)));
}

/** Forget what the present shopper searched for. */
export function forgetSearches(): void {
  write(null);
}

/** What the present shopper searched for in this browser, the latest first. */
export const useRecentSearches = () => useSyncExternalStore(subscribe, getSearches);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const unsubscribe = onShopper(listener);
  return () => {
    listeners.delete(listener);
    unsubscribe();
  };
}

function getSearches(): string[] {
  let text: string | null = null;
  try {
    text = localStorage.getItem(getKey());
    // The same text is the same array: React compares.
    if (text !== read.text) read = { text, words: parse(text) };
  } catch {
    return none;
  }
  return text === null ? none : read.words;
}

function parse(text: string | null): string[] {
  const stored: unknown = JSON.parse(text ?? "[]");
  return Array.isArray(stored) ? stored.filter((one) => typeof one === "string") : none;
}

function write(text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(getKey());
    else localStorage.setItem(getKey(), text);
  } catch {
    // Storage is blocked or full: nothing is remembered.
  }
  for (const listener of listeners) listener();
}

/** Each shopper has searches of their own; until the server has said who shops, there are none. */
const getKey = () => prefix + (getShopper() ?? "unknown");
