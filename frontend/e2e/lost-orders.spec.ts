import type { Page } from "@playwright/test";

import { expect, fetchJson, fetchProductsForSale, fillCart, open, test } from "./shop";

interface Orders {
  orders: { id: number; lines: { product_id: number }[] }[];
}

const fetchOrders = async (page: Page) => (await fetchJson<Orders>(page, "/api/orders/")).orders;

async function fillInUpToReview(page: Page) {
  await page.getByLabel(/^Email/).fill("mara@shop.example");
  await page.getByLabel("Full name").fill("Mara Ode");
  await page.getByLabel("Street and number").fill("Elm Row 4");
  await page.getByLabel("Postcode").fill("10115");
  await page.getByLabel("City").fill("Berlin");
  await page.getByLabel("Country").selectOption({ label: "Germany" });
  await page.getByRole("button", { name: "Continue to delivery" }).click();
  await page.getByRole("button", { name: "Continue to review" }).click();
}

test("with personal shelves off, an order whose answer and cookie were lost is placed once", async ({ page, context, baseURL, consoleErrors }) => {
  consoleErrors.allow(/Failed to load resource/);
  await context.addCookies([{ name: "personalization", value: "off", url: baseURL ?? "" }]);
  const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
  const keys: (string | undefined)[] = [];
  const placed: number[] = [];
  await context.route("**/api/orders/", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("visitor");
    const response = await route.fetch();
    placed.push(response.status());
    if (keys.length > 1) return route.fulfill({ response });
    await context.clearCookies({ name: "visitor" });
    await route.abort();
  });

  await open(page, `/product/${product.id}`);
  await page.getByRole("main").getByRole("button", { name: "Buy now" }).click();
  await fillInUpToReview(page);
  await page.getByRole("button", { name: "Place order" }).click();

  await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  expect(placed).toEqual([201, 200]);
  expect(new Set(keys).size).toBe(1);
  expect((await fetchOrders(page)).map(({ lines }) => lines.map(({ product_id }) => product_id))).toEqual([[product.id]]);
});

for (const isLive of [true, false]) {
  const way = isLive ? "by itself" : "where no socket opens, when it is ordered again";
  test(`a cart that was ordered in another tab leads to that order ${way}`, async ({ page, context, consoleErrors }) => {
    consoleErrors.allow(/Failed to load resource/);
    if (!isLive) await context.routeWebSocket(/\/ws\//, (socket) => socket.close());
    const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
    await fillCart(page, product);
    const other = await context.newPage();
    for (const tab of [page, other]) {
      await open(tab, "/checkout");
      await fillInUpToReview(tab);
    }
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();

    if (!isLive) await other.getByRole("button", { name: "Place order" }).click();

    await expect(other.getByText("This cart has been ordered already.")).toBeVisible();
    await other.getByRole("link", { name: /^Look at order/ }).click();
    await expect(other).toHaveURL(page.url());
    await expect(other.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
    expect(await fetchOrders(page)).toHaveLength(1);
  });
}
