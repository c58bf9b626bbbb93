import type { OrderRequest } from "./orders";

const storageKey = "checkout";

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
}

export function readDraft(): CheckoutDraft {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? "{}") as CheckoutDraft;
  } catch {
    return {};
  }
}

/** Keep these parts; a part that is undefined is dropped, the others stay. */
export function saveDraft(parts: { [Part in keyof CheckoutDraft]: CheckoutDraft[Part] | undefined }): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ ...readDraft(), ...parts }));
  } catch {
    // Storage is blocked: a reload asks for everything again.
  }
}

/** Forget what was entered: somebody else uses this tab now. */
export function clearDraft(): void {
  try {
    sessionStorage.removeItem(storageKey);
  } catch {
    // Storage is blocked: nothing was kept.
  }
}
