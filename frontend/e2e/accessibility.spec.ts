import AxeBuilder from "@axe-core/playwright";

import { expect, fillCart, open, fetchProductsForSale, test } from "./shop";

const widths = [360, 1280];
const colorSchemes = ["light", "dark"] as const;

const pages: [string, (product: { id: number; category: string }) => string][] = [
  ["home", () => "/"],
  ["category", ({ category }) => `/category/${encodeURIComponent(category)}?sort=price&min_price=1`],
  ["search", ({ category }) => `/search?q=${encodeURIComponent(category)}`],
  ["product", ({ id }) => `/product/${id}`],
  ["cart", () => "/cart"],
  ["checkout", () => "/checkout"],
  ["sign-in", () => "/sign-in"],
  ["register", () => "/register"],
  ["forgotten password", () => "/forgotten-password"],
  ["reset password", () => "/reset-password?uid=MQ&token=cut"],
  ["account", () => "/account"],
  ["missing", () => "/nothing/here"],
];

for (const [name, address] of pages) {
  test(`the ${name} page is accessible, narrow and wide, light and dark`, async ({ page, consoleErrors }) => {
    consoleErrors.allow(/404 .*\/nothing\/here/);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const [product = { id: 0, name: "", category: "" }] = await fetchProductsForSale(page, 1);
    await fillCart(page, product);

    await open(page, address(product));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of colorSchemes) {
        await page.emulateMedia({ colorScheme });

        // Otherwise axe opens a second tab for each report, to read frames of other origins.
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();

        expect(
          violations.map(({ id, nodes }) => `${width} ${colorScheme} ${id}: ${nodes[0]?.html}`),
        ).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `horizontal overflow at a width of ${width} px`).toBeLessThanOrEqual(0);
    }
  });
}
