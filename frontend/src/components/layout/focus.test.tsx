import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { cart, cartLine, emptyCart, namedList, productCard, recommendation } from "@/testing/builders";
import { holdAnswer } from "@/testing/held-answer";
import { renderShop } from "@/testing/render";
import { serveLists } from "@/testing/serve-lists";
import { server } from "@/testing/server";

const kettle = cartLine();
const strainer = cartLine({ product: productCard({ id: 8, name: "Tea strainer" }) });

/** A cart with a kettle and a strainer, from which the shop removes what is asked for. */
function serveCart() {
  let items = [kettle, strainer];
  const answer = () => HttpResponse.json(items.length === 0 ? emptyCart : cart({ items }));
  server.use(
    http.get("*/api/cart/", answer),
    http.delete("*/api/cart/:id/", ({ params }) => {
      items = items.filter(({ product }) => product.id !== Number(params.id));
      return answer();
    }),
  );
}

test("a button that is busy keeps the focus and cannot be pressed again", async () => {
  const { answered, answer } = holdAnswer();
  let additions = 0;
  server.use(
    http.post("*/api/cart/", () => {
      additions += 1;
      return answered;
    }),
  );
  const { user } = renderShop("/product/7");
  const button = await screen.findByRole("button", { name: "Add to cart" });

  await user.click(button);
  await waitFor(() => { expect(button).toHaveAttribute("aria-busy", "true"); });
  await user.keyboard("{Enter}");

  expect(button).toHaveFocus();
  answer(HttpResponse.json(cart()));
  await waitFor(() => { expect(button).toHaveAttribute("aria-busy", "false"); });
  expect(button).toHaveFocus();
  expect(additions).toBe(1);
});

test("a form that is being sent cannot be sent again", async () => {
  const { answered, answer } = holdAnswer();
  let attempts = 0;
  server.use(
    http.post("*/api/auth/login/", () => {
      attempts += 1;
      return answered;
    }),
  );
  const { user } = renderShop("/sign-in");
  await user.type(await screen.findByLabelText("User name or e-mail"), "mara");
  await user.type(screen.getByLabelText("Password"), "guess{Enter}");
  await waitFor(() => { expect(attempts).toBe(1); });

  await user.keyboard("{Enter}");
  await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Sign in" }));

  answer(HttpResponse.json({ code: "authentication_failed", detail: "No." }, { status: 401 }));
  expect(await screen.findByRole("alert")).toBeVisible();
  expect(attempts).toBe(1);
});

test("another page has the focus in its main part, and its name is told", async () => {
  const { user } = renderShop("/cart");
  await screen.findByText("Your cart is empty.");
  expect(document.body).toHaveFocus();

  await user.click(screen.getByRole("link", { name: "Find something" }));

  await screen.findByRole("heading", { level: 1, name: "Everything" });
  expect(screen.getByRole("main")).toHaveFocus();
  expect(await screen.findByText("Everything · Magpie", { selector: "[aria-live]" })).toBeInTheDocument();
});

test("another order of the same page leaves the focus where it is", async () => {
  const { user } = renderShop("/products");
  const order = await screen.findByLabelText("Sort by");

  await user.selectOptions(order, "Name");

  expect(order).toHaveFocus();
});

test("a page that is opened from the drawer of the cart has the focus", async () => {
  serveCart();
  const { user, router } = renderShop("/");
  await user.click(await screen.findByRole("button", { name: /^Cart/ }));

  await user.click(await screen.findByRole("link", { name: "Open the cart page" }));

  await waitFor(() => { expect(router.state.location.pathname).toBe("/cart"); });
  await waitFor(() => { expect(screen.getByRole("main")).toHaveFocus(); });
});

test("a line that leaves the drawer of the cart gives the focus to the next one, the last to what comes then", async () => {
  serveCart();
  const { user } = renderShop("/account");
  await user.click(await screen.findByRole("button", { name: /^Cart/ }));

  await user.click(await screen.findByRole("button", { name: "Remove Copper kettle" }));
  await waitFor(() => { expect(screen.getByRole("button", { name: "Remove Tea strainer" })).toHaveFocus(); });
  await user.keyboard("{Enter}");

  await screen.findByText("Your cart is empty.");
  await waitFor(() => { expect(screen.getByRole("link", { name: "Find something" })).toHaveFocus(); });
});

test("a line that leaves the cart page gives the focus to the one before, the only one to what comes then", async () => {
  serveCart();
  const { user } = renderShop("/cart");

  await user.click(await screen.findByRole("button", { name: "Remove Tea strainer" }));
  await waitFor(() => { expect(screen.getByRole("button", { name: "Remove Copper kettle" })).toHaveFocus(); });
  await user.keyboard("{Enter}");

  await screen.findByText("Your cart is empty.");
  await waitFor(() => { expect(screen.getByRole("link", { name: "Find something" })).toHaveFocus(); });
});

test("a product that is hidden gives the focus to the next one", async () => {
  const products = [productCard(), productCard({ id: 8, name: "Tea strainer" })];
  serveLists(namedList("for-you", { recommendations: products.map((product) => recommendation({ product, product_id: product.id })) }));
  server.use(http.post("*/api/not-interested/", () => new HttpResponse(null, { status: 204 })));
  const { user } = renderShop("/");

  await user.click(await screen.findByRole("button", { name: "Not interested in Copper kettle" }));

  await waitFor(() => { expect(screen.getByRole("button", { name: "Not interested in Tea strainer" })).toHaveFocus(); });
});

test("what is removed after the focus left it takes nothing away", async () => {
  serveCart();
  renderShop("/cart");
  const button = await screen.findByRole("button", { name: "Remove Copper kettle" });
  act(() => { button.focus(); });
  await act(async () => { button.blur(); await Promise.resolve(); });

  fireEvent.click(button);

  await waitFor(() => { expect(button).not.toBeInTheDocument(); });
  await act(() => new Promise(requestAnimationFrame));
  expect(document.body).toHaveFocus();
});
