import { startTransition, useEffect, useState } from "react";

/** How many of several large parts to draw by now: one at first, then one more at a time. */
export function useProgressiveRender(parts: number): number {
  const [drawn, setDrawn] = useState(1);
  useEffect(() => {
    if (drawn >= parts) return;
    const timer = setTimeout(() => {
      startTransition(() => {
        setDrawn(drawn + 1);
      });
    });
    return () => {
      clearTimeout(timer);
    };
  }, [drawn, parts]);
  return drawn;
}
