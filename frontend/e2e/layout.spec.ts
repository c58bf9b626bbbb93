import type { Page } from "@playwright/test";

import { expect, fetchProductsForSale, open, test } from "./shop";

for (const width of [320, 640, 1280]) {
  test(`the message about an addition makes way for the cart, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 850 });
    const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
    await open(page, `/product/${product.id}`);

    await page.getByRole("button", { name: "Add to cart", exact: true }).click();
    const message = page.getByText(`${product.name} is in your cart.`, { exact: true });
    await expect(message).toBeVisible();
    await page.getByRole("button", { name: "Cart, 1 item" }).click();
    const cart = page.getByRole("dialog", { name: "Your cart" });
    await expect(cart.getByRole("link", { name: "Go to checkout" })).toBeInViewport();
    await expect(message).toHaveCount(0);
  });
}

test("choosing a filter moves neither the filters nor the order of the list", async ({ page }) => {
  await open(page, "/products");
  const filters = page.getByRole("complementary", { name: "Filters" });
  const controls = [filters.getByRole("checkbox").first(), page.getByLabel("Sort by")];
  const before = await Promise.all(controls.map((control) => control.boundingBox()));

  await filters.getByRole("checkbox").first().click();

  await expect(page.getByRole("list", { name: "Active filters" })).toBeVisible();
  expect(await Promise.all(controls.map((control) => control.boundingBox()))).toEqual(before);
});

for (const width of [320, 390]) {
  test(`German texts fit their boxes, ${width} px wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 850 });
    await open(page, "/products");
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Alles" })).toBeVisible();
    await page.getByRole("button", { name: "Filter" }).click();
    expect(await findOverflows(page), "/products").toEqual([]);

    for (const address of ["/", "/cart", "/checkout", "/sign-in", "/account", "/products?in_stock=true"]) {
      await page.goto(address);
      await expect(page.getByRole("link", { name: "Zum Inhalt" })).toBeAttached();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await findOverflows(page), address).toEqual([]);
    }
  });
}

/** Return the texts of buttons, links, headings and labels that are wider than their boxes or the page. */
async function findOverflows(page: Page): Promise<string[]> {
  const wide = await page
    .locator("button, main a, h1, h2, h3, label")
    .evaluateAll((elements) =>
      elements
        .filter(({ clientWidth, scrollWidth }) => clientWidth > 1 && scrollWidth > clientWidth + 1)
        .map(({ textContent }) => textContent),
    );
  const pageOverflows = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  return [...wide, ...(pageOverflows ? ["the page"] : [])];
}
