// Measures the home, category and product pages with Lighthouse's phone profile, and fails below the
// goals. Without an address it opens a small shop like `make run`: built pages, no debugging, the
// real server. Build first (`npm run build`).
//
//   npm run lighthouse
//   npm run lighthouse -- http://127.0.0.1:8000
import { launch } from "chrome-launcher";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import lighthouse from "lighthouse";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const minScores = { performance: 95, accessibility: 100, "best-practices": 95, seo: 100 };
const maxLayoutShift = 0.05;
const figures = {
  FCP: "first-contentful-paint",
  LCP: "largest-contentful-paint",
  TBT: "total-blocking-time",
  CLS: "cumulative-layout-shift",
};
const startSeconds = 180;

/** Open a shop; returns its address and a function that closes it. */
async function openShop() {
  const port = await findFreePort();
  const address = `http://127.0.0.1:${port}`;
  const serve = new URL("../e2e/serve.sh", import.meta.url).pathname;
  const server = spawn("sh", [serve, String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBUG: "0" },
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const close = async () => {
    server.kill("SIGTERM");
    await ended;
  };
  for (let waited = 0; waited < startSeconds; waited += 1) {
    if (server.exitCode !== null) throw new Error("The shop ended before it was open.");
    const ready = await fetch(`${address}/api/health/ready`).catch(() => undefined);
    if (ready?.ok) return { address, close };
    await pause(1000);
  }
  await close();
  throw new Error(`The shop was not open after ${startSeconds} seconds.`);
}

function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function findPages(address) {
  const answer = await fetch(`${address}/api/products/?in_stock=true&page_size=1`);
  const [product] = (await answer.json()).results;
  return {
    home: "/",
    category: `/category/${encodeURIComponent(product.category)}`,
    product: `/product/${product.id}`,
  };
}

/** Print the measurements of a page; returns whether they reach the goals. */
function report(name, { categories, audits, runtimeError }) {
  if (runtimeError !== undefined) {
    console.log(`${name}: not measured: ${runtimeError.message}`);
    return false;
  }
  const scores = Object.entries(minScores).map(([id, min]) => {
    const score = Math.round((categories[id].score ?? 0) * 100);
    return { text: `${id} ${score}`, reached: score >= min };
  });
  const shift = audits[figures.CLS].numericValue;
  const measured = Object.entries(figures).map(([short, id]) => `${short} ${audits[id].displayValue}`);
  console.log(`${name}: ${[...scores.map(({ text }) => text), ...measured].join(", ")}`);
  for (const { id, score, scoreDisplayMode, title } of Object.values(audits)) {
    if (score === 0 && scoreDisplayMode === "binary") console.log(`  fails: ${title} (${id})`);
  }
  return scores.every(({ reached }) => reached) && shift <= maxLayoutShift;
}

const given = process.argv[2];
const shop = given === undefined ? await openShop() : { address: given, close: () => undefined };
const chromePath = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);
const chrome = await launch({
  ...(chromePath !== undefined && { chromePath }),
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
try {
  for (const [name, path] of Object.entries(await findPages(shop.address))) {
    const measure = () => lighthouse(shop.address + path, { port: chrome.port, logLevel: "error" });
    let run = await measure();
    // The browser sometimes loses the start of a trace, which says nothing about the page: try again.
    if (run?.lhr.runtimeError) run = await measure();
    if (run === undefined || !report(name, run.lhr)) process.exitCode = 1;
  }
} finally {
  chrome.kill();
  await shop.close();
}
