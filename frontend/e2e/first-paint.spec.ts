import type { Page } from "@playwright/test";

import { expect, test } from "./shop";

const widths = [390, 1280];
/** What the server draws, and what React must put in the very same place. */
const drawn = ["header", "nav >> nth=0", "h1", "main p >> nth=0", "main img >> nth=0", "main h2 >> nth=0"];

interface Shown {
  x: number;
  y: number;
  width: number;
  height: number;
}

async function places(page: Page): Promise<Record<string, Shown | null>> {
  const found: Record<string, Shown | null> = {};
  for (const selector of drawn) {
    const part = page.locator(selector);
    const box = (await part.count()) === 0 ? null : await part.boundingBox();
    found[selector] = box && {
      x: Math.round(box.x),
      y: Math.round(box.y),
      width: Math.round(box.width),
      height: Math.round(box.height),
    };
  }
  return found;
}

async function addresses(page: Page): Promise<Record<string, string>> {
  const answer = await page.request.get("/api/products/?in_stock=true&page_size=1");
  const { results } = (await answer.json()) as { results: { id: number; category: string }[] };
  const { id, category } = results[0] ?? { id: 0, category: "" };
  return { home: "/", category: `/category/${encodeURIComponent(category)}`, product: `/product/${id}` };
}

for (const width of widths) {
  test(`scripts draw what the server drew, where it drew it, ${width} px wide`, async ({ page, browser }) => {
    const viewport = { width, height: 850 };
    const still = await browser.newPage({ javaScriptEnabled: false, viewport, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    const pages = await addresses(page);

    for (const [name, address] of Object.entries(pages)) {
      await still.goto(address);
      await page.goto(address);
      await expect(page.locator("#first-paint")).toHaveCount(0);
      const running = await places(page);

      // The home page's first picture and shelf are the visitor's own: the server draws none.
      if (name === "home") delete running["main img >> nth=0"];
      expect(await places(still), name).toMatchObject(running);
      expect(await still.getByRole("heading", { level: 1 }).innerText()).toBe(
        await page.getByRole("heading", { level: 1 }).innerText(),
      );
    }
    await still.close();
  });
}

test("what came with the page is not asked for again", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));

  for (const address of Object.values(await addresses(page))) {
    await page.goto(address);
    await expect(page.locator("#first-paint")).toHaveCount(0);
    await page.waitForLoadState("networkidle");
  }

  const again = asked.filter((path) => /^\/api\/(categories|demo\/shoppers|products\/(facets\/|\d+\/)?$)/.test(path));
  expect(again).toEqual([]);
});

test("an address that leads nowhere says so in status and words", async ({ page }) => {
  for (const address of ["/nothing/here", "/product/999999", "/category/Nothing"]) {
    const answer = await page.request.get(address);

    expect(answer.status(), address).toBe(404);
    expect(await answer.text()).toContain('<meta name="robots" content="noindex" />');
  }
});
