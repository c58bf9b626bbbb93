import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, emptyCart, order, orderLine } from "@/testing/builders";
import { answerOrders, fillInUpToReview, placed } from "@/testing/checkout";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const alreadyEmpty = () =>
  HttpResponse.json({ code: "empty_cart", detail: "The cart is empty." }, { status: 409 });

test("an order without an answer is sent again as it was, with the same key", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const lost = () => HttpResponse.error();
  const sent = answerOrders(lost, lost, lost, placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The shop could not be reached.");

  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
  expect(sent).toHaveLength(4);
  expect(new Set(sent.map(({ key, body }) => JSON.stringify({ key, body }))).size).toBe(1);
});

test("an order that was placed without an answer and then changed leads to what was placed", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const lost = () => HttpResponse.error();
  const conflict = () => HttpResponse.json({ code: "idempotency_conflict", detail: "", order_id: 31 }, { status: 422 });
  const sent = answerOrders(lost, lost, lost, conflict, placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));
  await screen.findByRole("alert");
  await user.click(screen.getByRole("link", { name: "Change: Deliver to" }));
  await user.type(await screen.findByLabelText("City"), " Mitte{Enter}");
  await user.click(await screen.findByRole("button", { name: "Continue to review" }));

  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
  expect(sent).toHaveLength(5);
  expect(sent[3]?.body).not.toEqual(sent[0]?.body);
  expect(sent[4]).toEqual(sent[0]);
});

test("an order without an answer survives a reload, and leads to the order, not to an empty cart", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const lost = () => HttpResponse.error();
  const sent = answerOrders(lost, lost, lost, placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));
  await screen.findByRole("alert");
  const { pathname, search } = router.state.location;
  cleanup();
  server.use(http.get("*/api/cart/", () => HttpResponse.json(emptyCart)));

  const reloaded = renderShop(pathname + search);
  await user.click(await screen.findByRole("button", { name: "Ask again" }));

  await waitFor(() => { expect(reloaded.router.state.location.pathname).toBe("/order/31"); });
  expect(sent[3]).toEqual(sent[0]);
});

test("a cart that was ordered in another tab leads to that order", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  answerOrders(alreadyEmpty);
  const { user } = renderShop("/checkout");
  await fillInUpToReview(user);
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
    http.get("*/api/orders/", () => HttpResponse.json({ orders: [order({ created_at: new Date().toISOString() })] })),
  );

  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("This cart has been ordered already.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Look at order 31" })).toHaveAttribute("href", "/order/31");
  expect(screen.queryByText("Your cart is empty.")).toBeNull();
});

test("a cart that was emptied in another tab is empty, whatever was ordered before", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  answerOrders(alreadyEmpty);
  const { user } = renderShop("/checkout");
  await fillInUpToReview(user);
  const other = order({
    created_at: new Date().toISOString(),
    lines: [orderLine({ product_id: 8, product_name: "Tea", price: "4.90", quantity: 1 })],
  });
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
    http.get("*/api/orders/", () => HttpResponse.json({ orders: [other, order({ created_at: "2020-02-03T10:00:00Z" })] })),
  );

  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("Your cart is empty.")).toBeVisible();
  expect(screen.getByText(/^Nothing has been ordered/)).toBeVisible();
});

test("an order from before the cart was filled again is not taken for an order of it", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { user, router } = renderShop("/checkout");
  await screen.findByLabelText("City");
  const minutesAgo = new Date(Date.now() - 2 * 60_000).toISOString();
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
    http.delete("*/api/cart/7/", () => HttpResponse.json(emptyCart)),
    http.get("*/api/orders/", () => HttpResponse.json({ orders: [order({ created_at: minutesAgo })] })),
  );

  await user.click(screen.getByRole("button", { name: "Cart, 2 items" }));
  const drawer = await screen.findByRole("dialog", { name: "Your cart" });
  await user.click(within(drawer).getByRole("button", { name: "Remove Copper kettle" }));
  await user.click(within(drawer).getByRole("button", { name: "Close" }));

  expect(await screen.findByText("Your cart is empty.")).toBeVisible();
  expect(screen.queryByText("This cart has been ordered already.")).toBeNull();
  expect(router.state.location.pathname).toBe("/checkout");
});

test("an order of another tab is found where the browser's clock is an hour fast", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  answerOrders(alreadyEmpty);
  const { user } = renderShop("/checkout");
  await fillInUpToReview(user);
  const shopTime = new Date(Date.now() - 60 * 60_000);
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(emptyCart)),
    http.get("*/api/orders/", () =>
      HttpResponse.json(
        { orders: [order({ created_at: shopTime.toISOString() })] },
        { headers: { Date: shopTime.toUTCString() } },
      ),
    ),
  );

  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("This cart has been ordered already.")).toBeVisible();
});
