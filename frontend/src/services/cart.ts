import { type QueryClient, queryOptions, useMutation, useQuery } from "@tanstack/react-query";

import { multiplyAmount, sumAmounts } from "./amounts";
import { type Change, changeKey, changeOptions, makeChange } from "./changes";
import { client, unwrap } from "./client";
import type { ListPosition } from "./events";
import { refreshPersonalQueries } from "./personal-queries";
import type { Cart } from "./types";

export const cartQuery = () =>
  queryOptions({
    queryKey: ["cart"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/cart/", { signal })),
  });

interface Quantity {
  productId: number;
  /** Which variant of a product that has some. */
  variantId?: number | undefined;
  quantity: number;
}

interface Addition extends Quantity {
  /** The list that led to the product. */
  listPosition?: ListPosition | undefined;
}

const addToCart = ({ productId, variantId, quantity, listPosition, eventId }: Addition & Change) =>
  unwrap(
    client.POST("/api/cart/", {
      body: {
        product_id: productId,
        ...(variantId !== undefined && { variant_id: variantId }),
        quantity,
        event_id: eventId,
        ...listPosition,
      },
    }),
  );

function sendQuantity({ productId, variantId, quantity }: Quantity) {
  const params = {
    path: { product_id: productId },
    ...(variantId !== undefined && { query: { variant_id: variantId } }),
  };
  return unwrap(
    quantity === 0
      ? client.DELETE("/api/cart/{product_id}/", { params })
      : client.PATCH("/api/cart/{product_id}/", { params, body: { quantity } }),
  );
}

export const cartMutationKey = [changeKey, "cart"] as const;
const additionKey = [...cartMutationKey, "add"];
const quantityKey = [...cartMutationKey, "quantity"];

export function registerCart(queryClient: QueryClient): void {
  queryClient.setMutationDefaults(additionKey, cartOptions(queryClient, addToCart));
  queryClient.setMutationDefaults(quantityKey, cartOptions(queryClient, sendQuantity, setQuantityInCart));
}

export const useCart = () => useQuery(cartQuery());

/** Add pieces of a product to those in the cart. */
export const useAddToCart = () => useCartMutation(additionKey);

/** Set the quantity of a product, optimistically; 0 removes it from the cart. */
export const useSetQuantity = () => useCartMutation(quantityKey);

function useCartMutation(mutationKey: readonly unknown[]) {
  const { mutate, isPending, isPaused } = useMutation<Cart, Error, Addition & Change, Cart | undefined>({
    mutationKey,
  });
  return {
    /** Whether the server is at work on it. A change that waits for the network holds up nobody. */
    isPending: isPending && !isPaused,
    mutate: (variables: Addition, onSuccess?: () => void) => {
      mutate({ ...variables, ...makeChange() }, onSuccess ? { onSuccess } : {});
    },
  };
}

function cartOptions<Variables extends Quantity & Change>(
  queryClient: QueryClient,
  mutationFn: (change: Variables) => Promise<Cart>,
  applyOptimistically?: (cart: Cart, change: Variables) => Cart,
) {
  const { queryKey } = cartQuery();
  return changeOptions({
    mutationFn,
    // Mutations run one after the other: a response out of order would restore an old cart.
    scope: { id: "cart" },
    onMutate: async (change: Variables) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (applyOptimistically && before) queryClient.setQueryData(queryKey, applyOptimistically(before, change));
      return before;
    },
    onError: (_error, _change, before) => {
      if (before) queryClient.setQueryData(queryKey, before);
      void queryClient.invalidateQueries({ queryKey });
    },
    onSuccess: async (cart) => {
      // The answer to an earlier change does not know of those that are still to come.
      const isLast = queryClient.isMutating({ mutationKey: cartMutationKey }) === 1;
      if (isLast) queryClient.setQueryData(queryKey, cart);
      await refreshPersonalQueries(queryClient);
    },
  });
}

/** Return the cart with another quantity of a product or variant, as the server will return it. */
export function setQuantityInCart(cart: Cart, { productId, variantId, quantity }: Quantity): Cart {
  const items = cart.items
    .map((line) =>
      line.product.id === productId && line.variant?.id === variantId
        ? { ...line, quantity, line_total: multiplyAmount(line.price, quantity) }
        : line,
    )
    .filter((line) => line.quantity > 0);
  return {
    ...cart,
    items,
    item_count: items.reduce((pieces, line) => pieces + line.quantity, 0),
    total: sumAmounts(items.map(({ line_total }) => line_total)),
  };
}
