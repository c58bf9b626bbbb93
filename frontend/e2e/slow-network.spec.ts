import type { Page } from "@playwright/test";

import { expect, fetchProductsForSale, fillCart, open, test } from "./shop";

/** Slow 3G, as DevTools has it. */
const slow = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** Hold every request from now on; returns a function that lets all of them go, slowly. */
async function holdRequests(page: Page): Promise<() => void> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*", async (route) => {
    await released;
    await route.continue().catch(() => undefined); // The page is closed, or went on.
  });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", slow);
  return release;
}

/** What says that a page or a list is on its way: its skeleton, the dimmed list before it, or the bar above the page. */
const findWaiting = (page: Page) =>
  page.locator('#content [aria-busy="true"], [role="status"] > [aria-hidden="true"]').first();
const expectWaiting = (page: Page) => expect(findWaiting(page)).toBeInViewport();

const findButton = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const findFirst = (page: Page) => page.getByRole("main").getByRole("article").first();
const expectBusy = (page: Page, name: string | RegExp) =>
  expect(page.locator('button[aria-busy="true"]').and(page.getByRole("button", { name }))).toBeDisabled();
const expectListWaiting = async (page: Page) => {
  const list = page.locator('#results[aria-busy="true"]');
  await expect(list).toBeVisible();
  await expect(list).toHaveCSS("opacity", "0.5");
};

interface Tap {
  at: string;
  prepare?: (page: Page) => Promise<unknown>;
  tap: (page: Page) => Promise<unknown>;
  isAnswered: (page: Page) => Promise<unknown>;
}

const taps: Record<string, Tap> = {
  "a product": {
    at: "/products",
    tap: (page) => findFirst(page).getByRole("link").first().click(),
    isAnswered: expectWaiting,
  },
  "a category": {
    at: "/products",
    tap: (page) => page.getByRole("navigation", { name: "Categories" }).getByRole("link").nth(1).click(),
    isAnswered: async (page) => {
      await expectListWaiting(page);
      await expect(page.getByRole("heading", { level: 1, name: "Everything" })).toHaveCount(0);
    },
  },
  "a filter": {
    at: "/products",
    tap: (page) => page.getByRole("checkbox", { name: "In stock only" }).click(),
    isAnswered: async (page) => {
      await expect(page.getByRole("checkbox", { name: "In stock only" })).toBeChecked();
      await expectListWaiting(page);
    },
  },
  "a price": {
    at: "/products",
    prepare: (page) => page.getByLabel("From").fill("20"),
    tap: (page) => findButton(page, "Apply").click(),
    isAnswered: expectListWaiting,
  },
  "the order": {
    at: "/products",
    tap: (page) => page.getByRole("combobox", { name: "Sort by" }).selectOption("price"),
    isAnswered: async (page) => {
      await expect(page.getByRole("combobox", { name: "Sort by" })).toHaveValue("price");
      await expectListWaiting(page);
    },
  },
  "the next page": {
    at: "/products",
    tap: (page) => page.getByRole("link", { name: "Next" }).click(),
    isAnswered: expectListWaiting,
  },
  "a search": {
    at: "/products",
    prepare: (page) => page.getByRole("combobox", { name: "Search the shop" }).fill("lamp"),
    tap: (page) => page.getByRole("combobox", { name: "Search the shop" }).press("Enter"),
    isAnswered: expectWaiting,
  },
  "a heart": {
    at: "/products",
    tap: (page) => findFirst(page).getByRole("button", { name: /^Like / }).click(),
    isAnswered: (page) =>
      expect(findFirst(page).getByRole("button", { name: /^You like / })).toHaveAttribute("aria-pressed", "true"),
  },
  "the cart of a tile": {
    at: "/products?in_stock=true",
    tap: (page) => page.getByRole("main").getByRole("button", { name: /^Add .* to cart$/ }).first().click(),
    isAnswered: (page) => expectBusy(page, /^Add .* to cart$/),
  },
  "the cart of a product": {
    at: "product",
    tap: (page) => page.getByRole("main").getByRole("button", { name: "Add to cart", exact: true }).click(),
    isAnswered: (page) => expectBusy(page, "Add to cart"),
  },
  "the way to buy now": {
    at: "product",
    tap: (page) => findButton(page, "Buy now").click(),
    isAnswered: expectWaiting,
  },
  "the cart": {
    at: "/products",
    tap: (page) => findButton(page, /^Cart/).click(),
    isAnswered: (page) =>
      expect(page.getByRole("dialog", { name: "Your cart" }).or(page.locator('body [aria-busy="true"].fixed'))).toBeInViewport(),
  },
  "the way to the checkout": {
    at: "/cart",
    tap: (page) => page.getByRole("link", { name: "Go to checkout" }).click(),
    // Whose script came in the meantime needs nothing from the shop.
    isAnswered: (page) =>
      expect(findWaiting(page).or(page.getByRole("heading", { level: 1, name: "Checkout" })).first()).toBeInViewport(),
  },
  "a step of the checkout": {
    at: "/checkout",
    prepare: fillAddress,
    tap: (page) => findButton(page, "Continue to delivery").click(),
    isAnswered: (page) => expect(findButton(page, "Continue to review")).toBeVisible(),
  },
  "the order's button": {
    at: "/checkout",
    prepare: async (page) => {
      await fillAddress(page);
      await findButton(page, "Continue to delivery").click();
      await findButton(page, "Continue to review").click();
    },
    tap: (page) => findButton(page, "Place order").click(),
    isAnswered: (page) => expectBusy(page, "Placing your order"),
  },
  "the button to sign in": {
    at: "/sign-in",
    prepare: async (page) => {
      await page.getByLabel("User name or e-mail").fill("nobody");
      await page.getByLabel("Password").fill("wrong-password");
    },
    tap: (page) => page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click(),
    isAnswered: (page) => expectBusy(page, "Sign in"),
  },
  "a sample shopper": {
    at: "/sign-in",
    tap: (page) => page.getByRole("button", { name: /^Shop as / }).first().click(),
    isAnswered: (page) => expectBusy(page, /^Shop as /),
  },
  "the other language": {
    at: "/products",
    tap: (page) => findButton(page, "Deutsch").click(),
    isAnswered: (page) => expectBusy(page, "Deutsch"),
  },
};

async function fillAddress(page: Page): Promise<void> {
  await page.getByLabel("Email, for the confirmation").fill("mara@example.com");
  await page.getByLabel("Full name").fill("Mara Holm");
  await page.getByLabel("Street and number").fill("Quay 1");
  await page.getByLabel("Postcode").fill("20457");
  await page.getByLabel("City").fill("Hamburg");
  await page.getByLabel("Country").selectOption("DE");
}

for (const [name, { at, prepare, tap, isAnswered }] of Object.entries(taps)) {
  test(`on a slow network a tap on ${name} is answered before the shop has answered`, async ({ page, consoleErrors }) => {
    consoleErrors.allow(/401/);
    const [product = { id: 0 }] = await fetchProductsForSale(page, 1);
    if (["/cart", "/checkout"].includes(at)) await fillCart(page, product);
    await open(page, at === "product" ? `/product/${product.id}` : at);
    await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
    await expect(findWaiting(page)).toHaveCount(0);
    await prepare?.(page);
    const release = await holdRequests(page);

    await tap(page);

    await isAnswered(page);
    release();
    await expect(page.locator('button[aria-busy="true"]')).toHaveCount(0, { timeout: 30_000 });
  });
}
