import { type RefObject, useEffect, useState } from "react";

/** Whether a row that scrolls sideways has something to show before and after what is in view. */
export function useOverflow(row: RefObject<HTMLElement | null>) {
  const [canScrollBack, setBack] = useState(false);
  const [canScrollForward, setForward] = useState(false);

  useEffect(() => {
    const element = row.current;
    if (element === null) return undefined;
    const measure = () => {
      const { scrollLeft, scrollWidth, clientWidth } = element;
      // The browser rounds positions.
      setBack(scrollLeft > 1);
      setForward(scrollLeft + clientWidth < scrollWidth - 1);
    };
    const size = new ResizeObserver(measure);
    const content = new MutationObserver(measure);
    size.observe(element);
    content.observe(element, { childList: true, subtree: true });
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      size.disconnect();
      content.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [row]);

  return { canScrollBack, canScrollForward };
}
