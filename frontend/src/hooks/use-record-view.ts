import { useEffect, useRef } from "react";

import { newEvent, useRecordInteraction } from "@/services/events";

/** Tell the shop once that the product was looked at, as soon as it is on screen. */
export function useRecordView(productId: number): void {
  const recorded = useRef<number>(null);
  const { mutate } = useRecordInteraction();
  useEffect(() => {
    if (recorded.current === productId) return;
    recorded.current = productId;
    mutate(newEvent(productId, "view"));
  }, [productId, mutate]);
}
