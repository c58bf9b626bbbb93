import { useEffect, useRef } from "react";

import { recordInteraction, type ListPosition } from "@/services/events";

/** Record one view of the product when it is first on screen. */
export function useRecordView(productId: number, listPosition?: ListPosition): void {
  const recorded = useRef<number>(null);
  useEffect(() => {
    if (recorded.current === productId) return;
    recorded.current = productId;
    recordInteraction(productId, "view", listPosition);
  }, [productId, listPosition]);
}
