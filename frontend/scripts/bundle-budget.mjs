// Fails when the JavaScript that a page must load before it runs exceeds the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgetKilobytes = 148;
const pages = ["home", "listing", "product"];
const folder = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", folder), "utf8"));

function collect(name, files) {
  const chunk = manifest[name];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) collect(imported, files);
}

for (const page of pages) {
  const files = new Set();
  collect("index.html", files);
  collect(`src/pages/${page}.tsx`, files);
  const bytes = [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(new URL(file, folder))).length,
    0,
  );
  const kilobytes = `${(bytes / 1000).toFixed(1)} KB gzipped`;
  if (bytes > budgetKilobytes * 1000) {
    console.error(`Initial JavaScript of ${page} is ${kilobytes}; the budget is ${budgetKilobytes} KB.`);
    process.exitCode = 1;
  } else {
    console.log(`Initial JavaScript of ${page}: ${kilobytes}, of a budget of ${budgetKilobytes} KB.`);
  }
}
