import { defineConfig, devices } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

import { freePort } from "./e2e/free-port";

// Every worker process reads this file again and must find the same server.
process.env.E2E_PORT ??= String(freePort());
const address = `http://127.0.0.1:${process.env.E2E_PORT}`;
const chromium = systemChromium();

export default defineConfig({
  testDir: "e2e",
  // While one journey waits for its page, another one moves on.
  workers: 2,
  fullyParallel: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  // A browser that stumbles once on a busy machine is told as flaky, not as failed.
  retries: 1,
  reporter: process.env.CI ? [["list"], ["html", { open: "never" }]] : "list",
  use: {
    ...devices["Desktop Chrome"],
    baseURL: address,
    trace: "retain-on-failure",
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
  webServer: {
    command: `exec e2e/serve.sh ${process.env.E2E_PORT}`,
    url: `${address}/api/health/ready`,
    timeout: 180_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    stdout: "pipe",
    reuseExistingServer: process.env.E2E_REUSE === "1",
  },
});

/** The browser of the machine; without one Playwright uses its own, where that is installed. */
function systemChromium(): string | undefined {
  const known = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"];
  for (const path of known) if (path !== undefined && existsSync(path)) return path;
  for (const name of ["google-chrome-stable", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      continue;
    }
  }
  return undefined;
}
