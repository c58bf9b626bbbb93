import { type APIResponse, type BrowserContext, test as base, expect, type Locator, type Page } from "@playwright/test";

interface ConsoleErrors {
  /** Allow errors that this test causes on purpose. */
  allow: (pattern: RegExp) => void;
}

/** A test that fails when a page logs an error in its console or throws one. */
export const test = base.extend<{ consoleErrors: ConsoleErrors }>({
  consoleErrors: [
    async ({ context }, use) => {
      const errors: string[] = [];
      // A page whose socket breaks goes on without it.
    const allowed: RegExp[] = [/^WebSocket connection to/];
      context.on("console", (message) => {
        if (message.type() === "error") errors.push(`${message.text()} ${message.location().url}`);
      });
      context.on("weberror", (webError) => errors.push(webError.error().message));
      await use({ allow: (pattern) => void allowed.push(pattern) });
      expect(errors.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const findRail = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("region", { name });

/** Return the names of the products of a list, in their order. */
export async function readProductNames(list: Locator): Promise<string[]> {
  await expect(list.getByRole("article").first()).toBeVisible();
  return list.getByRole("article").getByRole("heading").allTextContents();
}

/** Open an address, and wait until React has replaced what the server rendered. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeAttached({ timeout: 30_000 });
}

/** Take the API's first answers out of pages, so that the scripts ask for them. */
export async function withholdFirstAnswers(page: Page): Promise<void> {
  await page.route(/:\d+\/(?!api)[^.]*$/, async (route) => {
    if (route.request().resourceType() !== "document") return route.continue();
    const response = await route.fetch();
    const body = (await response.text()).replace(/(id="first-answers"[^>]*>).*?(?=<\/script>)/s, "$1[]");
    await route.fulfill({ response, body });
  });
}

/** Press Tab until the focus is there. */
export async function tabTo(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    if (await isThere()) return;
  }
  throw new Error("The keyboard does not reach it.");
}

/** Wait until the server has recorded an interaction. */
export const waitForInteraction = (page: Page) =>
  page.waitForResponse(
    (response) => response.url().endsWith("/api/interactions/") && response.status() === 200,
  );

/** Return what the API returns to the visitor of this page. */
export async function fetchJson<Data>(page: Page, path: string): Promise<Data> {
  const response = await page.request.get(path);
  expect(response.ok(), path).toBe(true);
  return (await response.json()) as Data;
}

/** Post to the API as the visitor of this page. */
export async function postJson(page: Page, path: string, data: object): Promise<APIResponse> {
  const readToken = async () =>
    (await page.context().cookies()).find(({ name }) => name === "csrftoken")?.value;
  // Every page sets the cookie; a plain request for one is enough.
  if ((await readToken()) === undefined) await page.request.get("/sign-in");
  return page.request.post(path, { data, headers: { "X-CSRFToken": (await readToken()) ?? "" } });
}

/** Put a product into the cart of the visitor of this page. */
export async function fillCart(page: Page, product: { id: number }): Promise<void> {
  const response = await postJson(page, "/api/cart/", { product_id: product.id });
  expect(response.ok()).toBe(true);
}

export interface Listed {
  id: number;
  name: string;
  category: string;
}

/** Return products in stock that are bought as they are, without sizes to choose; the newest first. */
export async function fetchProductsForSale(page: Page, count: number): Promise<Listed[]> {
  const path = "/api/products/?in_stock=true&page_size=100";
  const { results } = await fetchJson<{ results: (Listed & { has_variants: boolean })[] }>(page, path);
  return results.filter((product) => !product.has_variants).slice(0, count);
}

/** View products, one after the other, until each view is recorded. */
export async function viewProducts(page: Page, products: Listed[]): Promise<void> {
  for (const { id } of products) {
    const recorded = waitForInteraction(page);
    await open(page, `/product/${id}`);
    await recorded;
  }
}

/** Open every address in a tab of its own, all at once, and check each. */
export async function inTabs(
  context: BrowserContext,
  addresses: string[],
  check: (tab: Page, address: string) => Promise<void>,
): Promise<void> {
  await Promise.all(
    addresses.map(async (address) => {
      const tab = await context.newPage();
      await open(tab, address);
      await check(tab, address);
      await tab.close();
    }),
  );
}
