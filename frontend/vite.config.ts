import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const backend = process.env.BACKEND_URL ?? "http://localhost:8000";

/**
 * Load what the first paint needs before everything else.
 *
 * The style sheet is inlined: it is so small that a slow connection carries it in less time than a
 * request of its own would wait. Scripts get a low priority: the server has rendered the page
 * already, so its pictures come first.
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
  resolve: {
    alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) },
  },
  server: {
    proxy: { "/api": backend, "/media": backend, "/ws": { target: backend, ws: true } },
  },
  build: {
    manifest: true,
    sourcemap: false,
    // Every browser that knows the style sheet's light-dark() preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The router warns developers in its own functions; without a use of them the calls can go.
      treeshake: { manualPureFunctions: ["warning", "warnOnce", "warningOnce", "invariant"] },
      output: {
        // Few files, because each costs a slow connection a round trip. The libraries are a file of
        // their own: they change seldom and stay in the browser's cache when the shop changes.
        codeSplitting: {
          groups: [
            // Orders and accounts are left out of the file of all pages: only a few need them. So is
            // the drawer: it brings the dialogs, and no page begins with one open.
            { name: "vendor", test: /node_modules\/(react|react-dom|react-router|scheduler|@tanstack|openapi-fetch)\//, priority: 2 },
            { name: "shop", test: /frontend\/src\/(?!i18n\/(en-)?(checkout|account)|services\/(orders|countries)|components\/(orders|ui\/drawer))|node_modules\/lucide-react/, minShareCount: 3, priority: 1 },
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
    // Half the time: modules are loaded once for all files of a worker. Each test cleans up.
    isolate: false,
  },
}));
