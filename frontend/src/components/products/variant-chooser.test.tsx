import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, product, productCard, variant } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const sized = (id: number, size: string, differences = {}) =>
  variant({ id, name: size, options: { Size: size }, ...differences });
const kettle = product({
  has_variants: true,
  has_several_prices: true,
  price: "39.90",
  options: [{ name: "Size", values: ["S", "M", "L"] }],
  variants: [
    sized(71, "S", { price: "39.90", stock: 9 }),
    sized(72, "M", { price: "45.00", regular_price: "60.00", image: "/media/products/m.svg" }),
    sized(73, "L", { stock: 0, in_stock: false, is_buyable: false }),
  ],
});
const open = (address: string) => {
  server.use(http.get("*/api/products/7/", () => HttpResponse.json(kettle)));
  return renderShop(address);
};

test("price, stock, picture and address follow the choice", async () => {
  const { user, router } = open("/product/7");
  expect(await screen.findByText("from")).toBeVisible();
  expect(screen.getByRole("radio", { name: "L Sold out" })).toBeDisabled();

  await user.click(screen.getByRole("radio", { name: "M" }));

  expect(await screen.findByText("$45.00")).toBeVisible();
  expect(screen.getByText("$60.00").closest("s")).toHaveTextContent("Regular price $60.00");
  expect(screen.getByText("Only 3 left")).toBeVisible();
  expect(screen.getAllByRole("tab")).toHaveLength(2);
  expect(router.state.location.search).toBe("?variant=72");
});

test("the arrow keys walk through what can be chosen", async () => {
  const { user } = open("/product/7?variant=72");
  (await screen.findByRole("radio", { name: "M" })).focus();

  await user.keyboard("{ArrowDown}");

  expect(screen.getByRole("radio", { name: "S" })).toBeChecked();
});

test("a product is not added before everything is chosen, and the choice is asked for", async () => {
  const sent: unknown[] = [];
  const { user } = open("/product/7");
  server.use(
    http.post("*/api/cart/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(cart(), { status: 201 });
    }),
  );

  await user.click(await screen.findByRole("button", { name: "Add to cart" }));
  expect(screen.getByRole("alert")).toHaveTextContent("Choose: Size");
  expect(screen.getByRole("radio", { name: "S" })).toHaveFocus();
  expect(sent).toEqual([]);

  await user.click(screen.getByRole("radio", { name: "M" }));
  await user.click(screen.getByRole("button", { name: "Add to cart" }));
  await waitFor(() => {
    expect(sent).toEqual([expect.objectContaining({ product_id: 7, variant_id: 72, quantity: 1 })]);
  });
});

test("a variant in the address that is sold out is shown and cannot be bought", async () => {
  open("/product/7?variant=73");

  expect(await screen.findByRole("radio", { name: "L Sold out" })).toBeChecked();
  expect(screen.getByRole("button", { name: "Add to cart" })).toHaveAttribute("aria-disabled", "true");
  expect(screen.getByRole("radio", { name: "S" })).toBeEnabled();
});

test("the cart button of a card leads to the choice", async () => {
  server.use(
    http.get("*/api/products/", () =>
      HttpResponse.json({ count: 1, next: null, previous: null, results: [productCard({ has_variants: true })] }),
    ),
  );
  renderShop("/products");

  expect(await screen.findByRole("link", { name: "Choose a variant of Copper kettle" })).toHaveAttribute(
    "href",
    "/product/7",
  );
});
