import { type RefCallback, useCallback } from "react";

import { impressionOutbox } from "@/services/events";

const share = 0.5;
const milliseconds = 1000;

/**
 * For the element whose children are the products of a served list, in its order.
 *
 * A product counts as seen when half of it was on screen for a second.
 */
export function useImpressions(listId: string, productIds: number[]): RefCallback<HTMLElement> {
  const known = productIds.join(" ");
  return useCallback(
    (row: HTMLElement | null) => {
      if (row === null || known === "") return undefined;
      const ids = known.split(" ").map(Number);
      const timers = new Map<Element, ReturnType<typeof setTimeout>>();
      const watch = new IntersectionObserver(
        (entries) => {
          for (const { target, isIntersecting } of entries) {
            clearTimeout(timers.get(target));
            if (!isIntersecting) continue;
            const seen = () => {
              watch.unobserve(target);
              const id = ids[[...row.children].indexOf(target)];
              if (id !== undefined) impressionOutbox.add({ list_id: listId, product_id: id });
            };
            timers.set(target, setTimeout(seen, milliseconds));
          }
        },
        { threshold: share },
      );
      for (const child of row.children) watch.observe(child);
      return () => {
        watch.disconnect();
        for (const timer of timers.values()) clearTimeout(timer);
      };
    },
    [listId, known],
  );
}
