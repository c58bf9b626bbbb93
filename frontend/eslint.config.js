import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

const forbid = (files, group, message) => ({
  files,
  ignores: ["**/*.test.{ts,tsx}"],
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

const upward = "Imports point down: pages → components → ui, and hooks → services.";
const features = ["account", "cart", "checkout", "home", "listing", "orders", "recommendations", "shoppers"];

export default defineConfig([
  globalIgnores(["dist", "coverage", "playwright-report", "test-results", "src/services/schema.ts"]),
  {
    files: ["**/*.{ts,tsx}"],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
      jsxA11y.flatConfigs.strict,
    ],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Event handlers of forms and buttons start things and answer nothing.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  { files: ["**/*.{js,mjs}"], extends: [js.configs.recommended], languageOptions: { globals: { ...globals.node, ...globals.browser } } },

  forbid(["src/services/**"], ["@/hooks/*", "@/components/**", "@/pages/*"], upward),
  forbid(["src/hooks/**"], ["@/components/**", "@/pages/*"], upward),
  forbid(
    ["src/components/ui/**"],
    ["@/services/*", "@/pages/*", ...["products", "layout", ...features].map((name) => `@/components/${name}/*`)],
    upward,
  ),
  forbid(
    ["src/components/products/**"],
    ["@/pages/*", ...["layout", ...features].map((name) => `@/components/${name}/*`)],
    "Products are what every other feature shows; they know none of them.",
  ),
  // Features meet on a page only; all of them may show products.
  ...features.map((feature) =>
    forbid(
      [`src/components/${feature}/**`],
      [
        "@/pages/*",
        ...["layout", ...features.filter((other) => other !== feature)].map((name) => `@/components/${name}/*`),
      ],
      "Features meet on a page only.",
    ),
  ),
  forbid(["src/components/layout/**"], ["@/pages/*"], upward),
]);
