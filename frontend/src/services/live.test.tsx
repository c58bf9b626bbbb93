import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { emptyCart, namedList, product, productCard, recommendation } from "@/testing/builders";
import { FakeSocket } from "@/testing/fake-socket";
import { renderShop } from "@/testing/render";
import { serveLists } from "@/testing/serve-lists";
import { server } from "@/testing/server";

const listOf = (name: string, ...names: string[]) =>
  namedList(name, {
    list_id: `${name} of ${names.join()}`,
    recommendations: names.map((each) => recommendation({ product: productCard({ id: findId(each), name: each }) })),
  });

const known: string[] = [];

/** The id of the product of this name. */
function findId(name: string): number {
  if (!known.includes(name)) known.push(name);
  return 100 + known.indexOf(name);
}

async function hearFrom(news: object) {
  await waitFor(() => {
    expect(FakeSocket.opened).not.toHaveLength(0);
  });
  const socket = FakeSocket.opened.at(-1);
  socket?.open();
  socket?.say(news);
}

const readRail = () =>
  within(screen.getByRole("region", { name: "For you" }))
    .getAllByRole("article")
    .map((article) => within(article).getByRole("heading").textContent);

test("a rail in sight offers its update and stays as it is until the reader takes it", async () => {
  serveLists(listOf("for-you", "Kettle", "Lamp"));
  const { user } = renderShop("/");
  await screen.findByText("Lamp");
  serveLists(listOf("for-you", "Teapot", "Kettle", "Lamp"));

  await hearFrom({ type: "lists" });

  const button = await screen.findByRole("button", { name: "Updated for you: show the new For you" });
  expect(readRail()).toEqual(["Kettle", "Lamp"]);
  await user.click(button);
  await waitFor(() => {
    expect(readRail()).toEqual(["Teapot", "Kettle", "Lamp"]);
  });
  expect(screen.getByRole("heading", { name: "For you" })).toHaveFocus();
  expect(screen.queryByRole("button", { name: /^Updated for you/ })).not.toBeInTheDocument();
});

test("a rail below the window is updated at once", async () => {
  const placed = vi
    .spyOn(Element.prototype, "getBoundingClientRect")
    .mockReturnValue(new DOMRect(0, 5_000, 100, 100));
  serveLists(listOf("for-you", "Kettle", "Lamp"));
  renderShop("/");
  await screen.findByText("Lamp");
  serveLists(listOf("for-you", "Teapot", "Lamp"));

  await hearFrom({ type: "lists" });

  await waitFor(() => {
    expect(readRail()).toEqual(["Teapot", "Lamp"]);
  });
  expect(screen.queryByRole("button", { name: /^Updated for you/ })).not.toBeInTheDocument();
  placed.mockRestore();
});

test("a product that staff hide leaves a rail in sight, and the others keep their places", async () => {
  serveLists(listOf("for-you", "Kettle", "Lamp", "Vase"));
  renderShop("/");
  await screen.findByText("Lamp");
  serveLists(listOf("for-you", "Vase", "Kettle", "Teapot"));

  await hearFrom({ type: "rules" });

  await waitFor(() => {
    expect(readRail()).toEqual(["Kettle", "Teapot", "Vase"]);
  });
});

test("a product that sells out says so on its open page", async () => {
  server.use(http.get("*/api/products/:id/", () => HttpResponse.json(product({ id: 7, stock: 9 }))));
  renderShop("/product/7");
  await screen.findByText("In stock");
  server.use(http.get("*/api/products/:id/", () => HttpResponse.json(product({ id: 7, stock: 0, in_stock: false }))));

  await hearFrom({ type: "products", ids: [7] });

  expect(await screen.findByText("Sold out")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Add to cart" })).toHaveAttribute("aria-disabled", "true");
});

test("the badge of the cart follows what another tab put into it", async () => {
  renderShop("/");
  await screen.findByRole("button", { name: "Cart, 0 items" });
  server.use(http.get("*/api/cart/", () => HttpResponse.json({ ...emptyCart, item_count: 3 })));

  await hearFrom({ type: "cart" });

  expect(await screen.findByRole("button", { name: "Cart, 3 items" })).toBeInTheDocument();
});

test("news of products that are nowhere on the page ask for nothing", async () => {
  let asked = 0;
  renderShop("/");
  await screen.findByText("Trending kettle");
  server.use(
    http.get("*/api/products/:id/", () => {
      asked += 1;
      return HttpResponse.json(product());
    }),
    http.get("*/api/cart/", () => HttpResponse.json({ ...emptyCart, item_count: 1 })),
  );

  await hearFrom({ type: "products", ids: [99_999] });
  await hearFrom({ type: "cart" });

  await screen.findByRole("button", { name: "Cart, 1 item" });
  expect(asked).toBe(0);
});
