import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { sum, times } from "./amounts";
import { client, unwrap } from "./client";
import type { ListPosition } from "./events";
import { refreshPersonalQueries } from "./personal-queries";
import type { Cart } from "./types";

export const cartQuery = () =>
  queryOptions({
    queryKey: ["cart"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/cart/", { signal })),
  });

interface CartChange {
  productId: number;
  quantity: number;
}

interface Addition extends CartChange {
  /** The list that led to the product. */
  served?: ListPosition | undefined;
}

const add = ({ productId, quantity, served }: Addition) =>
  unwrap(client.POST("/api/cart/", { body: { product_id: productId, quantity, ...served } }));

const change = ({ productId, quantity }: CartChange) =>
  unwrap(
    quantity === 0
      ? client.DELETE("/api/cart/{product_id}/", { params: { path: { product_id: productId } } })
      : client.PATCH("/api/cart/{product_id}/", {
          params: { path: { product_id: productId } },
          body: { quantity },
        }),
  );

export const cartMutationKey = ["cart-change"] as const;

export const useCart = () => useQuery(cartQuery());

/** Put pieces of a product into the cart, beside those that are there. */
export const useAddToCart = () => useCartMutation(add);

/** Set how many pieces of a product are in the cart; none takes it out. Shown before it is done. */
export const useChangeCart = () => useCartMutation(change, setQuantityInCart);

function useCartMutation<Change extends CartChange>(
  mutationFn: (change: Change) => Promise<Cart>,
  applyOptimistically?: (cart: Cart, change: Change) => Cart,
) {
  const queryClient = useQueryClient();
  const { queryKey } = cartQuery();
  return useMutation({
    mutationKey: cartMutationKey,
    mutationFn,
    // One after the other: answers that overtake each other would bring an old cart back.
    scope: { id: "cart" },
    onMutate: async (change) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (applyOptimistically && before) queryClient.setQueryData(queryKey, applyOptimistically(before, change));
      return before;
    },
    onError: (_error, _change, before) => {
      if (before) queryClient.setQueryData(queryKey, before);
    },
    onSuccess: async (cart) => {
      queryClient.setQueryData(queryKey, cart);
      await refreshPersonalQueries(queryClient);
    },
  });
}

/** The cart as the server will answer it. */
export function setQuantityInCart(cart: Cart, { productId, quantity }: CartChange): Cart {
  const items = cart.items
    .map((line) =>
      line.product.id === productId
        ? { ...line, quantity, line_total: times(line.product.price, quantity) }
        : line,
    )
    .filter((line) => line.quantity > 0);
  return {
    ...cart,
    items,
    item_count: items.reduce((pieces, line) => pieces + line.quantity, 0),
    total: sum(items.map(({ line_total }) => line_total)),
  };
}
