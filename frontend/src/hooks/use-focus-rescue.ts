import { useEffect } from "react";

const focusable =
  "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]";

/**
 * Move the focus to what stands next to it when the element that has it is removed.
 *
 * The browser gives it to the body then, and the keyboard would start over at the top of the page. In a
 * list the same control of the next row gets it, or of the row before; elsewhere the first control of
 * what took the place. Who places the focus at the same time, such as a dialog that closes, has
 * precedence.
 */
export function useFocusRescue(): void {
  useEffect(() => {
    let focused: Element | null = null;
    const remember = ({ target }: FocusEvent) => {
      focused = target instanceof Element ? target : null;
    };
    const forget = ({ target, relatedTarget }: FocusEvent) => {
      if (relatedTarget !== null) return;
      // An element that is being removed loses the focus, too.
      queueMicrotask(() => {
        if (focused === target && focused?.isConnected === true) focused = null;
      });
    };
    const observer = new MutationObserver((records) => {
      const lost = focused;
      if (lost === null || lost.isConnected) return;
      const removal = findRemoval(records, lost);
      if (removal === undefined) return;
      focused = null;
      requestAnimationFrame(() => {
        if (isFocusLost()) findSuccessor(removal, lost)?.focus();
      });
    });
    document.addEventListener("focusin", remember);
    document.addEventListener("focusout", forget);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      document.removeEventListener("focusout", forget);
      observer.disconnect();
    };
  }, []);
}

interface Removal {
  removed: Element;
  parent: Node;
  next: Node | null;
  previous: Node | null;
}

function findRemoval(records: MutationRecord[], lost: Element): Removal | undefined {
  for (const { removedNodes, target, nextSibling, previousSibling } of records) {
    for (const node of removedNodes) {
      if (node instanceof Element && node.contains(lost)) {
        return { removed: node, parent: target, next: nextSibling, previous: previousSibling };
      }
    }
  }
  return undefined;
}

/** Whether nothing has the focus, or only the dialog around what had it. */
const isFocusLost = () => document.activeElement === document.body || document.activeElement?.getAttribute("role") === "dialog";

function findSuccessor({ removed, parent, next, previous }: Removal, lost: Element): HTMLElement | null {
  const position = [...removed.querySelectorAll(focusable)].indexOf(lost);
  const replacement = previous?.isConnected === true ? previous.nextSibling : next;
  for (const row of [replacement, previous]) {
    if (!(row instanceof HTMLElement) || !row.isConnected) continue;
    if (row.matches(focusable)) return row;
    const controls = row.querySelectorAll<HTMLElement>(focusable);
    const control = (row.localName === removed.localName ? controls[position] : undefined) ?? controls[0];
    if (control !== undefined) return control;
  }
  // The part of the page around it.
  for (let part = parent instanceof Element ? parent : null; part !== null; part = part.parentElement) {
    if (!part.isConnected) continue;
    if (part instanceof HTMLElement && part.matches("[tabindex]")) return part;
    const control = part.querySelector<HTMLElement>(focusable);
    if (control !== null) return control;
  }
  return null;
}
