import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { events, impressions } from "@/services/events";

/**
 * Deliver events while the shop is open.
 *
 * Each delivery makes the lists that depend on the shopper stale. Those not on screen are fetched
 * again at once, so that they have changed when they are next seen; those on screen stay still
 * under the hand.
 */
export function useEventDelivery(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const ends = [
      events.onDelivered(() => {
        void queryClient.invalidateQueries({ queryKey: ["personal"], refetchType: "inactive" });
      }),
      events.start(),
      impressions.start(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queryClient]);
}
