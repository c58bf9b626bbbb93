import { client, unwrap } from "./client";
import { Outbox } from "./outbox";
import type { InteractionType } from "./types";

/** Where the shopper found a product: the id of the served list or the search, and the position, from 0. */
export interface ListPosition {
  list_id: string;
  position: number;
}

interface Interaction extends Partial<ListPosition> {
  product_id: number;
  interaction_type: InteractionType;
  event_id: string;
  /** When it was, by this browser's clock. */
  timestamp: string;
}

/** The server refuses events that are older than five minutes. */
const longestDelayMilliseconds = 4 * 60_000;

/**
 * Return an interaction as the server takes it: with its age, because the clock of a phone may be wrong.
 *
 * One that waited for long, or that was kept while the clock was set, gets the time of its arrival.
 */
function toEvent({ timestamp, ...interaction }: Interaction) {
  const age = Date.now() - Date.parse(timestamp);
  const isKnown = age >= 0 && age <= longestDelayMilliseconds;
  return { user_id: "me" as const, ...interaction, ...(isKnown && { age_seconds: age / 1000 }) };
}

/** What the shopper did. The server ignores an interaction whose `event_id` it has already. */
export const interactionOutbox = new Outbox<Interaction>({
  name: "events",
  batchDelayMilliseconds: 100,
  key: ({ event_id }) => event_id,
  send: async (interactions, keepalive) => {
    const { results } = await unwrap(
      client.POST("/api/interactions/", {
        body: { interactions: interactions.map(toEvent) },
        keepalive,
      }),
    );
    const failed = new Set(
      results.filter(({ status }) => status === 429 || status >= 500).map(({ index }) => index),
    );
    return interactions.filter((_, index) => !failed.has(index));
  },
});

/** Put an interaction into the outbox, which sends it soon. */
export function recordInteraction(
  productId: number,
  interactionType: InteractionType,
  listPosition?: ListPosition,
): void {
  interactionOutbox.add({
    product_id: productId,
    interaction_type: interactionType,
    event_id: crypto.randomUUID(),
    timestamp: new Date().toISOString(),
    ...listPosition,
  });
}

interface Impression {
  list_id: string;
  product_id: number;
}

/** Which products of a served list the shopper has seen. */
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
