import { readFile } from "node:fs/promises";

import { expect, namesOn, rail, recorded, test } from "./shop";

test("three views of one category make it the new visitor's shelf", async ({ page }) => {
  const categories = (await (await page.request.get("/api/categories/")).json()) as {
    categories: { name: string }[];
  };
  const category = categories.categories[3]?.name ?? "";
  await page.goto("/");
  await expect(rail(page, /Trending now|Popular right now/).first()).toBeVisible();
  await expect(rail(page, /^For you/)).toHaveCount(0);

  await page.getByRole("navigation", { name: "Categories" }).getByRole("link", { name: category }).click();
  for (const position of [0, 1, 2]) {
    const viewed = recorded(page);
    await page.getByRole("main").getByRole("article").nth(position).getByRole("link").click();
    await viewed;
    await page.goBack();
    await expect(page.getByRole("heading", { name: category, level: 1 })).toBeVisible();
  }
  await page.getByRole("link", { name: "Magpie, home" }).click();

  const forYou = rail(page, /^For you/);
  await expect(forYou).toBeVisible({ timeout: 3000 });
  await expect(forYou.getByText(/^Because you viewed/).first()).toBeVisible();
  await expect(rail(page, "Recently viewed").getByRole("article")).toHaveCount(3);
  const personal = (await (await page.request.get("/api/recommendations/me/?count=12")).json()) as {
    recommendations: { category: string; product_name: string }[];
  };
  expect((await namesOn(forYou)).toSorted()).toEqual(
    personal.recommendations.map((entry) => entry.product_name).toSorted(),
  );
  const fromCategory = personal.recommendations.filter((entry) => entry.category === category);
  expect(fromCategory.length).toBeGreaterThanOrEqual(4);
});

test("two shoppers of different taste see different shelves", async ({ page }) => {
  await page.goto("/");
  const offers = page.getByRole("region", { name: /someone else/ }).getByRole("button");
  await expect(offers.nth(1)).toBeVisible();

  await offers.nth(0).click();
  await expect(offers.nth(0)).toBeDisabled();
  const first = (await namesOn(rail(page, "For you"))).slice(0, 10);
  await offers.nth(1).click();
  await expect(offers.nth(1)).toBeDisabled();
  const second = (await namesOn(rail(page, "For you"))).slice(0, 10);

  expect(first).toHaveLength(10);
  expect(second).toHaveLength(10);
  expect(first.filter((name) => second.includes(name)).length).toBeLessThanOrEqual(4);
});

test("from search to a placed order", async ({ page }) => {
  await page.goto("/");
  const newest = (await (await page.request.get("/api/products/?in_stock=true&page_size=1")).json()) as {
    results: { name: string }[];
  };
  const wanted = newest.results[0]?.name ?? "";

  const search = page.getByRole("combobox", { name: "Search the shop" });
  await search.pressSequentially(wanted.slice(0, 6));
  await expect(page.getByRole("option").first()).toBeVisible();
  await search.fill(wanted);
  await search.press("Enter");
  await page.getByRole("main").getByRole("link", { name: wanted, exact: true }).first().click();
  await expect(page.getByRole("heading", { name: wanted, level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();

  await page.getByRole("button", { name: "Cart, 1 item" }).click();
  const drawer = page.getByRole("dialog", { name: "Your cart" });
  await expect(drawer.getByText(wanted)).toBeVisible();
  await drawer.getByRole("link", { name: "Go to checkout" }).click();
  await page.getByLabel("Full name").fill("Mara Ode");
  await page.getByLabel("Street and number").fill("Elm Row 4");
  await page.getByLabel("Postcode").fill("10115");
  await page.getByLabel("City").fill("Berlin");
  await page.getByRole("button", { name: "Continue to delivery" }).click();
  await page.getByRole("button", { name: "Continue to review" }).click();
  await page.getByRole("button", { name: "Place order" }).click();

  await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  await expect(page.getByRole("main").getByText(wanted).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Cart, 0 items" })).toBeVisible();
  await page.goto("/account");
  await expect(page.getByRole("region", { name: "Orders" }).getByText(wanted)).toBeVisible();
});

test("filters stay in the address and come back with it", async ({ page }) => {
  await page.goto("/products");
  await page.getByLabel("Sort by").selectOption({ label: "Price, low to high" });
  await page.getByText("Filters", { exact: true }).click();
  await page.getByLabel("From").fill("50");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/sort=price&min_price=50/);
  const { count } = (await (await page.request.get("/api/products/?min_price=50&page_size=1")).json()) as {
    count: number;
  };
  await expect(page.getByText(`${count} products`)).toBeVisible();

  await page.getByRole("main").getByRole("article").first().getByRole("link").click();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  await page.goBack();

  await expect(page.getByLabel("Sort by")).toHaveValue("price");
  await expect(page.getByLabel("From")).toHaveValue("50");
  await expect(page.getByText(`${count} products`)).toBeVisible();
});

test("without a mouse: from the home page into the cart", async ({ page }) => {
  await page.goto("/products");
  const first = page.getByRole("main").getByRole("article").filter({ hasNotText: "Sold out" }).first();
  await expect(first).toBeVisible();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await first.getByRole("link").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Add to cart", exact: true }).press("Enter");
  await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();
  await page.getByRole("button", { name: "Cart, 1 item" }).press("Enter");
  await expect(page.getByRole("dialog", { name: "Your cart" })).toBeVisible();
  await page.keyboard.press("Escape");

  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("likes outlive the page; a hidden product is gone until it is asked back", async ({ page }) => {
  await page.goto("/");
  const shelf = rail(page, /Trending now|Popular right now/).first();
  const [liked = "", hidden = ""] = await namesOn(shelf);

  await shelf.getByRole("button", { name: `Like ${liked}`, exact: true }).click();
  await expect(shelf.getByRole("button", { name: `You like ${liked}` })).toBeVisible();
  await shelf.getByRole("button", { name: `Not interested in ${hidden}`, exact: true }).click();
  await expect(shelf.getByRole("heading", { name: hidden, exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(shelf.getByRole("heading", { name: hidden, exact: true })).toBeVisible();
  const told = page.waitForResponse(
    (response) => response.url().endsWith("/api/not-interested/") && response.status() === 201,
  );
  await shelf.getByRole("button", { name: `Not interested in ${hidden}`, exact: true }).click();
  await told;

  await page.goto("/account");
  await expect(page.getByRole("region", { name: "Liked" }).getByText(liked)).toBeVisible();
  const kept = page.getByRole("region", { name: "Hidden products" });
  await kept.getByRole("button", { name: `Show ${hidden} again` }).click();
  await expect(kept.getByText("Nothing is hidden.")).toBeVisible();
});

test("a shopper's data: seen, taken along, no longer used, erased", async ({ page }) => {
  const products = (await (await page.request.get("/api/products/?page_size=1")).json()) as {
    results: { id: number; name: string }[];
  };
  const viewed = recorded(page);
  await page.goto(`/product/${products.results[0]?.id ?? 0}`);
  await viewed;

  await page.goto("/account");
  const data = page.getByRole("region", { name: "Your data" });
  await expect(data.getByText("Things you did")).toBeVisible();
  const download = page.waitForEvent("download");
  await data.getByRole("link", { name: "Download everything" }).click();
  const file = JSON.parse(await readFile(await (await download).path(), "utf8")) as {
    interactions: unknown[];
  };
  expect(file.interactions).toHaveLength(1);
  const personal = data.getByRole("switch", { name: "Personal shelves" });
  await personal.click();
  await expect(personal).not.toBeChecked();
  await personal.click();
  await expect(personal).toBeChecked();

  await data.getByRole("button", { name: "Erase everything" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
  await expect(page).toHaveURL("/");
  await page.goto("/account");
  await expect(data.getByText("Things you did").locator("..")).toContainText("0");
});

test("what is done without a network is told to the shop once it is back", async ({ page, context }) => {
  await page.goto("/products");
  const product = page.getByRole("main").getByRole("article").first().getByRole("link");
  const first = recorded(page);
  await product.click();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  const name = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  await first;

  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await expect(page.getByText("You are offline. What you do is kept")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Everything", level: 1 })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  const told = recorded(page);
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));

  await told;
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("recommendations that never come keep no product from being shown", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("article").first()).toBeVisible();
  await page.route(/api\/(recommendations|trending|popular)/, () => undefined);
  await page.reload();

  await expect(rail(page, "New in the shop").getByRole("article").first()).toBeVisible();
});

test("German: every word of the page, its language and its numbers", async ({ page }) => {
  await page.goto("/products");
  await page.getByRole("button", { name: "Deutsch" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Alles" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("main").getByText(/^\d+(\.\d{3})*,\d{2}\s\$$/).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Alles" })).toBeVisible();
});
