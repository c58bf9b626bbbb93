import { defineConfig, devices } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

import { findFreePort } from "./e2e/free-port";

// Every worker process reads this file again and must use the same server.
process.env.E2E_PORT ??= String(findFreePort());
const ownAddress = `http://127.0.0.1:${process.env.E2E_PORT}`;
// A shop that runs already, whose certificate nobody else has signed.
const givenAddress = process.env.E2E_ADDRESS;
const chromium = findChromium();

export default defineConfig({
  testDir: "e2e",
  // While one test waits for its page, another one runs.
  workers: 2,
  fullyParallel: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  // A test that fails once on a busy machine is reported as flaky, not as failed.
  retries: 1,
  reporter: process.env.CI ? [["list"], ["html", { open: "never" }]] : "list",
  use: {
    ...devices["Desktop Chrome"],
    baseURL: givenAddress ?? ownAddress,
    ignoreHTTPSErrors: givenAddress !== undefined,
    // Traces slow tests down: a test that fails is repeated with one.
    trace: "on-first-retry",
    screenshot: process.env.CI ? "on" : "off",
    launchOptions: {
      ...(chromium !== undefined && { executablePath: chromium }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  ...(givenAddress === undefined && {
    webServer: {
      command: `exec e2e/serve.sh ${process.env.E2E_PORT}`,
      url: `${ownAddress}/api/health/ready`,
      timeout: 180_000,
      gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
      stdout: "pipe",
      reuseExistingServer: process.env.E2E_REUSE === "1",
    },
  }),
});

/** Return the path of the machine's own browser; without one Playwright uses the one it installed. */
function findChromium(): string | undefined {
  const paths = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  for (const path of paths) if (path !== undefined && existsSync(path)) return path;
  for (const name of ["google-chrome-stable", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      continue;
    }
  }
  return undefined;
}
