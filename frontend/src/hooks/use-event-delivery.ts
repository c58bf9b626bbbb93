import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { events, impressions } from "@/services/events";
import { refreshPersonalQueries } from "@/services/personal-queries";

/**
 * Deliver events while the shop is open; what was delivered shows wherever the shopper looks next.
 */
export function useEventDelivery(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const ends = [
      events.onDelivered(() => {
        void refreshPersonalQueries(queryClient);
      }),
      events.start(),
      impressions.start(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queryClient]);
}
