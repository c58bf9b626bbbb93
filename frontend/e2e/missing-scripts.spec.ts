import type { Page } from "@playwright/test";

import { expect, fetchJson, fetchProductsForSale, open, test } from "./shop";

const broken = /Failed to load resource|ERR_|Failed to fetch dynamically imported module|MIME type/;
/** Two sizes of window in which the broken states must be whole. */
const widths = [390, 1280];

interface Chunk {
  file: string;
}

/** Return the file of a module, by the manifest of the build that is served. */
async function findChunk(page: Page, module: string): Promise<string> {
  const manifest = await fetchJson<Record<string, Chunk>>(page, "/static/storefront/.vite/manifest.json");
  return manifest[`src/${module}.tsx`]?.file ?? "";
}

const findNotice = (page: Page) => page.getByRole("main").getByRole("alert");
const expectShopStands = async (page: Page) => {
  await expect(page.getByRole("banner")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Categories" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Cart/ })).toBeEnabled();
};

const answers = {
  "is gone": { status: 404, contentType: "text/html", body: "<h1>Not found</h1>" },
  "is another's page": { status: 200, contentType: "text/html", body: "<h1>Sign in to this network</h1>" },
  "is refused for now": { status: 503, contentType: "text/plain", body: "busy" },
};

for (const [failure, answer] of Object.entries(answers)) {
  test(`a page whose script ${failure} leaves the shop standing, and opens by a button`, async ({ page, context, consoleErrors }) => {
    consoleErrors.allow(broken);
    const file = await findChunk(page, "pages/search");
    let isBroken = true;
    await context.route(`**/${file}`, (route) => (isBroken ? route.fulfill(answer) : route.continue()));
    await open(page, "/");

    await page.getByRole("combobox", { name: "Search the shop" }).fill("lamp");
    await page.keyboard.press("Enter");
    await expect(findNotice(page)).toContainText("This page could not be loaded.");
    await expectShopStands(page);
    isBroken = false;
    await findNotice(page).getByRole("button", { name: "Try again" }).click();

    await expect(page.getByRole("heading", { level: 1, name: /lamp|Search/ })).toBeVisible();
    await expect(findNotice(page)).toHaveCount(0);
  });
}

for (const width of widths) {
  test(`a page that was not loaded before the network went says so, and opens by itself, ${width} px wide`, async ({ page, context, consoleErrors }) => {
    consoleErrors.allow(broken);
    const file = await findChunk(page, "pages/account");
    // The shop fetches pages ahead: this one stays unknown until the network is back.
    let isBroken = true;
    await context.route(`**/${file}`, (route) => (isBroken ? route.abort() : route.continue()));
    await page.setViewportSize({ width, height: 800 });
    await open(page, "/products");
    await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();

    await context.setOffline(true);
    await page.getByRole("banner").getByRole("link", { name: "Your account" }).click();
    await expect(findNotice(page)).toContainText("You are offline.");
    await expectShopStands(page);
    await page.goBack();
    await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();
    await page.goForward();
    await expect(findNotice(page)).toContainText("You are offline.");
    isBroken = false;
    await context.setOffline(false);

    await expect(page.getByRole("heading", { level: 1, name: "Your account" })).toBeVisible();
    await expect(findNotice(page)).toHaveCount(0);
  });
}

/** Serve the pages of a release whose first script has another name, and without the named file. */
async function deploy(page: Page, missing: string): Promise<{ loads: () => number }> {
  let loads = 0;
  await page.context().route(`**/${missing}`, (route) => route.fulfill({ status: 404, body: "" }));
  await page.context().route(
    (address) => address.port !== "" && !/^\/(api|static|media)\//.test(address.pathname),
    async (route) => {
      if (route.request().resourceType() === "document") loads += 1;
      const response = await route.fetch();
      const body = (await response.text()).replace(/(<script type="module"[^>]* src="[^"]+)(")/, "$1?release=2$2");
      await route.fulfill({ response, body });
    },
  );
  return { loads: () => loads };
}

test("after a deploy a missing script reloads the page once, and never again", async ({ page, consoleErrors }) => {
  consoleErrors.allow(broken);
  const file = await findChunk(page, "pages/search");
  await open(page, "/");
  const { loads } = await deploy(page, file);

  await page.getByRole("combobox", { name: "Search the shop" }).fill("lamp");
  await page.keyboard.press("Enter");
  await expect.poll(loads).toBe(1);
  await expect(findNotice(page)).toContainText("This page could not be loaded.");
  await expectShopStands(page);
  // The page asks which release there is each time it shows the notice; it has reloaded for this one.
  await page.getByRole("link", { name: "Magpie, home" }).click();
  await expect(page.getByRole("region", { name: "All categories" })).toBeVisible();
  const asked = page.waitForRequest((request) => request.resourceType() === "fetch" && request.url().includes("/search?q="));
  await page.goBack();
  await asked;
  await expect(findNotice(page)).toContainText("This page could not be loaded.");

  expect(loads()).toBe(1);
  await page.context().unrouteAll({ behavior: "ignoreErrors" });
});

test("a page whose script never arrives says so after fifteen seconds", async ({ page, context }) => {
  const file = await findChunk(page, "pages/search");
  await context.route(`**/${file}`, () => undefined);
  await page.clock.install();
  await open(page, "/products");

  await page.getByRole("combobox", { name: "Search the shop" }).fill("lamp");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Loading" }).first()).toBeAttached();
  await page.clock.fastForward(15_000);

  await expect(findNotice(page)).toContainText("This page could not be loaded.");
  await expectShopStands(page);
});

test("a cart whose drawer cannot be fetched opens as a page, and a toast is shown all the same", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(broken);
  for (const module of ["components/cart/cart-drawer", "components/ui/toast-list"]) {
    await context.route(`**/${await findChunk(page, module)}`, (route) => route.abort());
  }
  const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
  await open(page, `/product/${product.id}`);

  await page.getByRole("main").getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByText(`${product.name} is in your cart.`)).toBeVisible();
  await page.getByRole("button", { name: "Cart, 1 item" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Your cart" })).toBeVisible();
  await expectShopStands(page);
});

test("after a deploy a dialog whose script is gone loads the new page, once", async ({ page, consoleErrors }) => {
  consoleErrors.allow(broken);
  const file = await findChunk(page, "components/account/erase-dialog");
  await open(page, "/account");
  const { loads } = await deploy(page, file);

  await page.getByRole("button", { name: "Erase everything" }).click();
  await expect.poll(loads).toBe(1);
  await page.getByRole("button", { name: "Erase everything" }).click();

  await expect(page.getByText("That did not work: A part of the shop did not arrive.").first()).toBeVisible();
  expect(loads()).toBe(1);
  await page.context().unrouteAll({ behavior: "ignoreErrors" });
});

test("texts of another language that cannot be fetched are missed with a sentence", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(broken);
  await context.route(/\/assets\/de-[^/]*\.js/, (route) => route.abort());
  await open(page, "/products");

  await page.getByRole("button", { name: "Deutsch" }).click();

  await expect(page.getByText("That did not work: A part of the shop did not arrive.").first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Everything" })).toBeVisible();
});

test("without a network every page opens that the shop fetched ahead", async ({ page, context, consoleErrors }) => {
  consoleErrors.allow(broken);
  const modules = ["account", "cart", "checkout", "home", "register", "search", "sign-in"];
  const files = await Promise.all(modules.map((module) => findChunk(page, `pages/${module}`)));
  await open(page, "/products");
  const countFetched = () =>
    page.evaluate(
      (names) => names.filter((name) => performance.getEntriesByType("resource").some((entry) => entry.name.endsWith(name))).length,
      files,
    );
  await expect.poll(countFetched, { timeout: 30_000 }).toBe(files.length);

  await context.setOffline(true);
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await page.getByRole("button", { name: /^Cart/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
});

test("messages are shown and the drawer can be closed while their scripts are on the way", async ({ page, context }) => {
  const files = await Promise.all(["components/ui/toast-list", "components/cart/cart-drawer"].map((module) => findChunk(page, module)));
  for (const file of files) await context.route(`**/${file}`, () => undefined);
  await open(page, "/products");
  await page.getByRole("main").getByRole("article").first().getByRole("link").first().click();

  await page.getByRole("main").getByRole("button", { name: "Like", exact: true }).click();
  await expect(page.getByText("Noted. Your shelves will show more like it.")).toBeVisible({ timeout: 5000 });
  await page.getByRole("button", { name: /^Cart/ }).click();
  await page.getByRole("button", { name: "Close", exact: true }).click();

  await expect(page.getByRole("button", { name: "Close", exact: true })).toHaveCount(0);
  await expect(page).toHaveURL(/\/product\//);
  await page.context().unrouteAll({ behavior: "ignoreErrors" });
});
