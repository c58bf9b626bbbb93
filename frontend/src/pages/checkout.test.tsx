import { cleanup, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { shop } from "@/services/shop";
import { cart, emptyCart, order } from "@/testing/builders";
import { answerOrders, fillInUpToReview, placed } from "@/testing/checkout";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("the review shows what the two steps before it collected", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { user, router } = renderShop("/checkout?step=review");
  expect(await screen.findByRole("heading", { name: /^Address/ })).toBeVisible();

  await fillInUpToReview(user);

  expect(router.state.location.search).toMatch(/step=review/);
  expect(screen.getByRole("heading", { name: /^Review/ })).toHaveFocus();
  expect(screen.getByText(/Elm Row 4/)).toBeVisible();
  expect(screen.getByText(/pick-up point/)).toBeVisible();

  await user.click(screen.getByRole("link", { name: "Change: Deliver to" }));

  expect(await screen.findByLabelText("Full name")).toHaveValue("Mara Ode");
});

test("an order leads to its confirmation, with the total of the server", async () => {
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart({ total: "99.81" }))),
    http.post("*/api/orders/", () => {
      server.use(
        http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
        http.get("*/api/orders/", () => HttpResponse.json({ orders: [order()] })),
      );
      return HttpResponse.json(order(), { status: 201 });
    }),
  );
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  expect(await screen.findAllByText("$99.81")).toHaveLength(2);

  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  expect(router.state.location.pathname).toBe("/order/31");
  expect(await screen.findByRole("button", { name: "Cart, 0 items" })).toBeVisible();
});

test("a shop without a mail server promises no confirmation", async () => {
  server.use(http.get("*/api/orders/", () => HttpResponse.json({ orders: [order()] })));
  renderShop("/order/31");
  expect(await screen.findByText(/mara@shop.example/)).toBeVisible();
  cleanup();

  shop.sends_mail = false;
  renderShop("/order/31");

  expect(await screen.findByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  expect(screen.queryByText(/mara@shop.example/)).toBeNull();
  shop.sends_mail = true;
});

const refusedCity = () =>
  HttpResponse.json(
    {
      code: "invalid",
      detail: "Write this on one line, without control characters.",
      errors: [{ pointer: "/delivery/city", code: "invalid", detail: "" }],
    },
    { status: 400 },
  );

test("a field that the shop refuses is asked for again, with what is wrong", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  answerOrders(refusedCity, placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));

  const city = await screen.findByLabelText("City");
  expect(city).toHaveAccessibleDescription("Enter the city.");
  expect(screen.getByLabelText("Full name")).toHaveValue("Mara Ode");
  await user.type(city, " Mitte{Enter}");
  await user.click(await screen.findByRole("button", { name: "Continue to review" }));
  expect(screen.queryByRole("alert")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/order/31");
  });
});

test("going back after an order leads to the order", async () => {
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.get("*/api/orders/", () => HttpResponse.json({ orders: [order()] })),
  );
  answerOrders(placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));
  // Before the page is there, going back would be a tap that no shopper can make.
  expect(await screen.findByRole("heading", { level: 1, name: /thank you/i })).toBeVisible();

  await router.navigate(-1);

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
});

test("what a delivery lacks is asked for in sentences, the first field first", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { user } = renderShop("/checkout");
  await user.type(await screen.findByLabelText(/^Email/), "mara@shop");
  await user.click(screen.getByRole("button", { name: "Continue to delivery" }));

  expect(screen.getByLabelText(/^Email/)).toHaveFocus();
  expect(screen.getByLabelText(/^Email/)).toHaveAccessibleDescription(
    "Enter an email address, such as mara@example.com.",
  );
  expect(screen.getByLabelText("City")).toHaveAccessibleDescription("Enter the city.");
});

test("buying a product at once orders it alone, and does not touch the cart", async () => {
  const sent = answerOrders(placed);
  const { user, router } = renderShop("/product/7");
  await user.click(await screen.findByRole("button", { name: "Buy now" }));
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
  expect(sent[0]?.body).toMatchObject({
    from_cart: false,
    expected_total: "49.90",
    lines: [{ product_id: 7, quantity: 1, price: "49.90" }],
  });
});

test("an empty cart cannot be checked out", async () => {
  renderShop("/checkout");

  expect(await screen.findByText("Your cart is empty.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Place order" })).not.toBeInTheDocument();
});
