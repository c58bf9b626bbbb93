import { expect, test } from "vitest";

import { setQuantityInCart } from "@/services/cart";
import { cart, cartLine, productCard, variant } from "@/testing/builders";

const tea = cartLine({ product: productCard({ id: 8, price: "0.07" }), quantity: 1, line_total: "0.07" });

test("amounts are exact where floats would not be", () => {
  const before = cart({ items: [...cart().items, tea], item_count: 3, total: "99.87" });

  const after = setQuantityInCart(before, { productId: 7, quantity: 3 });

  expect(after.items[0]).toMatchObject({ quantity: 3, line_total: "149.70" });
  expect(after).toMatchObject({ item_count: 4, total: "149.77" });
});

test("amounts below one keep their zeros", () => {
  const after = setQuantityInCart(cart({ items: [tea] }), { productId: 8, quantity: 1 });

  expect(after).toMatchObject({ item_count: 1, total: "0.07" });
});

test("a quantity of zero removes the product", () => {
  const after = setQuantityInCart(cart(), { productId: 7, quantity: 0 });

  expect(after).toMatchObject({ items: [], item_count: 0, total: "0.00" });
});

test("variants of one product are lines of their own", () => {
  const [medium, large] = [variant({ id: 1, price: "19.90" }), variant({ id: 2, price: "24.90" })];
  const before = cart({
    items: [
      cartLine({ variant: medium, price: "19.90", quantity: 1, line_total: "19.90" }),
      cartLine({ variant: large, price: "24.90", quantity: 1, line_total: "24.90" }),
    ],
  });

  const after = setQuantityInCart(before, { productId: 7, variantId: 2, quantity: 2 });

  expect(after.items.map(({ quantity }) => quantity)).toEqual([1, 2]);
  expect(after).toMatchObject({ item_count: 3, total: "69.70" });
});
