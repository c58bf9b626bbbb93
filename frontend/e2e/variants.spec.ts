import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, fetchJson, type Listed, open, tabTo, test } from "./shop";

interface Detailed extends Listed {
  options: { name: string; values: string[] }[];
  variants: { id: number; name: string; options: Record<string, string>; is_buyable: boolean }[];
}

/** Return a product in at least three sizes, one of which is sold out in every colour. */
async function findStyle(page: Page): Promise<{ product: Detailed; soldOut: string }> {
  for (const category of ["Clothing", "Shoes"]) {
    const path = `/api/products/?category=${category}&in_stock=true&page_size=100`;
    const { results } = await fetchJson<{ results: Listed[] }>(page, path);
    for (const { id } of results) {
      const product = await fetchJson<Detailed>(page, `/api/products/${id}/`);
      const [sizes] = product.options;
      const soldOut = sizes?.values.find((size) =>
        product.variants.every(({ options, is_buyable }) => options.Size !== size || !is_buyable),
      );
      if (soldOut !== undefined && (sizes?.values.length ?? 0) >= 3) return { product, soldOut };
    }
  }
  throw new Error("The sample shop has no such style.");
}

const isFocused = (page: Page, selector: string) => () =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);

test("a size is chosen by keyboard, bought, and named in the order", async ({ page }) => {
  await open(page, "/");
  const { product, soldOut } = await findStyle(page);
  await open(page, `/product/${product.id}`);

  const sizes = page.getByRole("group", { name: "Size" });
  await expect(sizes.getByRole("radio", { name: `${soldOut} Sold out` })).toBeDisabled();
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Choose: Size");

  await page.getByRole("heading", { level: 1 }).click();
  await tabTo(page, isFocused(page, "input[name=Size]"));
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await expect(sizes.locator("input:checked")).toBeFocused();
  const colours = page.getByRole("group", { name: "Colour" });
  if ((await colours.locator("input:checked").count()) === 0) {
    await tabTo(page, isFocused(page, "input[name=Colour]"));
    await page.keyboard.press("Space");
  }
  await expect(page).toHaveURL(/variant=\d+/);
  const chosen = product.variants.find(({ id }) => page.url().endsWith(`variant=${id}`));
  expect(chosen?.is_buyable).toBe(true);
  const name = `${product.name} (${chosen?.name ?? "?"})`;

  // A copy of the address shows the same choice, also before scripts run.
  await page.reload();
  await expect(sizes.locator("input:checked")).toHaveValue(chosen?.options.Size ?? "?");

  await tabTo(page, isFocused(page, "input[name=Colour]"));
  await tabTo(page, async () => (await page.evaluate(() => document.activeElement?.textContent)) === "Buy now");
  await page.keyboard.press("Enter");
  await page.getByLabel(/^Email/).fill("mara@shop.example");
  await page.getByLabel("Full name").fill("Mara Ode");
  await page.getByLabel("Street and number").fill("Elm Row 4");
  await page.getByLabel("Postcode").fill("10115");
  await page.getByLabel("City").fill("Berlin");
  await page.getByLabel("Country").selectOption({ label: "Germany" });
  await page.getByRole("button", { name: "Continue to delivery" }).click();
  await page.getByRole("button", { name: "Continue to review" }).click();
  await expect(page.getByText(`1 × ${name}`)).toBeVisible();
  await page.getByRole("button", { name: "Place order" }).click();

  await expect(page.getByRole("heading", { name: "Thank you. Your order is in." })).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name })).toHaveAttribute(
    "href",
    `/product/${product.id}?variant=${chosen?.id}`,
  );
  await open(page, "/account");
  await expect(page.getByRole("region", { name: "Orders" }).getByRole("link", { name })).toBeVisible();
});

test("lines of a cart name the variant, and each is changed by itself", async ({ page }) => {
  await open(page, "/");
  const { product } = await findStyle(page);
  const [first] = product.variants.filter(({ is_buyable }) => is_buyable);
  await open(page, `/product/${product.id}?variant=${first?.id}`);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();

  await open(page, "/cart");
  const main = page.getByRole("main");
  await expect(main.getByText(first?.name ?? "?", { exact: true })).toBeVisible();
  await main.getByRole("button", { name: `Remove ${product.name} (${first?.name})` }).click();
  await expect(page.getByRole("button", { name: "Cart, 0 items" })).toBeVisible();
});

test("the choice is accessible, narrow and wide, light and dark", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, "/");
  const { product } = await findStyle(page);
  await open(page, `/product/${product.id}`);
  await expect(page.getByRole("group", { name: "Size" })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => `${width} ${colorScheme} ${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  }
});
