import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { impressionOutbox, interactionOutbox } from "@/services/events";
import { refreshPersonalQueries } from "@/services/personal-queries";

/** Send the outboxes while the shop is open, and refresh personal lists after each delivery. */
export function useEventDelivery(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const stops = [
      interactionOutbox.onDelivered(() => {
        void refreshPersonalQueries(queryClient);
      }),
      interactionOutbox.start(),
      impressionOutbox.start(),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [queryClient]);
}
