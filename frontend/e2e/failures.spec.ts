import type { BrowserContext } from "@playwright/test";

import { ask, expect, inTabs, type Listed, open, productsForSale, recorded, test } from "./shop";

const failed = /Failed to load resource/;
/** Many tabs at once take their time to open. */
const patient = { timeout: 30_000 };

/** Somebody with a product in the cart and an order behind them. */
async function customer(context: BrowserContext): Promise<{ product: Listed; order: number }> {
  const page = await context.newPage();
  await open(page, "/sign-in");
  const csrf = (await context.cookies()).find(({ name }) => name === "csrftoken")?.value ?? "";
  const send = (path: string, data: object) =>
    page.request.post(path, { data, headers: { "X-CSRFToken": csrf } });
  const [product = { id: 0, name: "", category: "" }, second = product] = await productsForSale(page, 2);
  await send("/api/cart/", { product_id: product.id });
  const placed = (await (await send("/api/orders/", {})).json()) as { id: number };
  await send("/api/cart/", { product_id: second.id });
  await page.close();
  return { product: second, order: placed.id };
}

const pagesWithProducts = ({ product, order }: { product: Listed; order: number }) => [
  "/",
  "/products",
  `/category/${encodeURIComponent(product.category)}`,
  `/search?q=${encodeURIComponent(product.category)}`,
  "/search?q=zzzz",
  `/product/${product.id}`,
  `/order/${order}`,
];

for (const [trouble, status] of [
  ["fail", 503],
  ["never come", undefined],
] as const) {
  test(`recommendations that ${trouble} keep no page from showing products`, async ({
    context,
    complaints,
  }) => {
    complaints.expect(/503/);
    const known = await customer(context);
    await context.route(/\/api\/(page|recommendations|trending|popular|recently-viewed)\//, (route) =>
      status === undefined ? undefined : route.fulfill({ status }),
    );

    await inTabs(context, [...pagesWithProducts(known), "/cart"], async (tab, address) => {
      await expect(tab.getByRole("article").first(), address).toBeVisible(patient);
    });
  });
}

test("with the whole API down every page has a next step, and recovers by it", async ({
  context,
  complaints,
}) => {
  complaints.expect(failed);
  const known = await customer(context);
  let down = true;
  await context.route("**/api/**", (route) => (down ? route.abort() : route.continue()));
  const everywhere = [
    ...pagesWithProducts(known),
    "/cart",
    "/checkout",
    "/account",
    "/sign-in",
    "/register",
    "/forgotten-password",
    "/reset-password?uid=MQ&token=cut",
  ];
  let looked = 0;

  await inTabs(context, everywhere, async (tab, address) => {
    const main = tab.getByRole("main");
    const again = main.getByRole("button", { name: "Try again" }).first();
    await expect(main.getByRole("button").or(main.getByRole("link")).first(), address).toBeVisible(patient);
    await expect(tab.locator("[aria-busy=true]"), address).toHaveCount(0, patient);
    looked += 1;
    await expect.poll(() => looked, patient).toBe(everywhere.length);
    down = false;
    if (await again.isVisible()) await again.click();
    await expect(again, address).toHaveCount(0, patient);
    await expect(main.getByRole("heading", { level: 1 }), address).toBeVisible(patient);
  });
});

test("what is done without a network is told to the shop once it is back", async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(/ERR_INTERNET_DISCONNECTED/);
  await open(page, "/products");
  const product = page.getByRole("main").getByRole("article").first().getByRole("link");
  const first = recorded(page);
  await product.click();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  const name = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  await first;

  await context.setOffline(true);
  await expect(page.getByText("You are offline. What you do is kept")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Everything", level: 1 })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  const told = recorded(page);
  await context.setOffline(false);

  await told;
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("what was done before the tab was closed without a network is told when it is opened again", async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(/ERR_INTERNET_DISCONNECTED/);
  await open(page, "/products");
  const first = recorded(page);
  await page.getByRole("main").getByRole("article").first().getByRole("link").click();
  await first;
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Everything", level: 1 })).toBeVisible();

  await context.setOffline(true);
  await page.goForward();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("events:")).length))
    .toBe(1);
  await page.close();
  await context.setOffline(false);
  const reopened = await context.newPage();
  const told = recorded(reopened);
  await open(reopened, "/account");
  await told;

  const { interactions } = await ask<{ interactions: unknown[] }>(reopened, "/api/me/export/");
  expect(interactions).toHaveLength(2);
});

test("a reset link that no longer works leads to a new one", async ({ page, complaints }) => {
  complaints.expect(/400 .*password-reset\/confirm/);
  await open(page, "/reset-password?uid=MQ&token=d0a-cut");

  await page.getByLabel("New password").fill("horse-battery-staple");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toContainText("This link no longer works.");
  await page.getByRole("link", { name: "Send a new link" }).click();
  await page.getByLabel("Email").fill("nobody@shop.example");
  await page.getByRole("button", { name: "Send the link" }).click();

  await expect(page.getByText("If nobody@shop.example has an account here")).toBeVisible();
});
