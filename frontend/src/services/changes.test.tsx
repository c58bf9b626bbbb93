import { onlineManager } from "@tanstack/react-query";
import { act, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, beforeEach, expect, test } from "vitest";

import { useAddToCart, useCart } from "@/services/cart";
import { getShopper, onShopper, setShopper } from "@/services/current-shopper";
import { recordInteraction } from "@/services/events";
import { useChangeLike, useLikes } from "@/services/likes";
import { useMe, useSignInAs } from "@/services/shoppers";
import { cart, emptyCart, me, productCard } from "@/testing/builders";
import { holdAnswer } from "@/testing/held-answer";
import { renderComponent } from "@/testing/render";
import { acceptAll, server } from "@/testing/server";

const account = (id: number) => me({ user_id: id, username: `shopper ${id}`, is_authenticated: true });
const kettle = productCard({ id: 7 });

let signedIn = 1;
const sent: string[] = [];

/** A shop whose first shopper is signed in, and that notes for whom each write arrived. */
beforeEach(() => {
  signedIn = 1;
  sent.length = 0;
  const note = (what: string) => sent.push(`${what} of ${signedIn}`);
  server.use(
    http.get("*/api/me/", () => HttpResponse.json(account(signedIn))),
    http.post("*/api/cart/", () => {
      note("addition");
      return HttpResponse.json(cart());
    }),
    http.post("*/api/likes/", () => {
      note("like");
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/interactions/", async ({ request }) => {
      note("interaction");
      return HttpResponse.json(await acceptAll(request));
    }),
  );
});

afterEach(() => {
  onlineManager.setOnline(true);
  setShopper(undefined);
});

function Shop() {
  const addition = useAddToCart();
  const changeLike = useChangeLike();
  const signIn = useSignInAs();
  return (
    <>
      <p>Here is {useMe().data?.username}</p>
      <p>{useCart().data?.item_count} in the cart</p>
      <p>{useLikes().data?.count} liked</p>
      <button onClick={() => { addition.mutate({ productId: 7, quantity: 1 }); }}>Add</button>
      <button onClick={() => { changeLike({ product: kettle, isAdded: true }); }}>Like</button>
      <button onClick={() => { signIn.mutate(2); }}>Change</button>
    </>
  );
}

/** Open the shop, with a sign-in of the second shopper that is answered when the test says so. */
async function openShop() {
  const { answered, answer } = holdAnswer();
  server.use(http.post("*/api/demo/sign-in/", () => answered));
  const { user } = renderComponent(<Shop />);
  await screen.findByText("Here is shopper 1");
  const press = (name: string) => user.click(screen.getByRole("button", { name }));
  const acceptSignIn = () => {
    signedIn = 2;
    answer(HttpResponse.json(account(2)));
  };
  return { press, acceptSignIn, refuseSignIn: () => { answer(HttpResponse.json({}, { status: 403 })); } };
}

const goOnline = () => { act(() => { onlineManager.setOnline(true); }); };
/** Let everything run that waits for nothing but the network. */
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 150)));

test("what waited for the network is not sent while another shopper signs in, but kept for the first", async () => {
  const { press, acceptSignIn } = await openShop();
  onlineManager.setOnline(false);
  await press("Add");
  await press("Like");
  await press("Change");

  goOnline();
  await settle();
  expect(sent).toEqual([]);
  acceptSignIn();

  expect(await screen.findByText("Here is shopper 2")).toBeVisible();
  expect(await screen.findByText("0 liked")).toBeVisible();
  await settle();
  expect(sent).toEqual([]);
  expect(screen.queryByText(/That did not work/)).toBeNull();
  const keys = Object.keys(localStorage).filter((key) => key.startsWith("change:"));
  expect(keys.map((key) => key.split(":")[1])).toEqual(["1"]);
});

test("what waited is sent for the shopper who stays when the sign-in is refused", async () => {
  const { press, refuseSignIn } = await openShop();
  onlineManager.setOnline(false);
  await press("Add");
  await press("Change");
  goOnline();

  recordInteraction(8, "view");
  await settle();
  expect(sent).toEqual([]);
  refuseSignIn();

  await waitFor(() => {
    expect(sent.toSorted()).toEqual(["addition of 1", "interaction of 1"]);
  });
});

test("an addition under way is answered before another shopper signs in", async () => {
  const { answered, answer } = holdAnswer();
  const { press, acceptSignIn } = await openShop();
  server.use(http.post("*/api/cart/", () => answered));
  await press("Add");

  await press("Change");
  acceptSignIn();
  await settle();
  expect(getShopper()).toBe("1");
  answer(HttpResponse.json(cart()));

  expect(await screen.findByText("Here is shopper 2")).toBeVisible();
  expect(await screen.findByText(`${emptyCart.item_count} in the cart`)).toBeVisible();
});

test("an answer about the shopper that a sign-in has overtaken is asked for again", async () => {
  const { answered, answer } = holdAnswer();
  const { press, acceptSignIn } = await openShop();
  server.use(http.get("*/api/me/", () => answered, { once: true }));
  const named = new Set<string | undefined>();
  const stop = onShopper(() => named.add(getShopper()));
  act(() => {
    window.dispatchEvent(new StorageEvent("storage", { key: "shopper", newValue: "3" }));
  });

  await press("Change");
  acceptSignIn();
  await screen.findByText("Here is shopper 2");
  answer(HttpResponse.json(account(1)));
  await settle();
  stop();

  expect([...named]).toEqual(["2"]);
  expect(screen.getByText("Here is shopper 2")).toBeVisible();
});
