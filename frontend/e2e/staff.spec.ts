import type { Page } from "@playwright/test";

import { expect, test } from "./shop";

/** The password that `serve.sh` gives to the staff of each role. */
const PASSWORD = "correct-horse-battery";
const TABLES = "/admin/recommendations";

// The theme evaluates expressions of its own pages; nothing else of the admin logs an error.
async function signIn(page: Page, name: string, address = "/admin/"): Promise<void> {
  await page.goto(`/admin/login/?next=${encodeURIComponent(address)}`);
  await page.locator("[name=username]").fill(name);
  await page.locator("[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${address.replaceAll("?", "\\?")}$`));
}

const findMenu = (page: Page) => page.locator("#nav-sidebar-apps");

test("a catalogue manager changes a stock in the list and tries a file", async ({ page }) => {
  await signIn(page, "catalogue", `${TABLES}/product/`);
  await expect(findMenu(page).getByRole("link", { name: "Import" })).toBeVisible();
  await expect(findMenu(page).getByRole("link", { name: "Orders" })).toHaveCount(0);

  const stock = page.locator("input[name$='-stock']:not([disabled])").first();
  const name = (await stock.getAttribute("name")) ?? "";
  const before = Number(await stock.inputValue());
  await stock.fill(String(before + 3));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("1 product was changed successfully.")).toBeVisible();
  await expect(page.locator(`[name='${name}']`)).toHaveValue(String(before + 3));

  await page.goto(`${TABLES}/product/import/`);
  await page.locator("#id_source").fill("own");
  await page.locator("input[type=file]").setInputFiles({
    name: "goods.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("id,title,price\nG1,Lamp,5.00\n"),
  });
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page).toHaveURL(/\/import\/\d+\/$/);
  await expect(page.getByRole("heading", { name: "goods.csv" })).toBeVisible();
});

test("a merchandiser sends a query to a page, and sees no orders", async ({ page }) => {
  await signIn(page, "merchandiser");
  await findMenu(page).getByRole("link", { name: "Rules of lists" }).click();
  await expect(page).toHaveURL(new RegExp(`${TABLES}/merchandisingrule/$`));
  await page.goto(`${TABLES}/searchredirect/add/`);
  await page.locator("#id_query").fill("opening hours");
  await page.locator("#id_path").fill("/products");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/was added successfully/)).toBeVisible();
  expect((await page.request.get(`${TABLES}/order/`)).status()).toBe(403);
});

test("a merchandiser tries to hide a brand on the lists that were served", async ({ page }) => {
  // The worker makes the lists again at a low priority, after what else it has to do.
  test.setTimeout(600_000);
  const found = await page.request.get("/api/products/?category=Beauty");
  const { results } = (await found.json()) as { results: { brand: string }[] };
  const brand = results[0]?.brand ?? "";
  await signIn(page, "merchandiser", `${TABLES}/merchandisingrule/add/`);
  await page.locator("#id_action").selectOption({ label: "Hide" });
  await page.locator("[name=condition-all-0-field]").selectOption({ label: "Brand" });
  await page.getByLabel("Type a value and press Enter").fill(brand);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/was added successfully/)).toBeVisible();

  await findMenu(page).getByRole("link", { name: "What if?" }).click();
  await page.getByRole("checkbox", { name: brand }).last().check();
  await page.getByRole("button", { name: "Try it" }).click();

  await expect(page).toHaveURL(/\/what-if\/\d+\/$/);
  await expect(page.getByRole("heading", { name: "Lists that change", level: 3 })).toBeVisible({
    timeout: 500_000,
  });
  await expect(page.getByRole("row", { name: brand }).first()).toBeVisible();
});

test("a merchandiser pins products by keyboard and drags one to the front", async ({ page }) => {
  await signIn(page, "merchandiser", `${TABLES}/categorypage/`);
  await page.locator("#result_list").getByRole("link").filter({ hasText: /^Beauty$/ }).click();
  // Rows that are added before the page's scripts have run stay without their search.
  await expect(page).toHaveURL(/\/change\/$/);
  await page.waitForLoadState("load");
  const found = await page.request.get("/api/products/?category=Beauty");
  const { results } = (await found.json()) as { results: { name: string }[] };
  const names = results.slice(-2).map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    await page.getByRole("link", { name: "Add another Pinned product" }).press("Enter");
    await page.locator(`#id_pins-${index}-product + .select2 [role=combobox]`).press("Enter");
    await page.keyboard.type(name);
    await expect(page.locator(".select2-results__option--highlighted")).toHaveText(name);
    await page.keyboard.press("Enter");
    await page.locator(`#id_pins-${index}-position`).fill(String(index + 1));
  }
  await page.getByRole("button", { name: "Save and continue editing" }).press("Enter");
  await expect(page.getByText(/was changed successfully/)).toBeVisible();
  const listPinned = () => page.locator("#pins-group select[name$=-product] option:checked").allInnerTexts();
  await expect.poll(listPinned).toEqual(names);
  await page.waitForLoadState("load");

  const handles = page.locator("#pins-data tbody.original .cursor-move");
  const [first, second] = [await handles.nth(0).boundingBox(), await handles.nth(1).boundingBox()];
  if (first === null || second === null) throw new Error("No handle to drag a row by.");
  await page.mouse.move(second.x + second.width / 2, second.y + second.height / 2);
  await page.mouse.down();
  await page.mouse.move(first.x + first.width / 2, first.y + 2, { steps: 12 });
  await page.mouse.up();
  await page.getByRole("button", { name: "Save and continue editing" }).click();
  await expect(page.getByText(/was changed successfully/)).toBeVisible();

  await expect.poll(listPinned).toEqual([...names].reverse());
  await page.getByRole("link", { name: "Preview the page as shoppers see it" }).click();
  const listShown = async () => {
    const shown = await page.locator("main li, main td, #content li").allInnerTexts();
    return shown.slice(0, 2).map((text) => text.trim());
  };
  await expect.poll(listShown).toEqual([...names].reverse());
});

test("an analyst reads the figures of 90 days and downloads them", async ({ page }) => {
  await signIn(page, "analyst");
  await page.getByRole("link", { name: "90 days" }).click();
  await expect(page.getByRole("heading", { name: "What the shop earns" })).toBeVisible();
  const file = await page.request.get("/admin/figures.csv?days=90");
  expect(file.headers()["content-type"]).toContain("text/csv");
  await expect(findMenu(page).getByRole("link", { name: "Rules of lists" })).toHaveCount(0);
  expect((await page.request.get(`${TABLES}/product/export/`)).status()).toBe(403);
});

test("support sends an order and sees its shopper", async ({ page }) => {
  // Other tests order too, so the newest order may be anybody's.
  await signIn(page, "support", `${TABLES}/order/?q=demo-buyer`);
  await page.locator("#result_list").getByRole("link").filter({ hasText: /^\d+$/ }).first().click();
  await page.getByLabel("Note for the history").fill("by bike");
  await page.getByRole("button", { name: "Mark as sent" }).click();
  await expect(page.getByText("1 of 1 order is sent now.")).toBeVisible();
  await expect(page.getByText("by bike")).toBeVisible();
  await page.getByRole("link", { name: "demo-buyer" }).click();
  await expect(page.getByRole("heading", { name: "Latest interactions" })).toBeVisible();
  expect((await page.request.get(`${TABLES}/product/add/`)).status()).toBe(403);
});

test("an administrator gives an account a role", async ({ page }) => {
  await signIn(page, "administrator", "/admin/auth/user/?q=newcomer");
  await page.locator("#result_list").getByRole("link", { name: "newcomer" }).click();
  await page.locator("#id_is_staff").check();
  await page.locator("#id_groups").selectOption({ label: "Analyst" }, { force: true });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/was changed successfully/)).toBeVisible();
});

for (const width of [390, 1280]) {
  test(`no page of the admin scrolls sideways at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, "administrator");
    for (const address of [
      "/admin/",
      `${TABLES}/product/`,
      `${TABLES}/product/1/change/`,
      `${TABLES}/order/`,
      `${TABLES}/userprofile/shoppers/`,
      `${TABLES}/product/import/`,
      `${TABLES}/searchsynonym/queries/`,
    ]) {
      await page.goto(address);
      const excess = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(excess, address).toBeLessThanOrEqual(0);
    }
  });
}

test("the admin speaks German to a German browser", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ locale: "de-DE", ...(baseURL !== undefined && { baseURL }) });
  const page = await context.newPage();
  await page.goto("/admin/login/");
  await page.locator("[name=username]").fill("analyst");
  await page.locator("[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Was der Shop einbringt" })).toBeVisible();
  await expect(findMenu(page).getByRole("link", { name: "Produkte" })).toBeVisible();
  await context.close();
});
