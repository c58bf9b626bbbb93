import { expect, fetchProductsForSale, test } from "./shop";

const headings: Record<string, string | RegExp> = {
  "/": /Look around/,
  "/products": "Everything",
  "/search?q=lamp": "Search",
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

test("a page whose first script cannot be fetched says so, and keeps what it shows", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(/Failed to load resource/);
  await context.route(/\/assets\/vendor-[^/]*\.js/, (route) => route.abort());

  await page.goto("/products");

  await expect(page.getByRole("note")).toContainText("This page shows only a part of the shop.");
  await expect(page.getByRole("article").first()).toBeVisible();
});
