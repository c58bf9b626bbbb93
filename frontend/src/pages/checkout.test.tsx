import { QueryClient } from "@tanstack/react-query";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { clearDraft, readDraft, saveDraft } from "@/services/checkout-draft";
import { shop } from "@/services/shop";
import { checkShopper } from "@/services/shoppers";
import type { Me } from "@/services/types";
import { cart, cartLine, emptyCart, me, order, orderLine, productCard } from "@/testing/builders";
import { holdAnswer } from "@/testing/held-answer";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

async function fillInUpToReview(user: UserEvent) {
  await user.type(await screen.findByLabelText(/^Email/), "mara@shop.example");
  await user.type(screen.getByLabelText("Full name"), "Mara Ode");
  await user.type(screen.getByLabelText("Street and number"), "Elm Row 4");
  await user.type(screen.getByLabelText("Postcode"), "10115");
  await user.type(screen.getByLabelText("City"), "Berlin{Enter}");
  await user.click(await screen.findByRole("radio", { name: /pick-up point/ }));
  await user.click(screen.getByRole("button", { name: "Continue to review" }));
}

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

/** Answer orders one after the other, and return what was sent. */
function answerOrders(...answers: (() => Response)[]) {
  const sent: { key: string | null; body: unknown }[] = [];
  server.use(
    http.post("*/api/orders/", async ({ request }) => {
      sent.push({ key: request.headers.get("Idempotency-Key"), body: await request.json() });
      return (answers.shift() ?? HttpResponse.error)();
    }),
  );
  return sent;
}

const refusedCity = () =>
  HttpResponse.json(
    {
      code: "invalid",
      detail: "Write this on one line, without control characters.",
      errors: [{ pointer: "/delivery/city", code: "invalid", detail: "" }],
    },
    { status: 400 },
  );
const alreadyEmpty = () =>
  HttpResponse.json({ code: "empty_cart", detail: "The cart is empty." }, { status: 409 });
const placed = () => HttpResponse.json(order(), { status: 201 });
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

test("what was typed survives a reload", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { user } = renderShop("/checkout");
  await user.type(await screen.findByLabelText("City"), "Berlin");
  await user.selectOptions(screen.getByLabelText("Country"), "Germany");
  cleanup();

  renderShop("/checkout");

  expect(await screen.findByLabelText("City")).toHaveValue("Berlin");
  expect(screen.getByLabelText("Country")).toHaveValue("DE");
});

test("an order is placed where the browser keeps nothing for the tab", async () => {
  const storage = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const sent = answerOrders(placed);
  const { user, router } = renderShop("/checkout");
  await fillInUpToReview(user);

  await user.click(screen.getByRole("button", { name: "Place order" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/order/31"); });
  expect(sent[0]?.body).toMatchObject({ delivery: { city: "Berlin", method: "pickup" } });
  storage.mockRestore();
  clearDraft();
});

/** Say who is shopping, as the server does when another tab signed in or out. */
async function shopAs(shopper: Me) {
  server.use(http.get("*/api/me/", () => HttpResponse.json(shopper)));
  await act(() => checkShopper(new QueryClient()));
}

const account = (id: number, name: string) =>
  me({ user_id: id, username: name, first_name: name, is_authenticated: true });

test("what a shopper entered is gone when somebody else signs in in another tab", async () => {
  server.use(http.get("*/api/me/", () => HttpResponse.json(account(1, "Clara"))));
  const sent = answerOrders(placed);
  const { user } = renderShop("/checkout?product=7");
  await screen.findByRole("link", { name: "Clara" });
  await fillInUpToReview(user);

  await shopAs(account(2, "Leo"));

  expect(await screen.findByLabelText("Full name")).toHaveValue("");
  expect(screen.queryByRole("button", { name: "Place order" })).toBeNull();
  expect(sessionStorage.getItem("checkout")).toBeNull();
  expect(sent).toEqual([]);
});

test("what a visitor entered is there after signing in, and is then the account's", async () => {
  await shopAs(me());
  saveDraft({ address: { city: "Berlin" } });
  await shopAs(account(1, "Clara"));
  expect(readDraft().address).toEqual({ city: "Berlin" });

  await shopAs(me());

  expect(readDraft()).toEqual({});
});

test("what was entered is gone after another tab erased everything", async () => {
  await shopAs(me());
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { user } = renderShop("/checkout");
  await user.type(await screen.findByLabelText("City"), "Berlin");

  act(() => {
    window.dispatchEvent(new StorageEvent("storage", { key: "checkout-cleared", newValue: "1" }));
  });

  expect(screen.getByLabelText("City")).toHaveValue("");
  expect(readDraft()).toEqual({});
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

test("the drawer changes quantities and shows the server's totals", async () => {
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.patch("*/api/cart/7/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(
        cart({
          items: cart().items.map((line) => ({ ...line, quantity: 3, line_total: "149.70" })),
          item_count: 3,
          total: "149.70",
        }),
      );
    }),
    http.delete("*/api/cart/7/", () => HttpResponse.json(emptyCart)),
  );
  const { user } = renderShop("/nothing/here");

  await user.click(await screen.findByRole("button", { name: "Cart, 2 items" }));
  const drawer = await screen.findByRole("dialog", { name: "Your cart" });
  await user.click(await within(drawer).findByRole("button", { name: "One more Copper kettle" }));

  expect(await within(drawer).findAllByText("$149.70")).toHaveLength(2);
  expect(sent).toEqual([{ quantity: 3 }]);

  await user.click(within(drawer).getByRole("button", { name: "Remove Copper kettle" }));

  expect(await within(drawer).findByText("Your cart is empty.")).toBeVisible();
});

test("the message about an addition makes way for the cart", async () => {
  server.use(http.post("*/api/cart/", () => HttpResponse.json(cart(), { status: 201 })));
  const { user } = renderShop("/product/7");
  await user.click(await screen.findByRole("button", { name: "Add to cart" }));
  expect((await screen.findAllByText("Copper kettle is in your cart."))[0]).toBeInTheDocument();

  await user.click(screen.getByRole("button", { name: /^Cart/ }));

  expect(await screen.findByRole("dialog", { name: "Your cart" })).toBeVisible();
  await waitFor(() => { expect(screen.queryByText("Copper kettle is in your cart.")).toBeNull(); });
});

test("a quantity that the server rejects is rolled back", async () => {
  const { answered, answer } = holdAnswer();
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.patch("*/api/cart/7/", () => answered),
  );
  const { user } = renderShop("/cart");

  await user.click(await screen.findByRole("button", { name: "One more Copper kettle" }));
  expect(await screen.findAllByText("$149.70")).toHaveLength(2);
  answer(HttpResponse.json({ detail: "2 pieces are left." }, { status: 409 }));

  expect(await screen.findByText("That did not work: 2 pieces are left.")).toBeInTheDocument();
  expect(screen.getAllByText("$99.80")).toHaveLength(2);
});
