// Takes the screenshots in docs/screenshots: npm run screenshots -- http://127.0.0.1:8000
// With STAFF_PASSWORD, the password of demo-staff, also those of the admin's first page, of "why not",
// of the editor of a rule, which is not saved, and of the newest what-if, for which the worker runs. If
// benchmarks/ab_tests/visitors.py has served lists and run experiments on the shop, those of the
// experiments as well; without it, there are too few lists for a what-if.
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

/** Fill the form of a rule with conditions in both groups; nothing is saved. */
async function writeRule() {
  const conditions = [
    ["all", "price", "between", ["10", "80"]],
    ["all", "stock", "at_least", ["5"]],
    ["any", "on_sale", "is", ["true"]],
    ["any", "age_days", "at_most", ["14"]],
  ];
  await page.locator("#id_action").selectOption("boost");
  for (const [index, [group, field, op, values]] of conditions.entries()) {
    const rows = page.locator(`[data-group=${group}]`);
    // The first group has an empty row.
    if (index > 0) await rows.locator("[data-add]").click();
    const row = rows.locator("[data-row]").last();
    await row.locator("[data-field]").selectOption(field);
    await row.locator("[data-op]").selectOption(op);
    for (const [place, value] of values.entries()) {
      const input = row.locator("[data-values] input:visible, [data-values] select:visible").nth(place);
      if ((await input.evaluate(({ tagName }) => tagName)) === "SELECT") await input.selectOption(value);
      else await input.fill(value);
    }
  }
}

/** Try what popularity alone would do to the latest lists, and return the path of what came of it. */
async function runWhatIf() {
  await page.goto("/admin/recommendations/merchandisingrule/what-if/");
  await page.locator("[name=weights]").fill('{"popularity": 1}');
  await page.locator("[name=how_many]").selectOption("1000");
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL(/what-if\/\d+\/$/);
  await page.locator(".dashboard-cards, main .dashboard-note[role=status]").first().waitFor({ timeout: 1_000_000 });
  return new URL(page.url()).pathname;
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
  const rule = "/admin/recommendations/merchandisingrule/add/";
  await takePages({ "rule-editor": rule }, "", page.locator("#id_action"), writeRule);
  await takePages({ "what-if": await runWhatIf() }, "", page.locator(".dashboard-cards"));
  await takeExperiments();
}
await browser.close();
