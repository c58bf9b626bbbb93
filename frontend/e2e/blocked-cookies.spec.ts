import { chromium } from "@playwright/test";
import { mkdirSync, writeFileSync } from "node:fs";

import { expect, fetchProductsForSale, open, test } from "./shop";

const blocked = 2;

test("without cookies and storage every page opens, and says what needs them", async ({ page: other, baseURL, launchOptions }, testInfo) => {
  const [product = { id: 0, name: "" }] = await fetchProductsForSale(other, 1);
  const profile = testInfo.outputPath("profile");
  mkdirSync(`${profile}/Default`, { recursive: true });
  const settings = { profile: { default_content_setting_values: { cookies: blocked } } };
  writeFileSync(`${profile}/Default/Preferences`, JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, ...(baseURL && { baseURL }) });
  const errors: string[] = [];
  context.on("weberror", (webError) => errors.push(webError.error().message));
  const page = await context.newPage();

  for (const address of ["/products", "/cart", "/checkout", "/account", `/product/${product.id}`]) {
    await open(page, address);
    await expect(page.getByText("Your browser blocks cookies for this shop.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.getByRole("main").getByRole("button", { name: "Like", exact: true }).click();
  await page.getByRole("button", { name: /dark colours/ }).click();
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByRole("button", { name: "English" }).click();
  await open(page, "/sign-in");
  await page.getByLabel("User name or e-mail").fill("mara");
  await page.getByLabel("Password").fill("guess");
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click();

  await expect(page.getByRole("alert")).toHaveText(/^This needs cookies, and your browser did not send any\./);
  expect(errors).toEqual([]);
  await context.close();
});
