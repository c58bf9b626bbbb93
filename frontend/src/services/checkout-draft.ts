import { getShopper, onShopper } from "./current-shopper";
import type { OrderRequest } from "./orders";

const storageKey = "checkout";
const clearedKey = "checkout-cleared";

export interface Address {
  email: string;
  name: string;
  street: string;
  postcode: string;
  city: string;
  country: string;
}

/** What the checkout keeps for this tab, so that a reload loses nothing. */
export interface CheckoutDraft {
  address?: Partial<Address>;
  method?: "home" | "pickup";
  /** The order that was sent and not answered yet, by its attempt. */
  sent?: { attempt: string; body: OrderRequest };
  /** What the attempt asked for when it was first sent. */
  first?: { attempt: string; body: OrderRequest };
  /** The last order that was placed. */
  placed?: { attempt: string; order: number };
  /** Who was shopping when it was saved. */
  shopper?: string | undefined;
}

/** What storage, blocked or full, did not take. It lasts until the page is left. */
let unsaved: CheckoutDraft | undefined;

export function readDraft(): CheckoutDraft {
  if (unsaved !== undefined) return unsaved;
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "{}") as CheckoutDraft;
  } catch {
    return {};
  }
}

/** Keep these parts; a part that is undefined is dropped, the others stay. */
export function saveDraft(parts: { [Part in keyof CheckoutDraft]: CheckoutDraft[Part] | undefined }): void {
  const before = readDraft();
  const draft = { ...before, ...parts, shopper: getShopper() ?? before.shopper } as CheckoutDraft;
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(draft));
    unsaved = undefined;
  } catch {
    unsaved = draft;
  }
}

/** Forget what was entered, in every tab: somebody else uses this browser now. */
export function clearDraft(): void {
  dropDraft();
  try {
    localStorage.setItem(clearedKey, crypto.randomUUID());
  } catch {
    // Storage is blocked: other tabs forget it when they hear who is shopping.
  }
}

const listeners = new Set<() => void>();
let clearings = 0;

/** Call the listener when the draft was forgotten; returns a function that unsubscribes it. */
export function onClearedDraft(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How often this tab has forgotten a draft. */
export const countClearedDrafts = () => clearings;

window.addEventListener("storage", ({ key }) => {
  if (key === clearedKey) dropDraft();
});

// A visitor who signs in takes the draft along; what an account entered is for that account alone.
onShopper(() => {
  const { shopper } = readDraft();
  if (shopper === undefined || shopper === getShopper()) return;
  if (shopper === "visitor") saveDraft({});
  else dropDraft();
});

function dropDraft(): void {
  unsaved = undefined;
  try {
    sessionStorage.removeItem(storageKey);
  } catch {
    // Storage is blocked: nothing was kept.
  }
  clearings += 1;
  for (const listener of listeners) listener();
}
