import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, fetchJson, open, readProductNames, test } from "./shop";

const findCount = (page: Page) => page.getByRole("main").getByRole("status").first();

/** Press the tab key until an element has the focus. */
async function tabTo(page: Page, role: "checkbox" | "button" | "combobox" | "link", name: string | RegExp): Promise<void> {
  const target = page.getByRole("main").getByRole(role, { name }).first();
  for (let steps = 0; steps < 200; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

test("by keyboard alone: search, narrow down, sort, turn the page, look at a product and go back", async ({ page }) => {
  await open(page, "/");
  const field = page.getByRole("combobox", { name: "Search the shop" });
  await field.focus();
  await page.keyboard.type("the");
  await page.keyboard.press("Enter");
  const heading = page.getByRole("heading", { level: 1, name: /results for/ });
  await expect(heading).toBeVisible();
  const whole = await findCount(page).innerText();

  await tabTo(page, "checkbox", /^In stock only/);
  await page.keyboard.press("Space");
  await expect(page).toHaveURL(/in_stock=true/);
  await expect(findCount(page)).not.toHaveText(whole);
  await tabTo(page, "button", "Remove the filter In stock only");
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(/in_stock/);
  await expect(findCount(page)).toHaveText(whole);

  await tabTo(page, "combobox", "Sort by");
  await page.keyboard.type("Price, low");
  await expect(page).toHaveURL(/sort=price/);
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const first = await readProductNames(page.getByRole("main"));

  await tabTo(page, "link", "Next");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/page=2/);
  await expect(page.getByText(/^Page 2 of/)).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const [name = ""] = await readProductNames(page.getByRole("main"));
  expect(first).not.toContain(name);

  await tabTo(page, "link", name);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.goBack();

  await expect(page.getByText(/^Page 2 of/)).toBeVisible();
  expect(await readProductNames(page.getByRole("main"))).toContain(name);
});

test("a misspelt search says what it searched for, and can be taken as it was typed", async ({ page }) => {
  const { results } = await fetchJson<{ results: { name: string }[] }>(page, "/api/products/?page_size=100");
  const word = results.flatMap(({ name }) => name.split(" ")).find((one) => /^[A-Z][a-z]{6,}$/.test(one)) ?? "";
  const misspelt = word.toLowerCase().slice(0, 3) + "q" + word.toLowerCase().slice(4);
  await open(page, `/search?q=${misspelt}`);
  await expect(page.getByText(/^Results for “/)).toBeVisible();
  await expect(page.locator("mark").first()).toBeVisible();

  await page.getByRole("link", { name: `Search for “${misspelt}” instead.` }).click();

  await expect(page.getByText(`Nothing matches “${misspelt}”.`)).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Look through a category" })).toBeVisible();
});

test("at 360 px the facets are in a drawer that keeps the focus, and Escape closes it", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, "/search?q=the");
  const filters = page.getByRole("button", { name: "Filters", exact: true });
  await filters.click();
  const drawer = page.getByRole("dialog", { name: "Filters" });

  await drawer.getByRole("checkbox").nth(1).click();
  await expect(page).toHaveURL(/subcategory=|brand=/);
  for (let steps = 0; steps < 60; steps++) await page.keyboard.press("Tab");
  expect(await drawer.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");

  await expect(drawer).toHaveCount(0);
  await expect(filters).toBeFocused();
  await expect(page.getByRole("list", { name: "Active filters" }).getByRole("button")).toHaveCount(2);
});

test("the open drawer and the open suggestions are accessible", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, "/search?q=the&in_stock=true");
  const findViolations = async () => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };

  await page.getByRole("button", { name: "Filters", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Filters" }).getByRole("checkbox").first()).toBeVisible();
  expect(await findViolations()).toEqual([]);
  await page.keyboard.press("Escape");

  const field = page.getByRole("combobox", { name: "Search the shop" });
  await field.fill("co");
  await expect(page.getByRole("option").locator("img").first()).toBeVisible();
  await page.keyboard.press("ArrowDown");
  expect(await findViolations()).toEqual([]);
});
