import AxeBuilder from "@axe-core/playwright";

import { expect, test } from "./shop";

const widths = [360, 1280];
const schemes = ["light", "dark"] as const;

for (const scheme of schemes) {
  for (const width of widths) {
    test(`no barrier on any page, ${scheme}, ${width} px wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 800 });
      const products = (await (await page.request.get("/api/products/?in_stock=true&page_size=1")).json()) as {
        results: { id: number; category: string }[];
      };
      const { id, category } = products.results[0] ?? { id: 0, category: "" };
      await page.goto(`/product/${id}`);
      await page.getByRole("button", { name: "Add to cart", exact: true }).click();
      await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();

      const addresses = [
        "/",
        `/category/${encodeURIComponent(category)}?sort=price&min_price=1`,
        `/search?q=${encodeURIComponent(category)}`,
        `/product/${id}`,
        "/cart",
        "/checkout",
        "/sign-in",
        "/account",
        "/nothing/here",
      ];
      for (const address of addresses) {
        await page.goto(address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.locator("[aria-busy=true]")).toHaveCount(0);

        const { violations } = await new AxeBuilder({ page }).analyze();
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );

        expect(violations.map(({ id: rule, nodes }) => `${address} ${rule}: ${nodes[0]?.html}`)).toEqual([]);
        expect(overflow, `${address} scrolls sideways`).toBeLessThanOrEqual(0);
      }
    });
  }
}
