import { defineConfig } from "@playwright/test";

import { CHROMIUM } from "./support/environment";

/** What a person does, in a real browser against a real server; see README.md. */
export default defineConfig({
  testDir: "specs",
  globalSetup: "./support/prepare.ts",
  outputDir: "test-results",
  // Each worker has a server, a simulated provider and a browser: two keep two cores busy.
  workers: Number(process.env.RELAY_E2E_WORKERS ?? 2),
  // A busy machine needs its time; nothing here is about how quick it is.
  timeout: 120_000,
  // What only passes at the second try is listed as flaky.
  retries: 1,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
