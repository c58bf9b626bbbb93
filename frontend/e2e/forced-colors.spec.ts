import type { Locator, Page } from "@playwright/test";

import { expect, fetchJson, type Listed, open, tabTo, test } from "./shop";

const readStyle = (element: Locator, property: string) =>
  element.evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property);

/** Return the first piece of clothing that has sizes. */
async function findStyle(page: Page): Promise<Listed | undefined> {
  const path = "/api/products/?category=Clothing&in_stock=true&page_size=100";
  const { results } = await fetchJson<{ results: (Listed & { has_variants: boolean })[] }>(page, path);
  return results.find(({ has_variants }) => has_variants);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`where the system chooses ${colorScheme} colours`, () => {
    test.use({ colorScheme, contextOptions: { forcedColors: "active", reducedMotion: "reduce" } });

    test("the size that is selected looks different, and the button in focus has an outline", async ({ page }) => {
      const product = await findStyle(page);
      await open(page, `/product/${product?.id}`);
      const sizes = page.getByRole("group", { name: "Size" }).locator("label");
      const selected = sizes.filter({ has: page.locator(":checked") });
      const unselected = sizes.filter({ hasNot: page.locator(":checked") }).first();
      const button = page.getByRole("button", { name: "Add to cart", exact: true });

      await tabTo(page, () => page.evaluate(() => document.activeElement?.matches("[name=Size]") ?? false));
      await page.keyboard.press("Space");
      await expect(selected).toHaveCount(1);
      const text = await readStyle(selected, "color");
      const background = await readStyle(selected, "background-color");
      await tabTo(page, () => button.evaluate((element) => element === document.activeElement));

      expect(text).not.toBe(background);
      expect(background).not.toBe(await readStyle(unselected, "background-color"));
      await expect(button).toHaveCSS("outline-style", "solid");
      await expect(button).toHaveCSS("outline-width", "2px");
      const surroundings = await readStyle(page.locator("body"), "background-color");
      expect(await readStyle(button, "outline-color")).not.toBe(surroundings);
    });

    test("only the category of the page is underlined", async ({ page }) => {
      await open(page, "/category/Clothing");

      const categories = page.getByRole("navigation", { name: "Categories" });
      const background = await readStyle(page.locator("body"), "background-color");
      const readUnderline = (name: string) =>
        readStyle(categories.getByRole("link", { name, exact: true }), "border-bottom-color");
      expect(await readUnderline("Clothing")).not.toBe(background);
      expect(await readUnderline("Shoes")).toBe(background);
    });

    test("a switch shows its thumb, and whether it is on", async ({ page }) => {
      await open(page, "/account");
      const toggle = page.getByRole("switch");
      const readTrack = () => readStyle(toggle.locator("span").first(), "background-color");
      const readThumb = () => readStyle(toggle.locator("span").last(), "background-color");
      await expect(toggle).toBeChecked();
      const [trackOn, thumbOn] = [await readTrack(), await readThumb()];

      await toggle.press("Space");
      await expect(toggle).not.toBeChecked();

      expect(thumbOn).not.toBe(trackOn);
      expect(await readTrack()).not.toBe(trackOn);
      expect(await readThumb()).not.toBe(await readTrack());
    });
  });
}
