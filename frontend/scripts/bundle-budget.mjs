// Fails when what the home page must load before it runs is more JavaScript than the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgetKilobytes = 150;
const folder = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", folder), "utf8"));

const files = new Set();
function collect(name) {
  const chunk = manifest[name];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) collect(imported);
}
collect("index.html");
collect("src/pages/home.tsx");

const bytes = [...files].reduce(
  (sum, file) => sum + gzipSync(readFileSync(new URL(file, folder))).length,
  0,
);
const kilobytes = (bytes / 1000).toFixed(1);
if (bytes > budgetKilobytes * 1000) {
  console.error(`Initial JavaScript is ${kilobytes} KB gzipped; the budget is ${budgetKilobytes} KB.`);
  process.exit(1);
}
console.log(`Initial JavaScript: ${kilobytes} KB gzipped, of a budget of ${budgetKilobytes} KB.`);
