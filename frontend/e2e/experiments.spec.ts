import type { Page } from "@playwright/test";

import { expect, tabTo, test } from "./shop";

const EXPERIMENTS = "/admin/recommendations/experiment/";

/** Press Tab until the field of this name has the focus. */
const tabToField = (page: Page, name: string) =>
  tabTo(page, () => page.evaluate((field) => document.activeElement?.getAttribute("name") === field, name));

/** Press Tab until a button or link with this text has the focus. */
const tabToText = (page: Page, text: string) =>
  tabTo(page, () =>
    page.evaluate((wanted) => {
      const focused = document.activeElement;
      return focused?.matches("a, button, input[type=submit]") === true
        && (focused.textContent.trim() || focused.getAttribute("value")) === wanted;
    }, text),
  );

async function signInByKeyboard(page: Page): Promise<void> {
  await page.goto(`/admin/login/?next=${encodeURIComponent(EXPERIMENTS)}`);
  await tabToField(page, "username");
  await page.keyboard.type("merchandiser");
  await tabToField(page, "password");
  await page.keyboard.type("correct-horse-battery");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${EXPERIMENTS}$`));
}

test("an experiment is drafted, started and stopped by the keyboard alone", async ({ page }) => {
  test.slow();
  await signInByKeyboard(page);
  await page.goto(`${EXPERIMENTS}add/`);
  await tabToField(page, "name");
  await page.keyboard.type("By keyboard");
  await tabToField(page, "hypothesis");
  await page.keyboard.type("Popular lists are clicked less.");
  await tabToField(page, "primary_metric");
  await page.keyboard.type("Clicks per list");
  await tabToField(page, "wanted_lift");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("1");
  await tabToField(page, "arms-0-name");
  await page.keyboard.type("control");
  await tabToField(page, "arms-0-is_control");
  if (!(await page.locator("[name=arms-0-is_control]").isChecked())) await page.keyboard.press("Space");
  await tabToField(page, "arms-1-name");
  await page.keyboard.type("popular");
  await tabToField(page, "arms-1-only_popular");
  await page.keyboard.press("Space");
  await tabToText(page, "Save and continue editing");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/was added successfully/)).toBeVisible();
  await expect(page).toHaveURL(/\/experiment\/\d+\/change\/$/);

  await tabToText(page, "Start");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The experiment runs: all processes follow within ten seconds.")).toBeVisible();
  await tabToField(page, "reason");
  await page.keyboard.type("It was a try.");
  await tabToText(page, "Stop for good");
  await page.keyboard.press("Enter");

  await expect(page.getByText("The experiment is over: everybody is served as without it.")).toBeVisible();
  await expect(page.getByText(/It was a try\./)).toBeVisible();
});
