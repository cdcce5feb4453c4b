/** The console's reports: overview, usage, requests, as a person reads them, on calls that were really made. */

import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe";
import { expect, test } from "../support/desk";
import { MODELS } from "../support/traffic";

/** How many calls the overview says there were. */
async function requestsOnOverview(page: Page): Promise<number> {
  const tile = page.getByRole("definition").first();
  await expect(tile).toHaveText(/\d/);
  return Number((await tile.innerText()).replaceAll(",", ""));
}

test("the overview draws what was called, and reads it out", async ({ owner: page, desk }) => {
  await page.goto(`${desk.relay.url}/console`);
  expect(await requestsOnOverview(page)).toBeGreaterThan(15);
  const chart = page.getByRole("group", { name: /^Requests over time/ });
  await expect(chart.locator("svg path.series").first()).toBeVisible();
  await expectAccessible(page, "desk-overview");

  await test.step("arrow keys read the last hour", async () => {
    await chart.focus();
    await page.keyboard.press("End");
    await expect(chart.getByRole("status")).toContainText(MODELS.openai);
  });

  await test.step("the pointer does, too", async () => {
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
    await expect(chart.getByText("Together")).toBeVisible();
  });

  await test.step("every number is in a table", async () => {
    await page.getByText("As a table: Spend").click();
    const table = page.getByRole("region", { name: "Spend, as a table" });
    await expect(table.getByRole("row")).toHaveCount(25);
    await expect(table).toContainText("$0.0");
  });

  await test.step("the address holds the time and what is told apart", async () => {
    await page.getByRole("button", { name: "30 days" }).click();
    await page.getByRole("button", { name: "By tier" }).click();
    await expect(page).toHaveURL(/range=30d/);
    await expect(page.getByRole("button", { name: "30 days" })).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByRole("main")).toContainText("Not said");
    await page.goBack();
    await expect(page.getByRole("button", { name: "By model" })).toHaveAttribute("aria-pressed", "true");
  });
});

test("who comes back to the overview sees what it showed, while new numbers are on their way", async ({ owner: page, desk }) => {
  // Not into another hour, whose numbers nobody has seen.
  await page.clock.setFixedTime(new Date());
  await page.goto(`${desk.relay.url}/console`);
  const shown = await requestsOnOverview(page);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { name: "Members", level: 1 })).toBeVisible();
  let asked = 0;
  // Asked, and never answered.
  await page.route(/\/v1\/usage/, () => void (asked += 1));
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Overview" }).click();
  await expect(page.getByRole("group", { name: /^Requests over time/ }).locator("svg path.series").first()).toBeVisible();
  expect(await requestsOnOverview(page)).toBe(shown);
  await expect.poll(() => asked).toBe(3);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("usage is told apart five ways, and leads to the calls", async ({ owner: page, desk }) => {
  await page.goto(`${desk.relay.url}/console/usage`);
  const table = page.getByRole("table", { name: /^Usage by value/ });
  await expect(table.getByRole("row", { name: /^All calls/ })).toBeVisible();
  // Refused before its model was known, and counted all the same.
  await expect(table.getByRole("row", { name: /^Others, or no model 1 1 \(100/ })).toBeVisible();
  await expectAccessible(page, "desk-usage");
  for (const [by, value] of [
    ["Relay key", "Production backend"],
    ["User", "ada@example.com"],
    ["Provider", "Anthropic"],
    ["Tier", "Paid"],
  ] as const) {
    await page.getByRole("button", { name: by, exact: true }).click();
    await expect(table.getByRole("row", { name: value })).toBeVisible();
  }
  await page.getByRole("button", { name: "Spend" }).click();
  await expect(page).toHaveURL(/show=spend/);

  await test.step("the same time as a file", async () => {
    const href = await page.getByRole("link", { name: /as CSV$/ }).getAttribute("href");
    const csv = await page.request.get(`${desk.relay.url}${href}`);
    expect(csv.headers()["content-type"]).toContain("text/csv");
    expect((await csv.text()).split("\r\n").length).toBeGreaterThan(15);
  });

  await test.step("a value leads to its calls", async () => {
    await page.getByRole("button", { name: "User", exact: true }).click();
    await table.getByRole("link", { name: "grace" }).click();
    await expect(page.getByLabel("User", { exact: true })).toHaveValue("grace");
    await expect(page.getByRole("row").filter({ hasText: "ada@example.com" })).toHaveCount(0);
    await expect(page.getByRole("row").filter({ hasText: "grace" }).first()).toBeVisible();
  });
});

test("requests are filtered by the address, and followed live", async ({ owner: page, desk }) => {
  await page.goto(`${desk.relay.url}/console/requests`);
  const table = page.getByRole("table", { name: /^Requests/ });
  await expect(table.getByRole("row").nth(5)).toBeVisible();
  await expectAccessible(page, "desk-requests");

  // Three of the seed; other specs of this desk may have added theirs.
  const expectOnlyFailures = async () => {
    await expect(table.getByRole("row").filter({ has: page.getByText("200", { exact: true }) })).toHaveCount(0);
    expect(await table.getByRole("row").count()).toBeGreaterThanOrEqual(4);
  };
  await test.step("by outcome", async () => {
    await page.getByLabel("Status").selectOption("Failed");
    await expect(page).toHaveURL(/status=error/);
    await expectOnlyFailures();
    await expect(table).toContainText("user_not_connected");
    await page.reload();
    await expect(page.getByLabel("Status")).toHaveValue("error");
    await expectOnlyFailures();
  });

  await test.step("by what matches nothing, which says how to go on", async () => {
    await page.getByLabel("Model").fill("nothing-like-it");
    await expect(page.getByRole("heading", { name: "No request matches" })).toBeVisible();
    await expectAccessible(page, "desk-requests-none");
    await page.getByRole("main").getByRole("button", { name: "Clear filters" }).last().click();
    await expect(table.getByRole("row").nth(5)).toBeVisible();
  });

  await test.step("live, until it is paused", async () => {
    await page.getByRole("button", { name: "Live" }).click();
    const id = await desk.admin.chat(MODELS.google, { user: "grace", paid: true });
    await expect(page.getByRole("link", { name: `details of request ${id}` })).toBeVisible();
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  });
});

test("one request shows how it went, and what was said", async ({ owner: page, desk }) => {
  await page.goto(`${desk.relay.url}/console/requests/${desk.twice}`);
  const fall = page.getByRole("table", { name: /^How the request went/ });
  await expect(fall.getByRole("row", { name: /OpenAI.*Asked to wait/ })).toBeVisible();
  await expect(fall.getByRole("row", { name: /Anthropic.*Answered/ })).toBeVisible();
  await expect(page.getByLabel("Prompt", { exact: true })).toContainText("What is a relay?");
  await expect(page.getByLabel("Use and cost")).toContainText("$0.0");
  await expectAccessible(page, "desk-request");
});

test("a screen whose code cannot be had says so, and comes with another try", async ({ owner: page, desk }) => {
  // All but what the page names itself: the code of the screens comes in parts of its own.
  const html = await (await fetch(`${desk.relay.url}/console`)).text();
  const named = html.match(/id="relay-wasm"[^>]*href="([^"]+)"/)![1];
  await page.route(
    (url) => url.pathname.endsWith(".wasm") && url.pathname !== named,
    (route) => route.abort(),
  );
  await page.goto(`${desk.relay.url}/console/usage`);
  await expect(page.getByRole("alert")).toContainText("This page could not be loaded.");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Usage", level: 1 })).toBeVisible();
});
