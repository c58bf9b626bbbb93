import { readFile } from "node:fs/promises";

import type { Locator, Page } from "@playwright/test";

import {
  expect,
  fetchJson,
  fetchProductsForSale,
  findRail,
  open,
  readProductNames,
  test,
  viewProducts,
} from "./shop";

test("from search to a placed order", async ({ page }) => {
  await open(page, "/");
  const [{ name: wanted } = { name: "" }] = await fetchProductsForSale(page, 1);

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
  await page.getByLabel(/^Email/).fill("mara@shop.example");
  await page.getByLabel("Full name").fill("Mara Ode");
  await page.getByLabel("Street and number").fill("Elm Row 4");
  await page.getByLabel("Postcode").fill("10115");
  await page.getByLabel("City").fill("Berlin");
  await page.reload();
  await expect(page.getByLabel("City")).toHaveValue("Berlin");
  await page.getByLabel("Country").selectOption({ label: "Germany" });
  await page.getByRole("button", { name: "Continue to delivery" }).click();
  await page.getByRole("button", { name: "Continue to review" }).click();
  await expect(page.getByRole("button", { name: "Place order" })).toBeVisible();
  const arrival = /by (.*)/.exec((await page.getByText(/arrives by/).textContent()) ?? "")?.[1] ?? "?";
  await page.getByRole("button", { name: "Place order" }).dblclick();

  await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  await expect(page.getByRole("main").getByText(wanted).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Cart, 0 items" })).toBeVisible();
  await expect(page.getByText("A confirmation is on its way to mara@shop.example.")).toBeVisible();
  const confirmation = page.url();
  await page.goBack();
  await expect(page).toHaveURL(confirmation);
  await open(page, "/account");
  const orders = page.getByRole("region", { name: "Orders" });
  await expect(orders.getByRole("heading", { level: 3 })).toHaveCount(1);
  for (const fact of [wanted, "Elm Row 4", "10115 Berlin", "Germany", arrival]) {
    await expect(orders.getByText(fact)).toBeVisible();
  }
});

test("filters stay in the address; back and forward restore them and the scroll position", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "/products");
  await page.getByLabel("Sort by").selectOption({ label: "Price, low to high" });
  await page.getByRole("button", { name: "Filters" }).click();
  const filters = page.getByRole("dialog", { name: "Filters" });
  await filters.getByLabel("From").fill("50");
  await filters.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/sort=price&min_price=50/);
  const { count } = await fetchJson<{ count: number }>(page, "/api/products/?min_price=50&page_size=1");
  await filters.getByRole("button", { name: `Show ${count} products` }).click();
  await expect(page.getByText(`${count} products`, { exact: true })).toBeVisible();

  const chosen = page.getByRole("main").getByRole("article").nth(12).getByRole("link").first();
  const name = (await chosen.textContent()) ?? "";
  await chosen.scrollIntoViewIfNeeded();
  const position = await scrollPosition(page);
  expect(position).toBeGreaterThan(1000);
  await chosen.click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  expect(await scrollPosition(page)).toBe(0);
  await page.goBack();

  await expect(page.getByLabel("Sort by")).toHaveValue("price");
  await expect(page.getByRole("button", { name: /^Remove the filter \$50/ })).toBeVisible();
  await expectPosition(page, position);
  await page.reload();
  await expectPosition(page, position);
  await page.goForward();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();

  await open(page, "/products?sort=price");
  await expect(page.getByRole("main").getByRole("article").nth(12)).toBeAttached();
  await expect(page.getByLabel("Sort by")).toHaveValue("price");
  expect(await scrollPosition(page)).toBe(0);
});

test("back and reload restore the scroll position of the home page", async ({ page }) => {
  await open(page, "/");
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const category = page.getByRole("main").getByRole("region", { name: "All categories" }).getByRole("link").last();
  await category.scrollIntoViewIfNeeded();
  const position = await scrollPosition(page);
  expect(position).toBeGreaterThan(500);
  await category.click();
  await expect(page).toHaveURL(/\/category\//);
  await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();
  await expect.poll(() => scrollPosition(page)).toBe(0);

  await page.goBack();

  await expectPosition(page, position);
  await page.reload();
  await expectPosition(page, position);
});

const scrollPosition = (page: Page) => page.evaluate(() => window.scrollY);

/** Names of products may wrap otherwise on the second visit: lists change, and with them their height. */
async function expectPosition(page: Page, position: number): Promise<void> {
  await expect.poll(async () => Math.abs((await scrollPosition(page)) - position)).toBeLessThan(100);
}

test("by keyboard alone: from the listing to a placed order", async ({ page }) => {
  await open(page, "/products");
  const keys = page.keyboard;
  const product = page
    .getByRole("main")
    .getByRole("article")
    .filter({ has: page.getByRole("button", { name: /^Add .* to cart$/, disabled: false }) })
    .first();
  await expect(product).toBeVisible();

  await keys.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await keys.press("Enter");
  await tabTo(page, page.getByRole("link", { name: "Skip the filters" }));
  await keys.press("Enter");
  await tabTo(page, product.getByRole("link").first());
  await keys.press("Enter");
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Add to cart", exact: true }));
  await keys.press("Enter");
  const cart = page.getByRole("button", { name: "Cart, 1 item" });
  await expect(cart).toBeVisible();
  // Escape closes what opened last: were the message late, it and not the drawer.
  await expect(page.getByText(/is in your cart/).first()).toBeVisible();
  await tabTo(page, cart, "Shift+Tab");
  await keys.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Your cart" });
  await expect(drawer).toBeVisible();
  await keys.press("Escape");
  await expect(drawer).toHaveCount(0);
  await expect(cart).toBeFocused();
  await keys.press("Enter");
  await tabTo(page, drawer.getByRole("link", { name: "Go to checkout" }));
  await keys.press("Enter");

  await tabTo(page, page.getByLabel(/^Email/));
  for (const line of ["mara@shop.example", "Mara Ode", "Elm Row 4", "10115", "Berlin", "Germany"]) {
    await keys.type(line);
    await keys.press("Tab");
  }
  await keys.press("Enter");
  await tabTo(page, page.getByRole("radio", { name: /To your door/ }));
  await keys.press("ArrowDown");
  await expect(page.getByRole("radio", { name: /pick-up point/ })).toBeChecked();
  await keys.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Place order" }));
  await keys.press("Enter");

  await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
});

/** Press a key until the target has the focus. */
async function tabTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let steps = 0; steps < 80; steps += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  await expect(target).toBeFocused();
}

test("likes persist; a hidden product stays hidden until it is shown again", async ({ page }) => {
  await open(page, "/");
  const list = findRail(page, /Trending now|Popular right now/).first();
  const [liked = "", hidden = ""] = await readProductNames(list);

  await list.getByRole("button", { name: `Like ${liked}`, exact: true }).click();
  await expect(list.getByRole("button", { name: `You like ${liked}` })).toBeVisible();
  await list.getByRole("button", { name: `Not interested in ${hidden}`, exact: true }).click();
  await expect(list.getByRole("heading", { name: hidden, exact: true })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(list.getByRole("heading", { name: hidden, exact: true })).toBeVisible();
  const sent = page.waitForResponse(
    (response) => response.url().endsWith("/api/not-interested/") && response.status() === 201,
  );
  await list.getByRole("button", { name: `Not interested in ${hidden}`, exact: true }).click();
  await sent;

  await open(page, "/account");
  await expect(page.getByRole("region", { name: "Liked" }).getByText(liked)).toBeVisible();
  const hiddenProducts = page.getByRole("region", { name: "Hidden products" });
  await hiddenProducts.getByRole("button", { name: `Show ${hidden} again` }).click();
  await expect(hiddenProducts.getByText("Nothing is hidden.")).toBeVisible();
});

test("a shopper's data can be seen, downloaded, switched off and erased", async ({ page }) => {
  await viewProducts(page, await fetchProductsForSale(page, 1));

  await open(page, "/account");
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
  await open(page, "/account");
  await expect(data.getByText("Things you did").locator("..")).toContainText("0");
});

test("in German the page has German texts, language and numbers", async ({ page }) => {
  await open(page, "/products");
  await page.getByRole("button", { name: "Deutsch" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Alles" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByRole("main").getByText(/^\d+(\.\d{3})*,\d{2}\s\$$/).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Alles" })).toBeVisible();
});
