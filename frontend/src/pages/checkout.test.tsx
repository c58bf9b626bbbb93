import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import type { UserEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";

import { cart, emptyCart, order } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

async function fillInUpToReview(user: UserEvent) {
  await user.type(await screen.findByLabelText("Full name"), "Mara Ode");
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

  expect(router.state.location.search).toBe("?step=review");
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

test("an order that the server rejects says why and can be tried again", async () => {
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.post("*/api/orders/", () =>
      HttpResponse.json({ code: "out_of_stock", detail: "Fewer than 2 pieces are left." }, { status: 409 }),
    ),
  );
  const { user } = renderShop("/checkout");

  await fillInUpToReview(user);
  await user.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("There are not that many left.");
  expect(screen.getByRole("button", { name: "Place order" })).toBeEnabled();
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

test("a quantity that the server rejects is rolled back", async () => {
  let respond: (response: Response) => void = () => undefined;
  server.use(
    http.get("*/api/cart/", () => HttpResponse.json(cart())),
    http.patch("*/api/cart/7/", () => new Promise<Response>((resolve) => (respond = resolve))),
  );
  const { user } = renderShop("/cart");

  await user.click(await screen.findByRole("button", { name: "One more Copper kettle" }));
  expect(await screen.findAllByText("$149.70")).toHaveLength(2);
  respond(HttpResponse.json({ detail: "2 pieces are left." }, { status: 409 }));

  expect(await screen.findByText("That did not work: 2 pieces are left.")).toBeInTheDocument();
  expect(screen.getAllByText("$99.80")).toHaveLength(2);
});
