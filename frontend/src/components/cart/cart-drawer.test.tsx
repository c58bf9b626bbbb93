import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, emptyCart } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

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
