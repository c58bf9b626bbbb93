import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, client, isPassing } from "./client";
import type { InteractionType } from "./types";

/** Something the shopper did. The id stays the same when sending is tried again. */
interface ShopEvent {
  productId: number;
  type: InteractionType;
  eventId: string;
}

export function newEvent(productId: number, type: InteractionType): ShopEvent {
  return { productId, type, eventId: crypto.randomUUID() };
}

function send({ productId, type, eventId }: ShopEvent) {
  return answer(
    client.POST("/api/interaction/", {
      body: { user_id: "me", product_id: productId, interaction_type: type, event_id: eventId },
    }),
  );
}

/**
 * Tell the shop what was done; the one door for events.
 *
 * Lists that depend on the shopper become stale. Those not on screen are fetched again at once,
 * so that they have changed when they are next seen; those on screen stay still under the hand.
 */
export function useRecordInteraction() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: send,
    retry: (failures, error) => failures < 3 && isPassing(error),
    onSuccess: () =>
      queryClient.invalidateQueries({ queryKey: ["personal"], refetchType: "inactive" }),
  });
}
