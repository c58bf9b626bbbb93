import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { multiplyAmount, sumAmounts } from "./amounts";
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

interface CartAddition extends CartChange {
  /** The list that led to the product. */
  listPosition?: ListPosition | undefined;
}

const addToCart = ({ productId, quantity, listPosition }: CartAddition) =>
  unwrap(client.POST("/api/cart/", { body: { product_id: productId, quantity, ...listPosition } }));

const sendQuantity = ({ productId, quantity }: CartChange) =>
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

/** Add pieces of a product to those in the cart. */
export const useAddToCart = () => useCartMutation(addToCart);

/** Set the quantity of a product, optimistically; 0 removes it from the cart. */
export const useSetQuantity = () => useCartMutation(sendQuantity, setQuantityInCart);

function useCartMutation<Change extends CartChange>(
  mutationFn: (change: Change) => Promise<Cart>,
  applyOptimistically?: (cart: Cart, change: Change) => Cart,
) {
  const queryClient = useQueryClient();
  const { queryKey } = cartQuery();
  return useMutation({
    mutationKey: cartMutationKey,
    mutationFn,
    // Mutations run one after the other: a response out of order would restore an old cart.
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

/** Return the cart with another quantity of a product, as the server will return it. */
export function setQuantityInCart(cart: Cart, { productId, quantity }: CartChange): Cart {
  const items = cart.items
    .map((line) =>
      line.product.id === productId
        ? { ...line, quantity, line_total: multiplyAmount(line.product.price, quantity) }
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
