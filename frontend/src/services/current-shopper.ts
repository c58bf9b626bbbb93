import type { Me } from "./types";

const storageKey = "shopper";

/** Who the shop says is shopping: the id of an account, or a visitor. */
export type Shopper = string;

let current: Shopper | undefined;
let isChanging = false;
const listeners = new Set<(before: Shopper | undefined) => void>();

/** Who is shopping; undefined until the server has said so. */
export const getShopper = () => current;

/** Whether somebody is signing in or out: until it is clear who shops, nothing may be sent. */
export const isShopperChanging = () => isChanging;

export function beginShopperChange(): void {
  isChanging = true;
}

/** Remember what the server said. Listeners are also told when the shopper is the same as before. */
export function setShopper(me: Pick<Me, "user_id"> | undefined): void {
  const before = current;
  current = me?.user_id == null ? "visitor" : String(me.user_id);
  isChanging = false;
  try {
    // Other tabs hear of it.
    if (localStorage.getItem(storageKey) !== current) localStorage.setItem(storageKey, current);
  } catch {
    // Storage is blocked: other tabs find out with their next question.
  }
  for (const listener of listeners) listener(before);
}

/** End a change that failed: the same shopper goes on. */
export function cancelShopperChange(): void {
  isChanging = false;
}

/** Call the listener, with the shopper before, whenever the server says who shops; returns a function that unsubscribes it. */
export function onShopper(listener: (before: Shopper | undefined) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Call the listener when somebody signed in or out in another tab; returns a function that stops this. */
export function onOtherTab(listener: () => void): () => void {
  const handleStorage = ({ key, newValue }: StorageEvent) => {
    if (key === storageKey && newValue !== current) listener();
  };
  window.addEventListener("storage", handleStorage);
  return () => {
    window.removeEventListener("storage", handleStorage);
  };
}
