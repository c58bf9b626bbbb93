import { startTransition, useEffect, useState } from "react";

/** The number of large parts to render now: one in the first render, one more in each later one. */
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
