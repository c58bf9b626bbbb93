import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { impressionOutbox, interactionOutbox } from "@/services/events";
import { refreshPersonalQueries } from "@/services/personal-queries";

/**
 * Deliver events while the shop is open; what was delivered shows wherever the shopper looks next.
 */
export function useEventDelivery(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const ends = [
      interactionOutbox.onDelivered(() => {
        void refreshPersonalQueries(queryClient);
      }),
      interactionOutbox.start(),
      impressionOutbox.start(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queryClient]);
}
