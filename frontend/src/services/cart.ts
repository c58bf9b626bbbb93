import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { Cart } from "./types";

export const cartQuery = () =>
  queryOptions({
    queryKey: ["cart"],
    queryFn: ({ signal }) => answer(client.GET("/api/cart/", { signal })),
  });

interface CartChange {
  productId: number;
  quantity: number;
}

const add = ({ productId, quantity }: CartChange) =>
  answer(client.POST("/api/cart/", { body: { product_id: productId, quantity } }));

const change = ({ productId, quantity }: CartChange) =>
  answer(
    quantity === 0
      ? client.DELETE("/api/cart/{product_id}/", { params: { path: { product_id: productId } } })
      : client.PATCH("/api/cart/{product_id}/", {
          params: { path: { product_id: productId } },
          body: { quantity },
        }),
  );

export const useCart = () => useQuery(cartQuery());

/** Put pieces of a product into the cart, beside those that are there. */
export const useAddToCart = () => useCartMutation(add);

/** Set how many pieces of a product are in the cart; none takes it out. Shown before it is done. */
export const useChangeCart = () => useCartMutation(change, withQuantity);

function useCartMutation(
  mutationFn: typeof add,
  foresee?: (cart: Cart, change: CartChange) => Cart,
) {
  const queryClient = useQueryClient();
  const { queryKey } = cartQuery();
  return useMutation({
    mutationFn,
    // One after the other: answers that overtake each other would bring an old cart back.
    scope: { id: "cart" },
    onMutate: async (change) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      if (foresee && before) queryClient.setQueryData(queryKey, foresee(before, change));
      return before;
    },
    onError: (_error, _change, before) => {
      if (before) queryClient.setQueryData(queryKey, before);
    },
    onSuccess: async (cart) => {
      queryClient.setQueryData(queryKey, cart);
      await queryClient.invalidateQueries({ queryKey: ["personal"], refetchType: "inactive" });
    },
  });
}

/** The cart as the server will answer it. Amounts are counted in hundredths, never in floats. */
export function withQuantity(cart: Cart, { productId, quantity }: CartChange): Cart {
  const items = cart.items
    .map((line) =>
      line.product.id === productId
        ? { ...line, quantity, line_total: decimal(hundredths(line.product.price) * BigInt(quantity)) }
        : line,
    )
    .filter((line) => line.quantity > 0);
  return {
    ...cart,
    items,
    item_count: items.reduce((sum, line) => sum + line.quantity, 0),
    total: decimal(items.reduce((sum, line) => sum + hundredths(line.line_total), 0n)),
  };
}

function hundredths(amount: string): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
}

function decimal(amount: bigint): string {
  const digits = amount.toString().padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
