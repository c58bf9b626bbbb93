import type { Me } from "./types";

const storageKey = "shopper";

/** Who the shop says is shopping: the id of an account, or a visitor. */
export type Shopper = string;

let current: Shopper | undefined;
let change: { ended: Promise<void>; end: () => void } | undefined;
let changesBegun = 0;
const listeners = new Set<(before: Shopper | undefined) => void>();

/** Who is shopping; undefined until the server has said so. */
export const getShopper = () => current;

/** Whether somebody is signing in or out: until it is clear who shops, nothing may be sent. */
export const isShopperChanging = () => change !== undefined;

/** Wait until nobody is signing in or out. */
export async function waitForShopper(): Promise<void> {
  while (change !== undefined) await change.ended;
}

/** Say that somebody is signing in or out, until `endShopperChange` is called. */
export function beginShopperChange(): void {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  change = { ended, end };
  changesBegun += 1;
}

/** End a change. If it failed, the same shopper goes on. */
export function endShopperChange(): void {
  change?.end();
  change = undefined;
}

/** Ask the server who is shopping; an answer that a sign-in or sign-out has overtaken is asked for again. */
export async function askForShopper(ask: () => Promise<Me>): Promise<Me> {
  for (;;) {
    await waitForShopper();
    const changesBefore = changesBegun;
    const me = await ask();
    if (changesBegun !== changesBefore) continue;
    setShopper(me);
    return me;
  }
}

/** Remember what the server said. Listeners are also told when the shopper is the same as before. */
export function setShopper(me: Pick<Me, "user_id"> | undefined): void {
  const before = current;
  current = me?.user_id == null ? "visitor" : String(me.user_id);
  try {
    // Other tabs hear of it.
    if (localStorage.getItem(storageKey) !== current) localStorage.setItem(storageKey, current);
  } catch {
    // Storage is blocked: other tabs find out with their next question.
  }
  for (const listener of listeners) listener(before);
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
