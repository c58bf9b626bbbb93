import { useEffect, useRef } from "react";

import { recordInteraction, type ListPosition } from "@/services/events";

/** Tell the shop once that the product was looked at, as soon as it is on screen. */
export function useRecordView(productId: number, served?: ListPosition): void {
  const recorded = useRef<number>(null);
  useEffect(() => {
    if (recorded.current === productId) return;
    recorded.current = productId;
    recordInteraction(productId, "view", served);
  }, [productId, served]);
}
