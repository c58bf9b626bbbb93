import { expect, fetchProductsForSale, test } from "./shop";

const headings: Record<string, string | RegExp> = {
  "/": /Look around/,
  "/products": "Everything",
  "/search?q=lamp": /lamp/,
  "/search?q=zzzz": "Search",
  "/order/17": "Order 17",
  "/products?in_stock=true&sort=price&page=2": "Everything",
  "/cart": "Your cart",
  "/checkout": "Checkout",
  "/sign-in": "Sign in",
  "/register": "Create an account",
  "/account": "Your account",
  "/nothing/here": "There is nothing at this address.",
};

for (const width of [390, 1280]) {
  test(`without JavaScript every page has its heading and says what is missing, ${width} px wide`, async ({ page, browser, consoleErrors }) => {
    consoleErrors.allow(/404/);
    const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
    const reader = await browser.newPage({ javaScriptEnabled: false, viewport: { width, height: 850 } });

    for (const [address, name] of Object.entries({ ...headings, [`/product/${product.id}`]: product.name })) {
      await reader.goto(address);
      await expect(reader.getByRole("heading", { level: 1, name }), address).toBeVisible();
      await expect(reader.getByRole("note"), address).toContainText("This page shows only a part of the shop.");
      await expect(reader.getByRole("note"), address).toBeInViewport();
      await expect(reader.getByRole("navigation", { name: "Categories" }).getByRole("link").first()).toBeVisible();
      const width = await reader.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(width, address).toBeLessThanOrEqual(0);
    }
    await reader.close();
  });
}

test("without JavaScript a search and every page of a listing show their products", async ({ browser }) => {
  const reader = await browser.newPage({ javaScriptEnabled: false });
  const products = reader.getByRole("main").getByRole("article");

  await reader.goto("/products?in_stock=true");
  await expect(products).toHaveCount(24);
  const first = await products.first().getByRole("link").first().getAttribute("href");
  await reader.getByRole("link", { name: "Next" }).click();
  await expect(reader).toHaveURL(/in_stock=true&page=2$/);
  await expect(products).toHaveCount(24);
  expect(await products.first().getByRole("link").first().getAttribute("href")).not.toBe(first);
  await reader.getByRole("searchbox", { name: "Search the shop" }).fill("lamp");
  await reader.keyboard.press("Enter");

  await expect(reader.getByRole("heading", { level: 1, name: /results? for “lamp”/ })).toBeVisible();
  await expect(products.first()).toContainText(/lamp/i);
  await reader.close();
});

test("a page whose first script cannot be fetched says so, and keeps what it shows", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(/Failed to load resource/);
  await context.route(/\/assets\/vendor-[^/]*\.js/, (route) => route.abort());

  await page.goto("/products");

  await expect(page.getByRole("note")).toContainText("This page shows only a part of the shop.");
  await expect(page.getByRole("article")).toHaveCount(24);
});

test("a page whose first script arrives cut off says so, and keeps what it shows", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(/SyntaxError|Unexpected end of input|Invalid or unexpected token/);
  await context.route(/\/assets\/vendor-[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    const whole = await response.text();
    await route.fulfill({ response, body: whole.slice(0, whole.length / 2) });
  });

  await page.goto("/products");

  await expect(page.getByRole("note")).toContainText("This page shows only a part of the shop.");
  await expect(page.getByRole("article")).toHaveCount(24);
});
