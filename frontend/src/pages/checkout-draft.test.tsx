import { QueryClient } from "@tanstack/react-query";
import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { clearDraft, readDraft, saveDraft } from "@/services/checkout-draft";
import { checkShopper } from "@/services/shoppers";
import type { Me } from "@/services/types";
import { cart, me } from "@/testing/builders";
import { answerOrders, fillInUpToReview, placed } from "@/testing/checkout";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

/** Say who is shopping, as the server does when another tab signed in or out. */
async function shopAs(shopper: Me) {
  server.use(http.get("*/api/me/", () => HttpResponse.json(shopper)));
  await act(() => checkShopper(new QueryClient()));
}

const account = (id: number, name: string) =>
  me({ user_id: id, username: name, first_name: name, is_authenticated: true });

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
