// Takes the screenshots in docs/screenshots: npm run screenshots -- http://127.0.0.1:8000
// With STAFF_PASSWORD, the password of demo-staff, also those of the admin's first page, and of the
// experiments that benchmarks/ab_tests/visitors.py has run on the shop, if it has.
import { chromium } from "@playwright/test";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const address = process.argv[2] ?? "http://127.0.0.1:8000";
const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const widths = [1280, 360];
const schemes = ["light", "dark"];
const executablePath = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  ...(executablePath !== undefined && { executablePath }),
  args: ["--no-sandbox", "--disable-gpu"],
});
const context = await browser.newContext({ baseURL: address, reducedMotion: "reduce", locale: "en" });
const page = await context.newPage();

/** Sign in as a sample shopper, like three recommendations and put them into the cart; returns the first. */
async function becomeShopper() {
  await page.goto("/");
  const offer = page.getByRole("region", { name: /someone else/ }).getByRole("button").first();
  await offer.click();
  await page.getByRole("region", { name: "For you" }).getByRole("article").first().waitFor();
  const answer = await page.request.get("/api/recommendations/me/?count=3");
  const { recommendations } = await answer.json();
  const csrf = (await context.cookies()).find(({ name }) => name === "csrftoken")?.value ?? "";
  const post = (path, data) => page.request.post(path, { data, headers: { "X-CSRFToken": csrf } });
  for (const { product_id, product } of recommendations) {
    await post("/api/likes/", { product_id });
    const [first] = product.has_variants
      ? (await (await page.request.get(`/api/products/${product_id}/`)).json()).variants.filter(({ is_buyable }) => is_buyable)
      : [];
    await post("/api/cart/", { product_id, ...(first && { variant_id: first.id }), quantity: 1 });
  }
  return recommendations[0].product;
}

const product = await becomeShopper();
const pages = {
  home: "/",
  category: `/category/${encodeURIComponent(product.category)}`,
  search: "/search?q=cotton&in_stock=true",
  product: `/product/${product.id}`,
  cart: "/cart",
  account: "/account",
};

/** Sign in to the admin as the demo's staff. */
async function becomeStaff(password) {
  await context.clearCookies();
  await page.goto("/admin/login/");
  await page.locator("input[name=username]").fill("demo-staff");
  await page.locator("input[name=password]").fill(password);
  await page.locator("input[name=password]").press("Enter");
  await page.waitForURL("**/admin/");
}

/** Ask why somebody who looked at the first products does not see another one. */
async function askWhy() {
  await page.locator("[name=history]").fill("view 1\nlike 2\ncart 3");
  await page.locator("[name=why_not]").fill("5");
  await page.locator(".why-form button[type=submit]").click();
  await page.locator(".why-missed").waitFor();
  await page.locator(".why-lists").evaluate((lists) => lists.scrollIntoView());
}

/** Take each page in both widths and both schemes; the README shows the one in `shown`. */
async function takePages(pages, shown, heading, prepare = async () => undefined) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 360 ? 800 : 900 });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path);
        await heading.waitFor();
        await page.waitForLoadState("networkidle");
        await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
        await prepare();
        const file = `${name}-${width}-${colorScheme}.jpg`;
        await page.screenshot({ path: folder + file, type: "jpeg", quality: 80 });
        console.log(file);
        // The README shows this one.
        if (name === shown && width === 1280 && colorScheme === "light") {
          await page.screenshot({ path: `${folder}${name}.png` });
        }
      }
    }
  }
}

/** Take the list of experiments with the hold-out above it, and the page of the newest experiment. */
async function takeExperiments() {
  const list = "/admin/recommendations/experiment/";
  await page.goto(list);
  const newest = page.getByRole("link", { name: "Engine against popularity" });
  if ((await newest.count()) === 0) return;
  const address = await newest.getAttribute("href");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  for (const [name, path] of [["hold-out", list], ["experiment", address]]) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `${folder}${name}-1280-light.jpg`, type: "jpeg", quality: 80 });
  }
}

await takePages(pages, "home", page.getByRole("heading", { level: 1 }));
if (process.env.STAFF_PASSWORD !== undefined) {
  await becomeStaff(process.env.STAFF_PASSWORD);
  await takePages({ dashboard: "/admin/" }, "dashboard", page.getByRole("heading", { name: "What the shop earns" }));
  const why = "/admin/recommendations/listinspection/why/";
  await takePages({ "why-not": why }, "", page.locator(".why-form"), askWhy);
  await takeExperiments();
}
await browser.close();
