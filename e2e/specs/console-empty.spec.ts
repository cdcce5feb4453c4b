/** A tenant on its first day: what stands where there is nothing yet, and where something cannot be had. */

import { expectAccessible } from "../support/axe";
import { OWNER, createOwner, goTo, signIn } from "../support/console";
import { type Stack, test as base, expect, withStack } from "../support/test";

// A server of its own, on which nobody has done anything.
const test = base.extend<object, { stack: Stack }>({
  stack: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],
});

test.describe.configure({ mode: "serial" });

test("every screen of a new tenant says what will be there, and how it comes to be", async ({ page, stack }) => {
  test.setTimeout(180_000);
  await createOwner(page, await stack.relay.setupLink());
  const main = page.getByRole("main");
  // What is missing, and what leads on from there.
  const screens: Array<[screen: string, missing: string, next: string | undefined]> = [
    ["Overview", "No calls in this time", "See how to make the first call"],
    ["Requests", "No requests yet", "See how to make one"],
    ["Usage", "Nothing was used in this time", "See how to make one"],
    ["Users", "No users yet", undefined],
    ["Relay keys", "No relay keys yet", "Create your first key"],
    ["Policies", "No policies yet", "Create policy"],
    ["Providers", "No provider key of your own yet", "Add your first key"],
    ["Webhooks", "No webhooks yet", "Add a webhook"],
  ];
  for (const [screen, missing, next] of screens) {
    await goTo(page, screen);
    await expect(main.getByRole("heading", { name: missing })).toBeVisible();
    if (next !== undefined) {
      await expect(main.getByRole("link", { name: next }).or(main.getByRole("button", { name: next })).first()).toBeVisible();
    }
    await expectAccessible(page, `empty-${screen.toLowerCase().replace(" ", "-")}`);
  }

  await test.step("what is never empty is not", async () => {
    await goTo(page, "Models");
    await expect(page.getByRole("table", { name: "Models" }).getByRole("row").nth(5)).toBeVisible();
    await goTo(page, "Members");
    await expect(page.getByRole("table", { name: "Members" })).toContainText(OWNER.email);
    await goTo(page, "Audit");
    await expect(page.getByRole("table", { name: "Changes, newest first" })).toContainText("created the tenant");
  });

  await test.step("the empty list leads to its first row", async () => {
    await goTo(page, "Relay keys");
    await main.getByRole("button", { name: "Create your first key" }).click();
    await expect(page.getByRole("dialog").getByLabel("Name")).toBeFocused();
    await page.keyboard.press("Escape");
    await goTo(page, "Overview");
    await main.getByRole("link", { name: "See how to make the first call" }).click();
    await expect(page.getByRole("heading", { name: "Get started", level: 1 })).toBeVisible();
  });
});

test("what cannot be had says so, and is had on another try", async ({ page, stack }) => {
  await signIn(page, `${stack.relay.url}/console`);
  const main = page.getByRole("main");
  const failing = /\/v1\/(relay-keys|users)(\?|$)/;
  await page.route(failing, (route) =>
    route.fulfill({
      status: 500,
      contentType: "application/json",
      body: JSON.stringify({ error: { code: "internal", message: "Something went wrong inside Relay.", requestId: "req-1" } }),
    }),
  );
  await goTo(page, "Users");
  await expect(main.getByRole("alert").getByRole("heading", { name: "This could not be loaded" })).toBeVisible();
  await expect(main).toContainText("Request req-1");
  await expectAccessible(page, "failed-users");
  await page.unroute(failing);
  await page.route(failing, (route) => route.abort());
  await main.getByRole("button", { name: "Try again" }).click();
  await expect(main).toContainText("Relay could not be reached.");
  await page.unroute(failing);
  await main.getByRole("button", { name: "Try again" }).click();
  await expect(main.getByRole("heading", { name: "No users yet" })).toBeVisible();
});
