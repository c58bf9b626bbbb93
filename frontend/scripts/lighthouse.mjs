// Measures home, category and product in the mobile profile: npm run lighthouse -- http://127.0.0.1:8000
import { launch } from "chrome-launcher";
import { existsSync } from "node:fs";
import lighthouse from "lighthouse";

const address = process.argv[2] ?? "http://127.0.0.1:8000";
const least = { performance: 95, accessibility: 100, "best-practices": 95, seo: 100 };

const { results } = await (await fetch(`${address}/api/products/?in_stock=true&page_size=1`)).json();
const [product] = results;
const pages = {
  home: "/",
  category: `/category/${encodeURIComponent(product.category)}`,
  product: `/product/${product.id}`,
};

const chromePath = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);
const chrome = await launch({
  ...(chromePath !== undefined && { chromePath }),
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
let short = false;
try {
  for (const [name, path] of Object.entries(pages)) {
    const run = await lighthouse(address + path, { port: chrome.port, logLevel: "error" });
    if (run === undefined) throw new Error(`Lighthouse said nothing about ${path}.`);
    const { categories, audits } = run.lhr;
    const scores = Object.entries(least).map(([id, minimum]) => {
      const score = Math.round((categories[id]?.score ?? 0) * 100);
      short ||= score < minimum;
      return `${id} ${score}`;
    });
    const figures = ["largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"].map(
      (id) => `${audits[id]?.title} ${audits[id]?.displayValue}`,
    );
    console.log(`${name}: ${[...scores, ...figures].join(", ")}`);
    for (const { id, score, scoreDisplayMode, title } of Object.values(audits)) {
      if (score === 0 && scoreDisplayMode === "binary") console.log(`  fails: ${title} (${id})`);
    }
  }
} finally {
  chrome.kill();
}
if (short) process.exitCode = 1;
