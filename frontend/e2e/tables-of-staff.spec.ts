import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";

const TABLES = "/admin/recommendations";
/** Links of a list to its rows; those of the head sort it. */
const ROW = "#result_list tbody a[href*='/change/']";
/** About a hundred pages, each of which takes a second or more. */
const PARTS = 4;
/** Pages of their own that no menu leads to. */
const OWN_PAGES = [
  "/admin/password_change/",
  `${TABLES}/merchandisingrule/publish/`,
  `${TABLES}/merchandisingrule/history/`,
  `${TABLES}/merchandisingrule/preview/`,
];

async function signIn(page: Page): Promise<void> {
  await page.goto("/admin/login/");
  await page.locator("[name=username]").fill("staff");
  await page.locator("[name=password]").fill("staff-of-the-tests");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/");
}

/** Return the paths of the links, each once. */
async function readPaths(page: Page, selector: string): Promise<string[]> {
  const addresses = await page
    .locator(selector)
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  return [...new Set(addresses.map((address) => new URL(address, page.url()).pathname))];
}

async function readLists(page: Page): Promise<string[]> {
  const lists = (await readPaths(page, "a")).filter((path) => /^\/admin\/\w+\/\w+\/$/.test(path));
  expect(lists).toContain(`${TABLES}/product/`);
  return lists;
}

test("no page of the admin is wider than the screen of a phone", async ({ page }) => {
  test.slow();
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);

  const wide: string[] = [];
  const open = async (address: string) => {
    await page.goto(address);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (excess > 0) wide.push(`${address}: ${excess} px`);
  };
  for (const list of await readLists(page)) {
    await open(list);
    const [row] = await readPaths(page, ROW);
    if (row !== undefined) await open(row);
  }
  expect(wide).toEqual([]);
});

/** Return what axe finds on a page, and of its contrasts in the dark; nothing if nobody may open it. */
async function findFaults(page: Page, address: string): Promise<string[]> {
  const answer = await page.goto(address);
  if (answer?.status() === 403) return [];
  expect(answer?.status(), address).toBe(200);
  const analyze = async (scheme: string, axe: AxeBuilder) => {
    // Otherwise axe opens a second tab for each report, to read frames of other origins.
    const { violations } = await axe.setLegacyMode().analyze();
    return violations.map(
      ({ id, impact, nodes }) => `${address} ${scheme} ${impact} ${id}: ${nodes[0]?.html.slice(0, 300)}`,
    );
  };
  const faults = await analyze("light", new AxeBuilder({ page }));
  // The theme asks for the scheme only when a page is opened. Half a change of colour has no contrast.
  await page.addStyleTag({ content: "* { transition: none !important }" });
  await page.evaluate(() => {
    document.documentElement.classList.add("dark");
  });
  return [...faults, ...(await analyze("dark", new AxeBuilder({ page }).withRules(["color-contrast"])))];
}

for (let part = 0; part < PARTS; part += 1) {
  test(`lists and forms of the admin are accessible, light and dark: part ${part + 1} of ${PARTS}`, async ({ page }) => {
    test.setTimeout(600_000);
    await signIn(page);

    const faults: string[] = [];
    const lists = (await readLists(page)).filter((_, index) => index % PARTS === part);
    for (const list of lists) {
      faults.push(...(await findFaults(page, list)));
      const [row] = await readPaths(page, ROW);
      // Some tables have no form to add a row, others no row.
      for (const form of [`${list}add/`, ...(row === undefined ? [] : [row])]) {
        faults.push(...(await findFaults(page, form)));
      }
    }
    expect(faults).toEqual([]);
  });
}

test("every page of the admin's menu and of the rules is accessible, light and dark", async ({ page }) => {
  test.setTimeout(600_000);
  await signIn(page);

  const faults: string[] = [];
  for (const address of new Set([...(await readPaths(page, "#nav-sidebar-apps a[href]")), ...OWN_PAGES])) {
    if (!/^\/admin\/\w+\/\w+\/$/.test(address)) faults.push(...(await findFaults(page, address)));
  }
  expect(faults).toEqual([]);
});
