import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { cartQuery } from "./cart";
import { readDraft, saveDraft } from "./checkout-draft";
import { ApiError, client, isTransient, unwrap } from "./client";
import { refreshPersonalQueries } from "./personal-queries";
import type { components } from "./schema";
import type { Cart } from "./types";

export type OrderRequest = components["schemas"]["CheckoutRequest"];
export type OrderChange = components["schemas"]["CheckoutChange"];
type OrderProblem = components["schemas"]["CheckoutProblem"];

const ordersQuery = () =>
  queryOptions({
    queryKey: ["orders"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/orders/", { signal })),
  });

export const useOrders = () => useQuery(ordersQuery());

/** An order may be placed while an older answer about the cart is on its way. */
const answerMilliseconds = 5_000;

/**
 * The order that another tab made of this cart after it was received here; null if there is none.
 *
 * `receivedAt` is the time by the browser's clock, which may differ from that of the shop.
 */
export const useOrderOf = (cart: Cart, receivedAt: number) =>
  useQuery({
    queryKey: [...ordersQuery().queryKey, "with clock"],
    queryFn: async ({ signal }) => {
      const answer = await client.GET("/api/orders/", { signal });
      const { orders } = await unwrap(Promise.resolve(answer));
      const shopTime = Date.parse(answer.response.headers.get("Date") ?? "");
      return { orders, clockDifference: Number.isNaN(shopTime) ? 0 : shopTime - Date.now() };
    },
    // Another tab may have placed it a moment ago.
    staleTime: 0,
    select: ({ orders, clockDifference }) =>
      orders.find(
        ({ id, created_at, lines }) =>
          Date.parse(created_at) > receivedAt + clockDifference - answerMilliseconds &&
          id !== readDraft().placed?.order &&
          cart.items.every(({ product, variant }) =>
            lines.some(
              ({ product_id, variant_id }) => product_id === product.id && variant_id === (variant?.id ?? null),
            ),
          ),
      ) ?? null,
  });

interface Attempt {
  /** Names the attempt: sent again, it leads to the same order. */
  attempt: string;
  body: OrderRequest;
}

const sendOrder = ({ attempt, body }: Attempt) =>
  unwrap(client.POST("/api/orders/", { params: { header: { "Idempotency-Key": attempt } }, body }));

/** Place an order; if the attempt has placed one before it was changed here, return that one. */
async function placeOrder(order: Attempt) {
  try {
    return await sendOrder(order);
  } catch (error) {
    const { first } = readDraft();
    const isPlaced = error instanceof ApiError && error.code === "idempotency_conflict";
    if (!isPlaced || first?.attempt !== order.attempt) throw error;
    // The answer and its cookie were lost. The order is shown only to who knows all of it.
    return sendOrder(first);
  }
}

/** Place an order, once, however often the same attempt is sent. */
export function usePlaceOrder() {
  const queryClient = useQueryClient();
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries(cartQuery()),
      queryClient.invalidateQueries(ordersQuery()),
      queryClient.invalidateQueries({ queryKey: ["product"] }),
      refreshPersonalQueries(queryClient),
    ]);
  return useMutation({
    mutationFn: placeOrder,
    retry: (failures, error) => failures < 2 && isTransient(error),
    onMutate: (sent) => {
      const { first = sent } = readDraft();
      saveDraft({ sent, first: first.attempt === sent.attempt ? first : sent });
    },
    onSuccess: ({ id }, { attempt }) => {
      saveDraft({ sent: undefined, first: undefined, placed: { attempt, order: id } });
      return refresh();
    },
    onError: (error, { attempt }) => {
      if (isTransient(error)) return;
      const placed = getProblem(error)?.order_id;
      saveDraft({
        sent: undefined,
        first: undefined,
        placed: placed === undefined ? readDraft().placed : { attempt, order: placed },
      });
      return refresh();
    },
  });
}

/** The lines of an order that cannot be had any more, if that is why it was not placed. */
export const findGoneLines = (error: Error | null): OrderChange[] =>
  (getProblem(error)?.changes ?? []).filter(({ now }) => now === null);

/** What the shop answered to an order that it did not place. */
export const getProblem = (error: Error | null): OrderProblem | undefined =>
  error instanceof ApiError ? (error.problem as OrderProblem) : undefined;
