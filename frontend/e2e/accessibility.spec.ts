import AxeBuilder from "@axe-core/playwright";

import { expect, open, productsForSale, test } from "./shop";

const widths = [360, 1280];
const schemes = ["light", "dark"] as const;

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
  test(`no barrier on the ${name} page, narrow and wide, light and dark`, async ({ page, complaints }) => {
    complaints.expect(/404 .*\/nothing\/here/);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const [product = { id: 0, category: "" }] = await productsForSale(page, 1);
    await open(page, "/sign-in");
    const csrf = (await page.context().cookies()).find((cookie) => cookie.name === "csrftoken")?.value ?? "";
    await page.request.post("/api/cart/", {
      data: { product_id: product.id },
      headers: { "X-CSRFToken": csrf },
    });

    await open(page, address(product));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });

        const { violations } = await new AxeBuilder({ page }).analyze();

        expect(
          violations.map(({ id, nodes }) => `${width} ${colorScheme} ${id}: ${nodes[0]?.html}`),
        ).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${width} px wide it scrolls sideways`).toBeLessThanOrEqual(0);
    }
  });
}
