import { client, unwrap } from "./client";
import { Outbox } from "./outbox";
import type { InteractionType } from "./types";

/** Where a product stood when the shopper took it up: which served list, and which place in it. */
export interface ListPosition {
  list_id: string;
  position: number;
}

interface ShopEvent extends Partial<ListPosition> {
  product_id: number;
  interaction_type: InteractionType;
  event_id: string;
  timestamp: string;
}

/** What the shopper did. The shop drops an event whose id it knows. */
export const interactionOutbox = new Outbox<ShopEvent>({
  name: "events",
  batchDelayMilliseconds: 100,
  key: (event) => event.event_id,
  send: async (interactions, keepalive) => {
    const { results } = await unwrap(
      client.POST("/api/interactions/", {
        body: { interactions: interactions.map((event) => ({ user_id: "me" as const, ...event })) },
        keepalive,
      }),
    );
    const later = new Set(
      results.filter(({ status }) => status === 429 || status >= 500).map(({ index }) => index),
    );
    return interactions.filter((_event, index) => !later.has(index));
  },
});

/** Note what the shopper did; the one door for events. */
export function recordInteraction(productId: number, type: InteractionType, served?: ListPosition): void {
  interactionOutbox.add({
    product_id: productId,
    interaction_type: type,
    event_id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    ...served,
  });
}

interface Impression {
  list_id: string;
  product_id: number;
}

/** Which products of a served list came before the shopper's eyes. */
export const impressionOutbox = new Outbox<Impression>({
  name: "impressions",
  batchDelayMilliseconds: 2000,
  key: ({ list_id, product_id }) => `${list_id} ${product_id}`,
  send: async (seen, keepalive) => {
    const list_id = seen[0]?.list_id ?? "";
    const sameList = seen.filter((impression) => impression.list_id === list_id);
    const product_ids = sameList.map(({ product_id }) => product_id);
    await unwrap(client.POST("/api/impressions/", { body: { list_id, product_ids }, keepalive }));
    return sameList;
  },
});
