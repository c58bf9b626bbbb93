import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, namedList, product, productCard, recommendation } from "@/testing/builders";
import { serveLists } from "@/testing/serve-lists";
import { renderShop } from "@/testing/render";
import { acceptAll, server } from "@/testing/server";

test("the page shows everything about a product", async () => {
  server.use(http.get("*/api/products/7/", () => HttpResponse.json(product({ stock: 3 }))));
  renderShop("/product/7");

  expect(await screen.findByRole("heading", { name: "Copper kettle", level: 1 })).toBeVisible();
  expect(screen.getAllByText("$49.90")[0]).toBeVisible();
  expect(screen.getByText("Only 3 left")).toBeVisible();
  expect(screen.getByRole("img", { name: "4.3 out of 5" })).toBeVisible();
  expect(screen.getByText("28 ratings")).toBeVisible();
  expect(screen.getByRole("navigation", { name: "Breadcrumbs" })).toHaveTextContent("MagpieKitchenCopper kettle");
  expect(await screen.findByRole("region", { name: "Similar to this" })).toBeVisible();
});

test("without recommendations there are other products of the category", async () => {
  server.use(http.get("*/api/page/", () => new HttpResponse(null, { status: 503 })));
  renderShop("/product/7");

  expect(await screen.findByRole("region", { name: "New in Kitchen" })).toBeVisible();
});

test("likes and cart additions carry the list and the position that led to the product", async () => {
  const sent: unknown[] = [];
  const card = productCard({ id: 7 });
  const list = namedList("for-you", {
    recommendations: [
      recommendation({ product: productCard({ id: 5, name: "Oak stool" }) }),
      recommendation({ product: card }),
    ],
  });
  serveLists(list);
  server.use(
    http.post("*/api/cart/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(cart(), { status: 201 });
    }),
    http.post("*/api/likes/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ product_id: 7 }, { status: 201 });
    }),
  );
  const { user } = renderShop("/");
  const served = { product_id: 7, list_id: list.list_id, position: 1 };

  await user.click(await screen.findByRole("button", { name: "Add Copper kettle to cart" }));
  await user.click(screen.getByRole("link", { name: "Copper kettle" }));
  await user.click(await screen.findByRole("button", { name: "Like" }));
  await user.click(screen.getByRole("button", { name: "Add to cart" }));

  await waitFor(() => {
    expect(sent).toEqual([
      { ...served, quantity: 1, event_id: expect.any(String) as string },
      { ...served, event_id: expect.any(String) as string },
      { ...served, quantity: 1, event_id: expect.any(String) as string },
    ]);
  });
});

test("a view of a product is recorded once", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      sent.push(await request.clone().json());
      return HttpResponse.json(await acceptAll(request));
    }),
  );
  renderShop("/product/7");

  await waitFor(() => {
    expect(sent).toEqual([
      { interactions: [expect.objectContaining({ product_id: 7, interaction_type: "view" })] },
    ]);
  });
});

test.each(["/product/9", "/product/kettle"])("%s, which is not in the shop, offers a way on", async (address) => {
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/products/9/", () => HttpResponse.json({ detail: "Gone." }, { status: 404 })),
    http.post("*/api/interactions/", async ({ request }) => {
      sent.push(address);
      return HttpResponse.json(await acceptAll(request));
    }),
  );
  renderShop(address);

  expect(await screen.findByText("This product is not in the shop.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Browse everything" })).toBeVisible();
  expect(sent).toEqual([]);
});

test("a sold-out product can be liked but not bought", async () => {
  server.use(
    http.get("*/api/products/7/", () => HttpResponse.json(product({ stock: 0, in_stock: false }))),
  );
  renderShop("/product/7");

  expect(await screen.findByRole("button", { name: "Buy now" })).toHaveAttribute("aria-disabled", "true");
  expect(screen.getByRole("button", { name: "Add to cart" })).toHaveAttribute("aria-disabled", "true");
  expect(screen.getByRole("button", { name: "Like" })).toHaveAttribute("aria-disabled", "false");
});

test("buying leads straight to the checkout with the chosen quantity, and leaves the cart alone", async () => {
  const { user, router } = renderShop("/product/7");

  await user.click(await screen.findByRole("button", { name: "One more Copper kettle" }));
  await user.click(screen.getByRole("button", { name: "Buy now" }));

  expect(await screen.findByRole("heading", { name: "Checkout", level: 1 })).toBeVisible();
  expect(router.state.location.search).toContain("product=7&quantity=2&attempt=");
  expect(await screen.findByText(/2 items/)).toBeVisible();
});
