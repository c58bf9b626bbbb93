import { type RefObject, useEffect, useState } from "react";

/**
 * Apply an update at once if the element is below what the reader sees.
 *
 * Returns whether an update waits: the element is in sight or above, where a change would be a jump
 * under the eyes or the pointer.
 */
export function useUpdateOutOfSight<Update>(
  element: RefObject<HTMLElement | null>,
  update: Update | undefined,
  apply: (update: Update) => void,
): boolean {
  const [offered, setOffered] = useState<Update>();
  useEffect(() => {
    if (update === undefined) return undefined;
    // Browsers hardly animate a window behind others.
    const timer = setTimeout(() => {
      if (element.current === null) return;
      const isBelow = element.current.getBoundingClientRect().top >= window.innerHeight;
      const hasFocus = element.current.contains(document.activeElement);
      if (isBelow && !hasFocus) apply(update);
      else setOffered(update);
    });
    return () => {
      clearTimeout(timer);
    };
    // `apply` is another function at each render, and does the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [element, update]);
  return update !== undefined && offered === update;
}
