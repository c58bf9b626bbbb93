import { expect, test } from "@playwright/test";

test("no page of the admin is wider than the screen of a phone", async ({ page }) => {
  test.slow();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/admin/login/");
  await page.locator("[name=username]").fill("staff");
  await page.locator("[name=password]").fill("staff-of-the-tests");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/");
  const readAddresses = (selector: string) =>
    page.locator(selector).evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  const lists = (await readAddresses("a")).filter((address) => /^\/admin\/\w+\/\w+\/$/.test(address));
  expect(lists).toContain("/admin/recommendations/product/");

  const wide: string[] = [];
  const open = async (address: string) => {
    await page.goto(address);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (excess > 0) wide.push(`${address}: ${excess} px`);
  };
  for (const list of new Set(lists)) {
    await open(list);
    const [row] = await readAddresses("#result_list th a");
    if (row !== undefined) await open(new URL(row, page.url()).pathname);
  }
  expect(wide).toEqual([]);
});
