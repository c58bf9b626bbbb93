import type { Page } from "@playwright/test";

import { expect, fetchProductsForSale, fillCart, postJson, test, withholdFirstAnswers } from "./shop";

const longWord = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichenhalterungsschrauben1";
const highestPrice = "9999999999.99";
const address = {
  email: `${"m".repeat(64)}@${"shop".repeat(12)}.example`,
  name: longWord,
  street: longWord,
  postcode: "12345",
  city: longWord,
  country: "DE",
};

const names = new Set(["name", "product_name", "brand", "category", "variant_name"]);
const amounts = new Set(["price", "regular_price", "line_total", "total"]);

/** Return an answer of the shop with the longest names and the highest amounts that it can have. */
function lengthen(answer: unknown, currency: string): unknown {
  if (Array.isArray(answer)) return answer.map((one) => lengthen(one, currency));
  if (typeof answer !== "object" || answer === null) return answer;
  const isProduct = "price" in answer;
  const parts = Object.entries(answer).map(([key, value]: [string, unknown]) => {
    if (isProduct && names.has(key)) return [key, longWord];
    if (amounts.has(key) && typeof value !== "object") return [key, highestPrice];
    return [key, key === "currency" ? currency : lengthen(value, currency)];
  });
  return Object.fromEntries(parts) as unknown;
}

async function lengthenAnswers(page: Page, currency: string): Promise<void> {
  await page.route(/\/api\/(page|products|search|cart|orders|likes|recommendations)\//, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    await route.fulfill({ response, json: lengthen(await response.json(), currency) });
  });
  await withholdFirstAnswers(page);
}

/** Return the texts that reach beyond the window, other than in rows that are scrolled by themselves. */
const findWideTexts = (page: Page) =>
  page.evaluate(() => {
    const isScrolled = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX === "auto" || isScrolled(element.parentElement));
    const wide = Array.from(document.querySelectorAll<HTMLElement>("body *")).filter((element) => {
      const isText = Array.from(element.childNodes).some((node) => node instanceof Text && node.data.trim() !== "");
      const { right, width } = element.getBoundingClientRect();
      return isText && width > 1 && right > window.innerWidth + 1 && !isScrolled(element);
    });
    const texts = wide.map((element) => `${element.localName}: ${element.textContent}`);
    return document.documentElement.scrollWidth > window.innerWidth ? ["the page", ...texts] : texts;
  });

for (const [language, currency] of [["English", "CHF"], ["Deutsch", "KWD"]] as const) {
  test(`words of 80 letters and prices of ten digits fit 320 px, in ${language} and ${currency}`, async ({ page }) => {
    const [product = { id: 0, name: "" }] = await fetchProductsForSale(page, 1);
    await fillCart(page, product);
    const cart = (await (await page.request.get("/api/cart/")).json()) as { total: string };
    const { email, ...delivery } = address;
    const ordered = await postJson(page, "/api/orders/", { expected_total: cart.total, email, delivery });
    expect(ordered.status(), await ordered.text()).toBe(201);
    const { id } = (await ordered.json()) as { id: number };
    await fillCart(page, product);
    await postJson(page, "/api/likes/", { product_id: product.id });
    await page.addInitScript(
      ([choice, draft]) => {
        localStorage.setItem("language", choice);
        sessionStorage.setItem("checkout", draft);
      },
      [language === "Deutsch" ? "de" : "en", JSON.stringify({ address, shopper: "visitor" })] as const,
    );
    await page.setViewportSize({ width: 320, height: 800 });
    await lengthenAnswers(page, currency);

    const addresses = ["/", "/products?in_stock=true", "/search?q=a", `/product/${product.id}`, "/cart", "/account",
      "/checkout?step=address", "/checkout?step=delivery", "/checkout?step=review", `/order/${id}`];
    const wide: Record<string, string[]> = {};
    for (const path of addresses) {
      await page.goto(path);
      await expect(page.getByRole("main").getByText(/9.999.999.999/).first(), path).toBeVisible();
      wide[path] = await findWideTexts(page);
    }
    await page.getByRole("banner").getByRole("button").last().click();
    const drawer = page.getByRole("dialog");
    await expect(drawer.getByText(/9.999.999.999/).first()).toBeVisible();
    // A drawer that slides in is beyond the window at first.
    await drawer.evaluate((element) => Promise.all(element.getAnimations().map(({ finished }) => finished)));
    wide.drawer = await findWideTexts(page);

    expect(Object.entries(wide).filter(([, texts]) => texts.length > 0)).toEqual([]);
  });
}
