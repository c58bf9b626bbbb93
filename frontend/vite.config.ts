import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const backend = process.env.BACKEND_URL ?? "http://localhost:8000";

/**
 * What the first paint needs comes first: the style sheet stands in the page, where it is smaller
 * than what a slow connection carries while it would wait for it, and the scripts let the page's
 * own pictures pass, since the server has drawn it already.
 */
const firstPaintFirst: Plugin = {
  name: "first-paint-first",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (html, { bundle = {} }) =>
      html
        .replaceAll(/<link rel="stylesheet"[^>]* href="[^"]*\/(assets\/[^"]+)">/g, (link, name: string) => {
          const sheet = bundle[name];
          return sheet?.type === "asset" ? `<style>${String(sheet.source)}</style>` : link;
        })
        .replaceAll(/<(script type="module"|link rel="modulepreload") /g, '<$1 fetchpriority="low" '),
  },
};

// Django serves the build: files under /static/storefront/, index.html for every other page.
export default defineConfig(({ mode, command }) => ({
  base: command === "build" || mode === "production" ? "/static/storefront/" : "/",
  plugins: [react(), tailwindcss(), firstPaintFirst],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    proxy: { "/api": backend, "/media": backend },
  },
  build: {
    manifest: true,
    sourcemap: false,
    rolldownOptions: {
      output: {
        // Few files: each costs a slow connection a round trip. The libraries change seldom and
        // stay in the browser's cache when the shop changes.
        codeSplitting: {
          groups: [
            { name: "vendor", test: /node_modules\/(react|react-dom|react-router|scheduler|@tanstack|i18next|react-i18next|openapi-fetch)\//, priority: 2 },
            { name: "shop", test: /frontend\/src\/|node_modules\/lucide-react/, minShareCount: 3, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
  },
}));
