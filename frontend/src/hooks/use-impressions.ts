import { type RefCallback, useCallback } from "react";

import { impressionOutbox } from "@/services/events";

const visibleShare = 0.5;
const visibleMilliseconds = 1000;

/**
 * Report which products of a served list the shopper has seen.
 *
 * The returned ref is for the element whose children are the products, in the order of
 * `productIds`. A product counts as seen after half of it was in view for one second.
 */
export function useImpressions(listId: string, productIds: number[]): RefCallback<HTMLElement> {
  // Strings are compared by value, so an equal array does not restart the observer.
  const joinedIds = productIds.join(" ");
  return useCallback(
    (row: HTMLElement | null) => {
      if (row === null || joinedIds === "") return undefined;
      const ids = joinedIds.split(" ").map(Number);
      const timers = new Map<Element, ReturnType<typeof setTimeout>>();
      const observer = new IntersectionObserver(
        (entries) => {
          for (const { target, isIntersecting } of entries) {
            clearTimeout(timers.get(target));
            if (!isIntersecting) continue;
            const addImpression = () => {
              observer.unobserve(target);
              const id = ids[[...row.children].indexOf(target)];
              if (id !== undefined) impressionOutbox.add({ list_id: listId, product_id: id });
            };
            timers.set(target, setTimeout(addImpression, visibleMilliseconds));
          }
        },
        { threshold: visibleShare },
      );
      for (const child of row.children) observer.observe(child);
      return () => {
        observer.disconnect();
        for (const timer of timers.values()) clearTimeout(timer);
      };
    },
    [listId, joinedIds],
  );
}
