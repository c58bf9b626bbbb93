import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, cartLine, emptyCart, productCard } from "@/testing/builders";
import { answerOrders, fillInUpToReview, placed } from "@/testing/checkout";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const pricier = () =>
  HttpResponse.json(
    {
      code: "order_changed",
      detail: "",
      total: "120.00",
      currency: "USD",
      changes: [
        {
          product_id: 7,
          product_name: "Copper kettle",
          expected: { quantity: 2, price: "49.90" },
          now: { quantity: 2, price: "60.00" },
        },
      ],
    },
    { status: 409 },
  );

test("a price that rose is shown, old and new, before it is asked again", async () => {
  const risen = cart({
    items: [cartLine({ product: productCard({ price: "60.00" }), line_total: "120.00" })],
    total: "120.00",
  });
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const sent = answerOrders(pricier, placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  server.use(http.get("*/api/cart/", () => HttpResponse.json(risen)));
  await user.click(screen.getByRole("button", { name: "Place order" }));

  const changes = await screen.findByRole("alert");
  for (const price of ["$49.90", "$60.00", "$99.80", "$120.00"]) {
    expect(within(changes).getByText(price)).toBeVisible();
  }
  expect(sent[0]?.body).toEqual({
    from_cart: true,
    expected_total: "99.80",
    lines: [{ product_id: 7, quantity: 2, price: "49.90" }],
    email: "mara@shop.example",
    delivery: {
      name: "Mara Ode",
      street: "Elm Row 4",
      postcode: "10115",
      city: "Berlin",
      country: "US",
      method: "pickup",
    },
  });

  await waitFor(() => expect(screen.getByRole("button", { name: "Place order" })).toHaveAttribute("aria-disabled", "false"));
  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
  expect(sent[1]?.body).toMatchObject({ expected_total: "120.00" });
});

test("what is no longer left is taken out of the cart, and asked again", async () => {
  const sold = cart({
    items: [cartLine({ quantity: 1, line_total: "49.90" })],
    item_count: 1,
    total: "49.90",
  });
  const quantities: unknown[] = [];
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.patch("*/api/cart/7/", async ({ request }) => {
      quantities.push(await request.json());
      server.use(http.get("*/api/cart/", () => HttpResponse.json(sold)));
      return HttpResponse.json(sold);
    }),
  );
  answerOrders(() =>
    HttpResponse.json(
      {
        code: "out_of_stock",
        detail: "",
        total: "49.90",
        currency: "USD",
        changes: [
          {
            product_id: 7,
            product_name: "Copper kettle",
            expected: { quantity: 2, price: "49.90" },
            now: { quantity: 1, price: "49.90" },
          },
        ],
      },
      { status: 409 },
    ),
  );
  const { user } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("1 instead of 2")).toBeVisible();
  await waitFor(() => expect(screen.getByRole("button", { name: "Place order" })).toHaveAttribute("aria-disabled", "false"));
  expect(quantities).toEqual([{ quantity: 1 }]);
});

const kettleIsGone = (code: string) => () =>
  HttpResponse.json(
    {
      code,
      detail: "",
      total: "0.00",
      currency: "USD",
      changes: [
        {
          product_id: 7,
          product_name: "Copper kettle",
          variant_id: null,
          variant_name: "",
          expected: { quantity: 2, price: "49.90" },
          now: null,
        },
      ],
    },
    { status: 409 },
  );

test.each(["out_of_stock", "order_changed"])(
  "a cart whose only product is gone (%s) says what is gone and that nothing was ordered",
  async (code) => {
    server.use(
      http.get("*/api/cart/", () => HttpResponse.json(cart())),
      http.delete("*/api/cart/7/", () => HttpResponse.json(emptyCart)),
    );
    answerOrders(kettleIsGone(code));
    const { user } = renderShop("/checkout");
    await fillInUpToReview(user);
    server.use(http.get("*/api/cart/", () => HttpResponse.json(emptyCart)));

    await user.click(screen.getByRole("button", { name: "Place order" }));

    expect(await screen.findByText("Nothing has been ordered.")).toBeVisible();
    const notice = screen.getByRole("alert");
    expect(notice).toHaveTextContent("No longer available:");
    expect(within(notice).getByRole("link", { name: "Copper kettle" })).toHaveAttribute("href", "/product/7");
    expect(screen.queryByText("Your cart is empty.")).toBeNull();
  },
);

test("a product that is bought at once and is gone is named, and nothing was ordered", async () => {
  answerOrders(kettleIsGone("order_changed"));
  const { user } = renderShop("/checkout?product=7");
  await fillInUpToReview(user);

  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("Nothing has been ordered.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Copper kettle" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Place order" })).toBeNull();
});
