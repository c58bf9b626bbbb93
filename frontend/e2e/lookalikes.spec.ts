import AxeBuilder from "@axe-core/playwright";

import { expect, fetchJson, findRail, readProductNames, tabTo, test } from "./shop";

interface Products {
  count: number;
  results: { id: number; image: string | null }[];
}

interface List {
  recommendations: { product_name: string }[];
}

test.use({ locale: "de-DE" });

test("the keyboard opens what looks like a product; the page stays accessible, in German", async ({ page }) => {
  // The oldest products have photographs, the newest ones drawings.
  const newestFirst = "/api/products/?in_stock=true&ordering=-created_at&page_size=50";
  const { count, results: newest } = await fetchJson<Products>(page, newestFirst);
  const { results: oldest } = await fetchJson<Products>(page, `${newestFirst}&page=${Math.ceil(count / 50)}`);
  const photographed = oldest.find(({ image }) => image?.endsWith(".jpg"));
  const drawn = newest.find(({ image }) => image?.endsWith(".svg"));
  const id = photographed?.id ?? 0;
  const { recommendations } = await fetchJson<List>(page, `/api/products/${id}/similar/?by=picture&count=12`);
  expect(recommendations.length).toBeGreaterThan(0);

  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`/product/${id}`);
  const show = page.getByRole("button", { name: "Zeigen, was ähnlich aussieht" });
  await expect(show).toHaveAttribute("aria-expanded", "false", { timeout: 30_000 });
  await tabTo(page, () => show.evaluate((button) => button === document.activeElement));
  await page.keyboard.press("Enter");

  const rail = findRail(page, "Sieht ähnlich aus");
  expect(await readProductNames(rail)).toEqual(recommendations.map(({ product_name }) => product_name));
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations.map(({ id: rule, nodes }) => `${width} ${rule}: ${nodes[0]?.html}`)).toEqual([]);
  }

  const hide = page.getByRole("button", { name: "Ausblenden, was ähnlich aussieht" });
  await expect(hide).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(rail).toHaveCount(0);

  await page.goto(`/product/${drawn?.id ?? 0}`);
  await expect(findRail(page, /^(Ähnlich wie dieses|Das sehen sich andere an|Passt dazu)$/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Zeigen, was ähnlich aussieht" })).toHaveCount(0);
});
