import { useRef } from "react";

/** Return the focus when a dialog closes; for dialogs without a Radix trigger, which do not by themselves. */
export function useReturnFocus() {
  const before = useRef<{ element: Element | null; path: string }>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = { element: document.activeElement, path: window.location.pathname };
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      // A link in the dialog led to another page, which has the focus now.
      if (before.current?.path !== window.location.pathname) return;
      if (before.current.element instanceof HTMLElement) before.current.element.focus();
    },
  };
}
