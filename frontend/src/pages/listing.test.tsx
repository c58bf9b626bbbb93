import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { facets, productCard } from "@/testing/builders";
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

const findPanel = async () => within(await screen.findByRole("complementary", { name: "Filters", hidden: true }));

test("the address decides what is listed and what is counted", async () => {
  const asked = captureQueries();
  const counted: string[] = [];
  server.use(
    http.get("*/api/products/facets/", ({ request }) => {
      counted.push(decodeURIComponent(new URL(request.url).search.replaceAll("+", " ")));
      return HttpResponse.json(facets());
    }),
  );
  renderShop("/category/Books%20%26%20Paper?sort=price&min_price=5.50&in_stock=true&page=2&brand=Halm&brand=Nord");

  expect(await screen.findByRole("heading", { name: "Books & Paper", level: 1 })).toBeVisible();
  expect(await screen.findByText("Page 2 of 3")).toBeVisible();
  const query = new URLSearchParams(asked[0]);
  expect(query.getAll("brand")).toEqual(["Halm", "Nord"]);
  query.delete("brand");
  expect(Object.fromEntries(query)).toEqual({
    category: "Books & Paper",
    ordering: "price",
    min_price: "5.50",
    in_stock: "true",
    page: "2",
    page_size: "24",
  });
  expect(counted[0]).toBe("?brand=Halm&brand=Nord&min_price=5.50&in_stock=true&category=Books & Paper");
});

test("invalid values in the address are ignored", async () => {
  const asked = captureQueries();
  renderShop(
    `/products?sort=cheapest&min_price=1e9&page=-4&in_stock=perhaps&brand=&attribute=Colour&attribute=:x&min_rating=9&brand=${"x".repeat(101)}`,
  );

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

test("several values of a facet are chosen, and each is removed by its chip", async () => {
  captureQueries();
  server.use(
    http.get("*/api/products/facets/", () =>
      HttpResponse.json(
        facets({
          brands: [
            { name: "Halm", product_count: 7 },
            { name: "Nord", product_count: 3 },
          ],
          attributes: [{ name: "colour", values: [{ value: "Blue", product_count: 2 }] }],
        }),
      ),
    ),
  );
  const { user, router } = renderShop("/products?page=2");
  const panel = await findPanel();

  await user.click(await panel.findByRole("checkbox", { name: "Halm 7", hidden: true }));
  await user.click(panel.getByRole("checkbox", { name: "Nord 3", hidden: true }));
  await user.click(panel.getByRole("checkbox", { name: "Blue 2", hidden: true }));
  expect(router.state.location.search).toBe("?brand=Halm&brand=Nord&attribute=colour%3ABlue");
  expect(panel.getByRole("group", { name: "Colour", hidden: true })).toBeInTheDocument();

  const chips = within(screen.getByRole("list", { name: "Active filters" }));
  await user.click(chips.getByRole("button", { name: "Remove the filter Halm" }));
  expect(router.state.location.search).toBe("?attribute=colour%3ABlue&brand=Nord");
  expect(chips.getByRole("button", { name: "Remove the filter Nord" })).toHaveFocus();

  await user.click(chips.getByRole("button", { name: "Clear filters" }));
  expect(router.state.location.search).toBe("");
  expect(screen.queryByRole("list", { name: "Active filters" })).not.toBeInTheDocument();
});

test("a category and those below it stand for each other", async () => {
  captureQueries();
  const count = (path: string, parent: string | null) => ({
    path,
    name: path.split(" > ").at(-1) ?? "",
    parent,
    product_count: 5,
  });
  server.use(
    http.get("*/api/products/facets/", () =>
      HttpResponse.json(
        facets({ categories: [count("Home", null), count("Home > Lamps", "Home"), count("Garden", null)] }),
      ),
    ),
  );
  const { user, router } = renderShop("/products?subcategory=Home");
  const panel = await findPanel();
  const chosen = () => new URLSearchParams(router.state.location.search).getAll("subcategory");

  await user.click(await panel.findByRole("checkbox", { name: "Lamps 5", hidden: true }));
  expect(chosen()).toEqual(["Home > Lamps"]);
  expect(panel.getByRole("checkbox", { name: "Home 5", hidden: true })).toBePartiallyChecked();

  await user.click(panel.getByRole("checkbox", { name: "Garden 5", hidden: true }));
  await user.click(panel.getByRole("checkbox", { name: "Home 5", hidden: true }));
  expect(chosen()).toEqual(["Garden", "Home"]);
});

test("a price band or a rating replaces the one before, and a second click takes it back", async () => {
  captureQueries();
  server.use(
    http.get("*/api/products/facets/", () =>
      HttpResponse.json(
        facets({
          price: {
            min: "4.00",
            max: "90.00",
            bands: [
              { min: "0.00", max: "19.99", product_count: 4 },
              { min: "20.00", max: "49.99", product_count: 5 },
              { min: "50.00", max: null, product_count: 6 },
            ],
          },
          ratings: [{ min_rating: 4, product_count: 3 }],
        }),
      ),
    ),
  );
  const { user, router } = renderShop("/products");
  const panel = await findPanel();
  const press = async (name: string) => {
    await user.click(await panel.findByRole("button", { name, hidden: true }));
    return router.state.location.search;
  };

  expect(await press("Up to $19.99 4")).toBe("?max_price=19.99");
  expect(await press("$20.00 to $49.99 5")).toBe("?min_price=20.00&max_price=49.99");
  expect(await press("$50.00 and more 6")).toBe("?min_price=50.00");
  expect(await press("$50.00 and more 6")).toBe("");
  expect(await press("4 and up 3")).toBe("?min_rating=4");
  expect(screen.getByRole("button", { name: "Remove the filter Rated 4 and up" })).toBeVisible();
});

test("of many values the first eight stand there until more are asked for", async () => {
  captureQueries();
  const brands = Array.from({ length: 12 }, (_, position) => ({ name: `Brand ${position}`, product_count: 1 }));
  server.use(http.get("*/api/products/facets/", () => HttpResponse.json(facets({ brands }))));
  const { user } = renderShop("/products?brand=Brand%2011");
  const panel = await findPanel();
  const list = () => panel.getAllByRole("checkbox", { name: /Brand/, hidden: true }).length;

  const more = await panel.findByRole("button", { name: "Show 3 more", hidden: true });
  expect(list()).toBe(9);
  await user.click(more);

  expect(list()).toBe(12);
});

test("the drawer has the same facets, says how many products match, and returns the focus", async () => {
  captureQueries();
  server.use(
    http.get("*/api/products/facets/", () =>
      HttpResponse.json(facets({ product_count: 7, brands: [{ name: "Halm", product_count: 7 }] })),
    ),
  );
  const { user, router } = renderShop("/products");
  const open = await screen.findByRole("button", { name: "Filters" });
  await waitFor(() => {
    expect(open).toBeEnabled();
  });

  await user.click(open);
  const drawer = within(await screen.findByRole("dialog", { name: "Filters" }));
  await user.click(drawer.getByRole("checkbox", { name: "Halm 7" }));
  expect(router.state.location.search).toBe("?brand=Halm");
  expect(drawer.getByRole("button", { name: "Show 7 products" })).toBeVisible();
  await user.keyboard("{Escape}");

  await waitFor(() => {
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });
  expect(open).toHaveFocus();
});

test("facets that could not be fetched leave the products as they are", async () => {
  captureQueries();
  server.use(http.get("*/api/products/facets/", () => new HttpResponse(null, { status: 500 })));
  renderShop("/products");

  expect(await screen.findByRole("link", { name: "Copper kettle" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Filters" })).toBeDisabled();
});

test("a box that was ticked is ticked at once and stays so, before the address has changed", async () => {
  renderShop("/products");
  const panel = await findPanel();
  const box = await panel.findByRole<HTMLInputElement>("checkbox", { name: /^In stock only/, hidden: true });
  const seen: boolean[] = [];
  const watched = new MutationObserver(() => seen.push(box.checked));
  watched.observe(document.body, { subtree: true, childList: true, attributes: true });

  box.click();
  seen.push(box.checked);
  await waitFor(() => {
    expect(screen.getByRole("button", { name: "Remove the filter In stock only" })).toBeVisible();
  });
  watched.disconnect();

  expect(seen).not.toContain(false);
});
