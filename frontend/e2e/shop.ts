import { test as base, expect, type Locator, type Page } from "@playwright/test";

/** A journey that fails when the page complains in its console. */
export const test = base.extend<{ quietConsole: undefined }>({
  quietConsole: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // The browser itself notes what it cannot fetch while a journey takes the network away.
        const offline = message.text().includes("ERR_INTERNET_DISCONNECTED");
        if (message.type() === "error" && !offline) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(undefined);
      expect(complaints).toEqual([]);
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

/** Wait until the shop has heard that something was done. */
export const recorded = (page: Page) =>
  page.waitForResponse(
    (response) => response.url().endsWith("/api/interactions/") && response.status() === 200,
  );
