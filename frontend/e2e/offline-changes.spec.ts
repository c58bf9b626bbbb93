import type { BrowserContext, Page } from "@playwright/test";

import { expect, fetchJson, fetchProductsForSale, open, postJson, test } from "./shop";

const disconnected = /ERR_INTERNET_DISCONNECTED|Failed to load resource/;

interface Products {
  products: { id: number }[];
}

const fetchLikes = async (page: Page) =>
  (await fetchJson<Products>(page, "/api/likes/")).products.map(({ id }) => id);
const fetchCartCount = async (page: Page) =>
  (await fetchJson<{ item_count: number }>(page, "/api/cart/")).item_count;
const countKept = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("change:")).length);

/** Open a product, and wait until the server has said who is shopping. */
async function openProduct(page: Page) {
  const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
  await open(page, `/product/${product.id}`);
  await expect.poll(() => page.evaluate(() => localStorage.getItem("shopper"))).not.toBeNull();
  return product;
}

const findButton = (page: Page, name: string) =>
  page.getByRole("main").getByRole("button", { name, exact: true });

async function likeAndAddOffline(page: Page, context: BrowserContext, name: string) {
  await context.setOffline(true);
  await expect(page.getByText("What you look at, like, hide and put in the cart is saved")).toBeVisible();
  await findButton(page, "Like").click();
  await findButton(page, "Liked").click();
  await findButton(page, "Like").click();
  await expect(findButton(page, "Liked")).toHaveAttribute("aria-pressed", "true");
  await findButton(page, "Add to cart").click();
  await expect(page.getByText(`${name} will be in your cart once you are back online.`).first()).toBeVisible();
}

test("likes and cart additions without a network arrive in order and once, when it is back", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(disconnected);
  const product = await openProduct(page);
  const sent: string[] = [];
  page.on("response", (response) => {
    if (/\/api\/(likes|cart)\/(\d+\/)?$/.test(response.url()) && response.request().method() !== "GET") {
      sent.push(`${response.request().method()} ${new URL(response.url()).pathname}`);
    }
  });

  await likeAndAddOffline(page, context, product.name);
  await context.setOffline(false);

  await expect.poll(() => fetchCartCount(page)).toBe(1);
  await expect.poll(() => countKept(page)).toBe(0);
  expect(await fetchLikes(page)).toEqual([product.id]);
  expect(sent.filter((request) => request.includes("likes"))).toEqual([
    "POST /api/likes/",
    `DELETE /api/likes/${product.id}/`,
    "POST /api/likes/",
  ]);
  expect(sent.filter((request) => request.includes("cart"))).toEqual(["POST /api/cart/"]);
});

test("changes of a tab that was closed without a network arrive when the shop is opened again", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(disconnected);
  const product = await openProduct(page);
  await likeAndAddOffline(page, context, product.name);
  await page.close();
  await context.setOffline(false);
  const reopened = await context.newPage();

  await open(reopened, "/account");

  await expect.poll(() => fetchCartCount(reopened)).toBe(1);
  await expect.poll(() => fetchLikes(reopened)).toEqual([product.id]);
  await expect.poll(() => countKept(reopened)).toBe(0);
});

test("an addition whose answer was lost is counted once", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(disconnected);
  await openProduct(page);
  let isLost = false;
  await context.route("**/api/cart/", async (route) => {
    if (route.request().method() !== "POST" || isLost) return route.continue();
    isLost = true;
    await route.fetch();
    await route.abort();
  });

  await findButton(page, "Add to cart").click();

  await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();
  expect(await fetchCartCount(page)).toBe(1);
});

test("what one shopper did without a network is never sent for another", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(disconnected);
  const { shoppers } = await fetchJson<{ shoppers: { user_id: number }[] }>(page, "/api/demo/shoppers/");
  const [first, second] = shoppers.map(({ user_id }) => user_id);
  await postJson(page, "/api/demo/sign-in/", { user_id: first });
  const product = await openProduct(page);
  const likesBefore = await fetchLikes(page);
  expect(likesBefore).not.toContain(product.id);
  await likeAndAddOffline(page, context, product.name);
  await page.close();
  await context.setOffline(false);
  const other = await context.newPage();
  await postJson(other, "/api/demo/sign-in/", { user_id: second });
  const likesOfOther = await fetchLikes(other);
  const cartOfOther = await fetchCartCount(other);

  await open(other, "/account");
  await expect.poll(() => other.evaluate(() => localStorage.getItem("shopper"))).toBe(String(second));
  await other.goto("/products");
  await expect(other.getByRole("main").getByRole("article").first()).toBeVisible();

  expect(await fetchLikes(other)).toEqual(likesOfOther);
  expect(await fetchCartCount(other)).toBe(cartOfOther);
  await postJson(other, "/api/demo/sign-in/", { user_id: first });
  await open(other, "/account");
  await expect.poll(() => fetchLikes(other)).toContain(product.id);
});
