import { createContext, use } from "react";

export interface ToastMessage {
  text: string;
  /** How long it is shown; five seconds by default. */
  milliseconds?: number;
  action?: { label: string; run: () => void };
}

export interface ShownToast extends ToastMessage {
  id: string;
}

interface Toasts {
  show: (message: ToastMessage) => void;
  /** Take away the messages that are shown: they would cover what has just opened. */
  clear: () => void;
}

export const ToastContext = createContext<Toasts | null>(null);

export function useToast(): Toasts {
  const toasts = use(ToastContext);
  if (toasts === null) throw new Error("useToast needs a <Toaster> above it.");
  return toasts;
}
