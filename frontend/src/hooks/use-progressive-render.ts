import { startTransition, useEffect, useState } from "react";

/** How many of several large parts to render by now: one at first, then one more at a time. */
export function useProgressiveRender(parts: number): number {
  const [rendered, setRendered] = useState(1);
  useEffect(() => {
    if (rendered >= parts) return;
    const timer = setTimeout(() => {
      startTransition(() => {
        setRendered(rendered + 1);
      });
    });
    return () => {
      clearTimeout(timer);
    };
  }, [rendered, parts]);
  return rendered;
}
