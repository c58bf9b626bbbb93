import type { BrowserContext } from "@playwright/test";

import {
  expect,
  fetchJson,
  fetchProductsForSale,
  fillCart,
  inTabs,
  type Listed,
  open,
  postJson,
  test,
  waitForInteraction,
} from "./shop";

const failed = /Failed to load resource/;
/** Many tabs at once need longer to open. */
const slowTabs = { timeout: 30_000 };

/** Make the visitor a customer with one order and one product in the cart. */
async function becomeCustomer(context: BrowserContext): Promise<{ product: Listed; order: number }> {
  const page = await context.newPage();
  const [product = { id: 0, name: "", category: "" }, second = product] = await fetchProductsForSale(page, 2);
  await fillCart(page, product);
  const order = (await (await postJson(page, "/api/orders/", {})).json()) as { id: number };
  await fillCart(page, second);
  await page.close();
  return { product: second, order: order.id };
}

const listPagesWithProducts = ({ product, order }: { product: Listed; order: number }) => [
  "/",
  "/products",
  `/category/${encodeURIComponent(product.category)}`,
  `/search?q=${encodeURIComponent(product.category)}`,
  "/search?q=zzzz",
  `/product/${product.id}`,
  `/order/${order}`,
];

for (const [failure, status] of [
  ["fail", 503],
  ["never arrive", undefined],
] as const) {
  test(`every page shows products when recommendations ${failure}`, async ({
    context,
    consoleErrors,
  }) => {
    consoleErrors.allow(/503/);
    const customer = await becomeCustomer(context);
    await context.route(/\/api\/(page|recommendations|trending|popular|recently-viewed)\//, (route) =>
      status === undefined ? undefined : route.fulfill({ status }),
    );

    await inTabs(context, [...listPagesWithProducts(customer), "/cart"], async (tab, address) => {
      await expect(tab.getByRole("article").first(), address).toBeVisible(slowTabs);
    });
  });
}

test("with the whole API down every page offers a next step, and recovers by it", async ({
  context,
  consoleErrors,
}) => {
  consoleErrors.allow(failed);
  const customer = await becomeCustomer(context);
  let down = true;
  await context.route("**/api/**", (route) => (down ? route.abort() : route.continue()));
  const everywhere = [
    ...listPagesWithProducts(customer),
    "/cart",
    "/checkout",
    "/account",
    "/sign-in",
    "/register",
    "/forgotten-password",
    "/reset-password?uid=MQ&token=cut",
  ];
  let checked = 0;

  await inTabs(context, everywhere, async (tab, address) => {
    const main = tab.getByRole("main");
    const tryAgain = main.getByRole("button", { name: "Try again" }).first();
    await expect(main.getByRole("button").or(main.getByRole("link")).first(), address).toBeVisible(slowTabs);
    await expect(tab.locator("[aria-busy=true]"), address).toHaveCount(0, slowTabs);
    checked += 1;
    await expect.poll(() => checked, slowTabs).toBe(everywhere.length);
    down = false;
    // The page also tries by itself: then the button is gone before it is pressed.
    if (await tryAgain.isVisible()) await tryAgain.click({ timeout: 3_000 }).catch(() => undefined);
    await expect(tryAgain, address).toHaveCount(0, slowTabs);
    await expect(main.getByRole("heading", { level: 1 }), address).toBeVisible(slowTabs);
  });
});

test("interactions without a network are sent once it is back", async ({
  page,
  context,
  consoleErrors,
}) => {
  consoleErrors.allow(/ERR_INTERNET_DISCONNECTED/);
  await open(page, "/products");
  const product = page.getByRole("main").getByRole("article").first().getByRole("link").first();
  const first = waitForInteraction(page);
  await product.click();
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  const name = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  await first;

  await context.setOffline(true);
  await expect(page.getByText("You are offline. What you look at")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Everything", level: 1 })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  const sent = waitForInteraction(page);
  await context.setOffline(false);

  await sent;
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("interactions of a tab that was closed without a network are sent when the shop is opened again", async ({
  page,
  context,
  consoleErrors,
}) => {
  consoleErrors.allow(/ERR_INTERNET_DISCONNECTED/);
  await open(page, "/products");
  const first = waitForInteraction(page);
  await page.getByRole("main").getByRole("article").first().getByRole("link").first().click();
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
  const sent = waitForInteraction(reopened);
  await open(reopened, "/account");
  await sent;

  const { interactions } = await fetchJson<{ interactions: unknown[] }>(reopened, "/api/me/export/");
  expect(interactions).toHaveLength(2);
});

test("a reset link that no longer works offers a new one", async ({ page, consoleErrors }) => {
  consoleErrors.allow(/400 .*password-reset\/confirm/);
  await open(page, "/reset-password?uid=MQ&token=d0a-cut");

  await page.getByLabel("New password").fill("horse-battery-staple");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toContainText("This link no longer works.");
  await page.getByRole("link", { name: "Send a new link" }).click();
  await page.getByLabel("Email").fill("nobody@shop.example");
  await page.getByRole("button", { name: "Send the link" }).click();

  await expect(page.getByText("If nobody@shop.example has an account here")).toBeVisible();
});
