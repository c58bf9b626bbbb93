import { type BrowserContext, test as base, expect, type Locator, type Page } from "@playwright/test";

interface Complaints {
  /** Let the browser note in its console what this journey brings about on purpose. */
  expect: (note: RegExp) => void;
}

/** A journey that fails when any of its pages complains in its console. */
export const test = base.extend<{ complaints: Complaints }>({
  complaints: [
    async ({ context }, use) => {
      const heard: string[] = [];
      const expected: RegExp[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") heard.push(`${message.text()} ${message.location().url}`);
      });
      context.on("weberror", (trouble) => heard.push(trouble.error().message));
      await use({ expect: (note) => void expected.push(note) });
      expect(heard.filter((text) => !expected.some((note) => note.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const rail = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("region", { name });

/** The names on a shelf, in their order. */
export async function namesOn(shelf: Locator): Promise<string[]> {
  await expect(shelf.getByRole("article").first()).toBeVisible();
  return shelf.getByRole("article").getByRole("heading").allTextContents();
}

/** Open an address, and wait until scripts have drawn it: till then the server's drawing stands. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeAttached({ timeout: 30_000 });
}

/** Wait until the shop has heard that something was done. */
export const recorded = (page: Page) =>
  page.waitForResponse(
    (response) => response.url().endsWith("/api/interactions/") && response.status() === 200,
  );

/** What the shop's API answers to the visitor of this page. */
export async function ask<Answer>(page: Page, path: string): Promise<Answer> {
  const answer = await page.request.get(path);
  expect(answer.ok(), path).toBe(true);
  return (await answer.json()) as Answer;
}

export interface Listed {
  id: number;
  name: string;
  category: string;
}

/** Products that can be bought, the newest first. */
export async function productsForSale(page: Page, count: number): Promise<Listed[]> {
  const answer = await ask<{ results: Listed[] }>(page, `/api/products/?in_stock=true&page_size=${count}`);
  return answer.results;
}

/** Look at products, one after the other, until the shop has heard of each. */
export async function view(page: Page, products: Listed[]): Promise<void> {
  for (const { id } of products) {
    const heard = recorded(page);
    await open(page, `/product/${id}`);
    await heard;
  }
}

/** Open every address in a tab of its own, all at once, and look at each. */
export async function inTabs(
  context: BrowserContext,
  addresses: string[],
  look: (tab: Page, address: string) => Promise<void>,
): Promise<void> {
  await Promise.all(
    addresses.map(async (address) => {
      const tab = await context.newPage();
      await open(tab, address);
      await look(tab, address);
      await tab.close();
    }),
  );
}
