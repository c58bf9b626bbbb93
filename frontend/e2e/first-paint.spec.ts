import type { Page } from "@playwright/test";

import { expect, fetchProductsForSale, test } from "./shop";

const widths = [390, 1280];
/** Elements that the server renders, and that React must render at the same place. */
const selectors = ["header", "nav >> nth=0", "h1", "main p >> nth=0", "main img >> nth=0", "main h2 >> nth=0"];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function measureBoxes(page: Page): Promise<Record<string, Box | null>> {
  const boxes: Record<string, Box | null> = {};
  for (const selector of selectors) {
    const element = page.locator(selector);
    const box = (await element.count()) === 0 ? null : await element.boundingBox();
    boxes[selector] = box && {
      x: Math.round(box.x),
      y: Math.round(box.y),
      width: Math.round(box.width),
      height: Math.round(box.height),
    };
  }
  return boxes;
}

async function findAddresses(page: Page): Promise<Record<string, string>> {
  const [{ id, category } = { id: 0, category: "" }] = await fetchProductsForSale(page, 1);
  return {
    home: "/",
    category: `/category/${encodeURIComponent(category)}`,
    "later page": "/products?sort=price&page=2",
    product: `/product/${id}`,
  };
}

for (const width of widths) {
  test(`React renders what the server rendered, at the same place, ${width} px wide`, async ({ page, browser }) => {
    const viewport = { width, height: 850 };
    const serverPage = await browser.newPage({ javaScriptEnabled: false, viewport, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    const pages = await findAddresses(page);

    for (const [name, address] of Object.entries(pages)) {
      await serverPage.goto(address);
      await page.goto(address);
      await expect(page.locator("#first-paint")).toHaveCount(0);
      const rendered = await measureBoxes(page);

      // The first picture of the home page is personal, so the server does not render it.
      if (name === "home") delete rendered["main img >> nth=0"];
      expect(await measureBoxes(serverPage), name).toMatchObject(rendered);
      expect(await serverPage.getByRole("heading", { level: 1 }).innerText()).toBe(
        await page.getByRole("heading", { level: 1 }).innerText(),
      );
    }
    await serverPage.close();
  });
}

for (const address of ["/products?sort=price&page=2", "/products?in_stock=true", "/search?q=lamp"]) {
  test(`nothing moves on ${address} when React renders it`, async ({ page }) => {
    await page.addInitScript(() => {
      Object.assign(window, { shift: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });

    await page.goto(address);
    await expect(page.getByRole("main").getByRole("article").first()).toBeVisible();
    await page.waitForLoadState("networkidle");

    expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.01);
  });
}

test("queries that came with the page are not fetched again", async ({ page }) => {
  const requested: string[] = [];
  page.on("request", (request) => requested.push(new URL(request.url()).pathname));

  for (const address of Object.values(await findAddresses(page))) {
    await page.goto(address);
    await expect(page.locator("#first-paint")).toHaveCount(0);
    await page.waitForLoadState("networkidle");
  }

  const fetchedAgain = requested.filter((path) => /^\/api\/(categories|demo\/shoppers|products\/(facets\/|\d+\/)?$)/.test(path));
  expect(fetchedAgain).toEqual([]);
});

test("an address without a page answers 404, not to be indexed", async ({ page }) => {
  for (const address of ["/nothing/here", "/product/999999", "/category/Nothing"]) {
    const response = await page.request.get(address);

    expect(response.status(), address).toBe(404);
    expect(await response.text()).toContain('<meta name="robots" content="noindex" />');
  }
});
