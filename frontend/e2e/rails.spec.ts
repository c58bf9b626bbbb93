import {
  expect,
  fetchJson,
  fetchProductsForSale,
  findRail,
  open,
  readProductNames,
  test,
  viewProducts,
  waitForInteraction,
} from "./shop";

interface List {
  list_id: string;
  recommendations: {
    product_id: number;
    product_name: string;
    reason: { code: string };
    product: { has_variants: boolean };
  }[];
}

test("three views of one category fill a new visitor's list with it, with reasons", async ({ page }) => {
  const { categories } = await fetchJson<{ categories: { name: string }[] }>(page, "/api/categories/");
  const category = categories[3]?.name ?? "";
  const fromCategory = async (path: string) => {
    const { recommendations } = await fetchJson<{ recommendations: { category: string }[] }>(page, path);
    return recommendations.filter((entry) => entry.category === category).length;
  };
  const before = await fromCategory("/api/trending/?count=12");
  await open(page, "/");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Look around.");
  await expect(findRail(page, "Trending now")).toBeVisible();
  await expect(findRail(page, /^For you/)).toHaveCount(0);

  await page.getByRole("navigation", { name: "Categories" }).getByRole("link", { name: category }).click();
  for (const position of [0, 1, 2]) {
    const recorded = waitForInteraction(page);
    await page.getByRole("main").getByRole("article").nth(position).getByRole("link").first().click();
    await recorded;
    await page.goBack();
    await expect(page.getByRole("heading", { name: category, level: 1 })).toBeVisible();
  }
  await page.getByRole("link", { name: "Magpie, home" }).click();

  const forYou = findRail(page, /^For you/);
  await expect(forYou).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("The shelves took notice.");
  await expect(forYou.getByText(/^Because you viewed/).first()).toBeVisible();
  const shown = await page.getByRole("article").getByRole("heading").allTextContents();
  expect(shown).toHaveLength(new Set(shown).size);
  const personal = await fetchJson<List>(page, "/api/recommendations/me/?count=12");
  expect((await readProductNames(forYou)).toSorted()).toEqual(
    personal.recommendations.map((entry) => entry.product_name).toSorted(),
  );
  expect(await fromCategory("/api/recommendations/me/?count=12")).toBeGreaterThan(before + 1);
});

test("two shoppers of different taste see different lists", async ({ page }) => {
  await open(page, "/");
  const offers = page.getByRole("region", { name: /someone else/ }).getByRole("button");
  await expect(offers.nth(1)).toBeVisible();

  await offers.nth(0).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Good to see you");
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const first = (await readProductNames(findRail(page, "For you"))).slice(0, 10);
  const lists = page.waitForResponse(/\/api\/page\//);
  await offers.nth(1).click();
  await lists;
  await expect(offers.nth(1)).toBeDisabled();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const second = (await readProductNames(findRail(page, "For you"))).slice(0, 10);

  expect(first).toHaveLength(10);
  expect(second).toHaveLength(10);
  expect(first.filter((name) => second.includes(name)).length).toBeLessThanOrEqual(4);
});

test("with personal shelves off, views change no list", async ({ page }) => {
  const products = await fetchProductsForSale(page, 3);
  await viewProducts(page, products);
  await open(page, "/");
  await expect(findRail(page, /^For you/)).toBeVisible();

  await open(page, "/account");
  const personal = page.getByRole("switch", { name: "Personal shelves" });
  await personal.click();
  await expect(personal).not.toBeChecked();
  await open(page, `/product/${products[0]?.id ?? 0}`);
  await expect(page.getByRole("navigation", { name: "Breadcrumbs" })).toBeVisible();
  await page.getByRole("link", { name: "Magpie, home" }).click();

  await expect(findRail(page, "Trending now")).toBeVisible();
  await expect(findRail(page, /^For you/)).toHaveCount(0);
  await expect(page.getByText(/^Because you/)).toHaveCount(0);

  await open(page, "/account");
  await personal.click();
  await expect(personal).toBeChecked();
  await expect(personal).toBeEnabled();
  await viewProducts(page, products);
  await page.getByRole("link", { name: "Magpie, home" }).click();
  await expect(findRail(page, /^For you/)).toBeVisible();
});

test("products that were in view are reported and stored with their list", async ({ page }) => {
  await viewProducts(page, await fetchProductsForSale(page, 1));
  const reported = page.waitForRequest((request) => request.url().endsWith("/api/impressions/"));
  await open(page, "/");
  const forYou = findRail(page, /^For you/);
  await expect(forYou.getByRole("article").first()).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await forYou.getByRole("article").first().scrollIntoViewIfNeeded();

  const { list_id, product_ids } = (await reported).postDataJSON() as {
    list_id: string;
    product_ids: number[];
  };

  expect(product_ids.length).toBeGreaterThanOrEqual(2);
  const storedIds = async () => {
    const { served_lists } = await fetchJson<{ served_lists: { id: string; seen_product_ids: number[] }[] }>(
      page,
      "/api/me/export/",
    );
    return served_lists.find(({ id }) => id === list_id)?.seen_product_ids ?? [];
  };
  await expect.poll(storedIds).toEqual(expect.arrayContaining(product_ids));
});

test("bought together, then what goes with the cart, then other products after the order", async ({
  page,
}) => {
  const { recommendations: popular } = await fetchJson<List>(page, "/api/popular/?count=40");
  let product = 0;
  let together: string[] = [];
  for (const { product_id } of popular) {
    const { recommendations } = await fetchJson<List>(page, `/api/products/${product_id}/bought-together/?count=12`);
    const companions = recommendations.filter(({ reason }) => reason.code === "bought_together");
    together = companions.map(({ product_name }) => product_name);
    product = product_id;
    // One that is bought as it is: of others, a variant is chosen on their page.
    if (companions[0]?.product.has_variants === false) break;
  }
  await open(page, `/product/${product}`);
  const name = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";

  const companions = findRail(page, "Goes with this");
  expect(await readProductNames(companions)).toEqual(together);
  await expect(companions.getByText(`Often bought with ${name}`).first()).toBeVisible();
  // In so small a shop, a product may be the only one of its kind.
  const alike = page.getByRole("region", { name: /^(Similar to this|Others look at these)$/ });
  await expect(alike.getByRole("article").first()).toBeVisible();

  const added = page.waitForRequest(
    (request) => request.url().endsWith("/api/cart/") && request.method() === "POST",
  );
  await companions.getByRole("button", { name: /^Add .* to cart$/ }).first().click();
  expect((await added).postDataJSON()).toMatchObject({
    list_id: expect.any(String),
    position: 0,
  });
  await expect(page.getByRole("button", { name: "Cart, 1 item" })).toBeVisible();
  await page.getByRole("button", { name: "Cart, 1 item" }).click();
  await page.getByRole("link", { name: "Open the cart page" }).click();
  const complements = await readProductNames(findRail(page, "Goes with your cart"));
  const inCart = together[0] ?? "";
  expect(complements).not.toContain(inCart);
  await expect(findRail(page, "Goes with your cart").getByText(inCart).first()).toBeVisible();

  await page.getByRole("main").getByRole("link", { name: "Go to checkout" }).click();
  await page.getByLabel(/^Email/).fill("mara@shop.example");
  await page.getByLabel("Full name").fill("Mara Ode");
  await page.getByLabel("Street and number").fill("Elm Row 4");
  await page.getByLabel("Postcode").fill("10115");
  await page.getByLabel("City").fill("Berlin");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Continue to review" }).click();
  await page.getByRole("button", { name: "Place order" }).click();

  const after = await readProductNames(findRail(page, "While you wait"));
  expect(after.filter((other) => complements.includes(other) || other === inCart)).toEqual([]);
});
