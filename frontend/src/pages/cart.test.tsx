import { onlineManager } from "@tanstack/react-query";
import { act, screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test } from "vitest";

import { cart, namedList, productCard, recommendation } from "@/testing/builders";
import { holdAnswer } from "@/testing/held-answer";
import { renderShop } from "@/testing/render";
import { serveLists } from "@/testing/serve-lists";
import { server } from "@/testing/server";

afterEach(() => {
  onlineManager.setOnline(true);
});

const complements = namedList("complements", {
  recommendations: [recommendation({ product: productCard({ id: 8 }) })],
});

const goOnline = (online: boolean) => {
  act(() => {
    onlineManager.setOnline(online);
  });
};

test("a cart that cannot be loaded without a network says so once, and comes with its shelves later", async () => {
  goOnline(false);
  renderShop("/cart");
  expect(await screen.findByText("You are offline.")).toBeVisible();
  expect(screen.queryByText("Loading")).toBeNull();
  expect(screen.queryByRole("region")).toBeNull();

  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  serveLists(complements);
  goOnline(true);

  expect(await screen.findByRole("region", { name: "Goes with your cart" })).toBeVisible();
  expect(screen.queryByText("You are offline.")).toBeNull();
});

test("a known cart without a network says that its shelves come later, and they do", async () => {
  server.use(http.get("*/api/cart/", () => HttpResponse.json(cart())));
  const { router } = renderShop("/nothing/here");
  await screen.findByRole("button", { name: "Cart, 2 items" });
  goOnline(false);
  await act(() => router.navigate("/cart"));

  expect(await screen.findByText("More products will load by themselves once you are back online.")).toBeVisible();
  expect(screen.queryByText("Loading")).toBeNull();
  expect(screen.queryByRole("region", { name: "New in the shop" })).toBeNull();

  serveLists(complements);
  goOnline(true);

  expect(await screen.findByRole("region", { name: "Goes with your cart" })).toBeVisible();
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
