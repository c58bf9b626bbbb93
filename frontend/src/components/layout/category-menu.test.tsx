import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";

import { category } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const tree = [
  category("Clothing", { child_count: 2 }),
  category("Clothing > Hoodies"),
  category("Clothing > Shirts", { child_count: 1 }),
  category("Clothing > Shirts > Flannel shirts"),
  category("Kitchen"),
];

beforeEach(() => {
  server.use(
    http.get("*/api/categories/", ({ request }) => {
      const parent = new URL(request.url).searchParams.get("parent");
      const categories =
        parent === null ? tree : tree.filter((one) => (one.parent ?? "") === parent);
      return HttpResponse.json({ categories });
    }),
  );
});

async function openMenu() {
  const shop = renderShop("/nothing/here");
  await shop.user.click(await screen.findByRole("button", { name: "Categories" }));
  const menu = await screen.findByRole("dialog", { name: "All categories" });
  await within(menu).findByRole("button", { name: /Clothing/ });
  return { ...shop, menu: within(menu) };
}

test("the arrow keys walk down the levels and back, and Enter opens a category", async () => {
  const { user, router, menu } = await openMenu();

  menu.getByRole("button", { name: /Clothing/ }).focus();
  await user.keyboard("{ArrowRight}");
  expect(menu.getByRole("link", { name: "Everything in Clothing" })).toHaveFocus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowRight}");
  expect(menu.getByRole("link", { name: "Everything in Shirts" })).toHaveFocus();
  await user.keyboard("{ArrowLeft}");
  expect(menu.getByRole("button", { name: /Shirts/ })).toHaveFocus();
  await user.keyboard("{Enter}{ArrowDown}{Enter}");

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/category/Clothing/Shirts/Flannel%20shirts");
  });
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

test("a search finds categories at every level and says where they lie", async () => {
  const { user, menu } = await openMenu();
  const field = menu.getByRole("searchbox");

  await user.type(field, "shirts");

  const found = menu.getAllByRole("link").map((link) => link.textContent);
  expect(found).toEqual(["ShirtsClothing40", "Flannel shirtsClothing > Shirts40"]);
  await user.clear(field);
  await user.type(field, "lamp");
  expect(menu.queryByRole("link")).not.toBeInTheDocument();
});
