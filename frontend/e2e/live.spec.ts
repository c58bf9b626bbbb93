import type { Browser, Page } from "@playwright/test";

import {
  expect,
  fetchProductsForSale,
  fillCart,
  findRail,
  type Listed,
  open,
  readProductNames,
  test,
  viewProducts,
} from "./shop";

const TABLES = "/admin/recommendations";
/** The password that `serve.sh` gives to the staff of each role. */
const PASSWORD = "correct-horse-battery";

/** Open a page to which the shop speaks. */
async function openAndListen(page: Page, address: string): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    page.on("websocket", (socket) => {
      if (!socket.url().includes("/ws/shop/")) return;
      socket.on("framereceived", () => {
        resolve();
      });
    });
  });
  await open(page, address);
  await heard;
}

async function fetchProductForSale(page: Page, position: number): Promise<Listed> {
  const product = (await fetchProductsForSale(page, position + 1))[position];
  if (product === undefined) throw new Error(`There are no ${position + 1} products for sale.`);
  return product;
}

const findUpdate = (page: Page) => page.getByRole("button", { name: /^Updated for you/ });

async function signInAsStaff(browser: Browser, name: string, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`/admin/login/?next=${encodeURIComponent(address)}`);
  await page.locator("[name=username]").fill(name);
  await page.locator("[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  return page;
}

async function hideProduct(browser: Browser, { id, name }: Listed): Promise<void> {
  const staff = await signInAsStaff(browser, "merchandiser", `${TABLES}/merchandisingrule/add/`);
  await staff.locator("[name=action]").selectOption("hide");
  // The field looks a product up as one types; its element takes the product itself.
  await staff.locator("select[name=product]").evaluate((field, [value, label]) => {
    field.append(new Option(label, value, true, true));
  }, [String(id), name]);
  await staff.getByRole("button", { name: "Save", exact: true }).click();
  await expect(staff.getByText(/was added successfully/)).toBeVisible();
  await staff.goto(`${TABLES}/merchandisingrule/publish/`);
  await staff.getByRole("button", { name: "Publish", exact: true }).click();
  await expect(staff).not.toHaveURL(/publish/);
  await staff.context().close();
}

test("a like in one tab moves the rail in the other", async ({ page, context, browser }) => {
  const products = await fetchProductsForSale(page, 60);
  await viewProducts(page, products.slice(0, 3));
  // A window of its own: behind another tab, the browser hardly paints.
  const elsewhere = await browser.newContext({ storageState: await context.storageState() });
  const other = await elsewhere.newPage();
  await openAndListen(other, `/product/${products[40]?.id}`);
  await openAndListen(page, "/");
  const rail = findRail(page, /^For you/);
  const before = await readProductNames(rail);
  const place = await rail.boundingBox();

  const liked = other.waitForResponse(
    (response) => response.url().endsWith("/api/likes/") && response.status() === 201,
  );
  await other.getByRole("main").getByRole("button", { name: "Like", exact: true }).click();
  await liked;
  const begun = Date.now();
  await findUpdate(page).first().waitFor();
  const seconds = (Date.now() - begun) / 1000;

  // A tenth of a second on an idle machine. Without a socket, the page would ask within a minute.
  expect(seconds).toBeLessThan(5);
  expect(await readProductNames(rail)).toEqual(before);
  expect(await rail.boundingBox()).toEqual(place);
  await page.screenshot({ path: test.info().outputPath("updated.png") });
  const scrolled = await page.evaluate(() => window.scrollY);
  await findUpdate(page).first().press("Enter");
  await expect.poll(() => readProductNames(rail)).not.toEqual(before);
  expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);
  await elsewhere.close();
});

test("the cart's badge follows in every tab", async ({ page, context }) => {
  const product = await fetchProductForSale(page, 0);
  await viewProducts(page, [product]);
  const tabs = [page, await context.newPage()];
  for (const tab of tabs) await openAndListen(tab, "/");

  await fillCart(page, product);

  for (const tab of tabs) {
    await expect(tab.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();
  }
});

test("a product that staff hide leaves an open page", async ({ page, browser }) => {
  await openAndListen(page, "/");
  const rail = findRail(page, "Trending now");
  const [, name = ""] = await readProductNames(rail);
  const { results } = (await (await page.request.get(`/api/products/?page_size=100`)).json()) as { results: Listed[] };
  const hidden = results.find((product) => product.name === name) ?? (await findByName(page, name));

  await hideProduct(browser, hidden);

  await expect(rail.getByRole("heading", { name, exact: true })).toHaveCount(0, { timeout: 15_000 });
  await expect(page.getByRole("main").getByRole("heading", { name, exact: true })).toHaveCount(0);
});

async function findByName(page: Page, name: string): Promise<Listed> {
  const response = await page.request.get(`/api/search/?q=${encodeURIComponent(name)}`);
  const { products } = (await response.json()) as { products: Listed[] };
  const found = products.find((product) => product.name === name);
  if (found === undefined) throw new Error(`There is no product ${name}.`);
  return found;
}

test("a product that sells out says so on its open page", async ({ page, browser }) => {
  const product = await fetchProductForSale(page, 79);
  await openAndListen(page, `/product/${product.id}`);
  await expect(page.getByText(/In stock|left/)).toBeVisible();

  const staff = await signInAsStaff(browser, "catalogue", `${TABLES}/product/${product.id}/change/`);
  await staff.locator("[name=stock]").fill("0");
  await staff.getByRole("button", { name: "Save", exact: true }).click();
  await expect(staff.getByText(/was changed successfully/)).toBeVisible();

  await expect(page.getByText("Sold out").first()).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole("button", { name: "Add to cart", exact: true })).toHaveAttribute("aria-disabled", "true");
  await staff.context().close();
});
