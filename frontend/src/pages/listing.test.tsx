import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { productCard } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

function captureQueries(count = 60): string[] {
  const asked: string[] = [];
  server.use(
    http.get("*/api/products/", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ count, next: null, previous: null, results: count ? [productCard()] : [] });
    }),
  );
  return asked;
}

test("the address decides what is listed", async () => {
  const asked = captureQueries();
  renderShop("/category/Books%20%26%20Paper?sort=price&min_price=5.50&in_stock=true&page=2");

  expect(await screen.findByRole("heading", { name: "Books & Paper", level: 1 })).toBeVisible();
  expect(await screen.findByText("Page 2 of 3")).toBeVisible();
  expect(Object.fromEntries(new URLSearchParams(asked[0]))).toEqual({
    category: "Books & Paper",
    ordering: "price",
    min_price: "5.50",
    in_stock: "true",
    page: "2",
    page_size: "24",
  });
});

test("invalid values in the address are ignored", async () => {
  const asked = captureQueries();
  renderShop("/products?sort=cheapest&min_price=1e9&page=-4&in_stock=perhaps");

  await screen.findByRole("link", { name: "Copper kettle" });

  expect(asked[0]).toBe("?page_size=24");
});

test("another order is kept in the address and returns to page one", async () => {
  captureQueries();
  const { user, router } = renderShop("/products?page=2");

  await user.selectOptions(await screen.findByLabelText("Sort by"), "Price, low to high");

  expect(router.state.location.search).toBe("?sort=price");
});

test("filters that no product fits can be cleared", async () => {
  const asked = captureQueries(0);
  const { user, router } = renderShop("/products?min_price=900&sort=name");
  expect(await screen.findByText("No product fits these filters.")).toBeVisible();

  const [clear] = screen.getAllByRole("button", { name: "Clear filters" });
  await user.click(clear ?? document.body);

  expect(router.state.location.search).toBe("?sort=name");
  expect(asked.at(-1)).toBe("?ordering=name&page_size=24");
});
