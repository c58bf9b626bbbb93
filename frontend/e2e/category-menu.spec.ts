import type { Page } from "@playwright/test";

import { expect, open, tabTo, test, withholdFirstAnswers } from "./shop";

interface Category {
  path: string;
  name: string;
  parent: string | null;
  depth: number;
  product_count: number;
  child_count: number;
}

/** Return a category and all below it: so many at the first level below, and so on. */
function growTree(name: string, parent: string | null, [count = 0, ...below]: number[]): Category[] {
  const path = parent === null ? name : `${parent} > ${name}`;
  const depth = path.split(" > ").length;
  const word = below.length > 0 ? "Group" : "Insulated stainless-steel travel mugs and bottles, size";
  const children = Array.from({ length: count }, (_, position) => `${word} ${position + 1}`);
  return [
    { path, name, parent, depth, product_count: 40, child_count: count },
    ...children.flatMap((child) => growTree(child, path, below)),
  ];
}

/** Let the shop have 8 departments of 5 groups of 10 categories. */
async function serveLargeTree(page: Page): Promise<void> {
  const tree = Array.from({ length: 8 }, (_, position) => growTree(`Department ${position + 1}`, null, [5, 10])).flat();
  await withholdFirstAnswers(page);
  await page.route("**/api/categories/*", (route) => {
    const parent = new URL(route.request().url()).searchParams.get("parent");
    const categories = parent === null ? tree : tree.filter((one) => (one.parent ?? "") === parent);
    return route.fulfill({ json: { categories } });
  });
}

/** Return how many pixels the page, or a part of the menu, is wider than what it is shown in. */
const measureOverflow = (page: Page) =>
  page
    .locator("html, [role=dialog], [role=dialog] *")
    .evaluateAll((parts) =>
      Math.max(...parts.filter(({ clientWidth }) => clientWidth > 1).map((part) => part.scrollWidth - part.clientWidth)),
    );

test("the keyboard finds one of 400 categories in the menu, 360 px wide", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ reducedMotion: "reduce" });
  await serveLargeTree(page);
  await open(page, "/cart");
  const opener = page.getByRole("button", { name: "Categories" });
  const menu = page.getByRole("dialog", { name: "All categories" });
  const rows = menu.getByRole("listitem").locator("a, button");
  const findRow = (name: string) => rows.filter({ has: page.getByText(name, { exact: true }) });
  await expect(opener).toBeVisible();

  await tabTo(page, () => opener.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("Enter");
  await expect(menu.getByRole("button", { name: "Close" })).toBeFocused();
  await expect(menu.getByRole("listitem")).toHaveCount(8);

  await page.keyboard.press("Tab");
  await expect(menu.getByRole("searchbox")).toBeFocused();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("ArrowDown");
  await expect(findRow("Department 3")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(findRow("Everything in Department 3")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(findRow("Everything in Group 2")).toBeFocused();
  await expect(menu.getByRole("listitem")).toHaveCount(11);
  expect(await measureOverflow(page)).toBeLessThanOrEqual(0);

  await page.keyboard.press("ArrowLeft");
  await expect(findRow("Group 2")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(findRow("Everything in Group 2")).toBeFocused();
  for (let presses = 0; presses < 10; presses += 1) await page.keyboard.press("ArrowDown");
  const leaf = "Insulated stainless-steel travel mugs and bottles, size 10";
  await expect(findRow(leaf)).toBeFocused();
  await expect(findRow(leaf)).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");

  await expect(page).toHaveURL(new RegExp(`/category/Department%203/Group%202/${encodeURIComponent(leaf)}$`));
  await expect(page.getByRole("heading", { level: 1, name: leaf })).toBeVisible();
  await expect(menu).toHaveCount(0);
  await expect(page.getByRole("main")).toBeFocused();
  expect(await measureOverflow(page)).toBeLessThanOrEqual(0);
});
