/** A sign-in provider on the account's page and at the door: linked with a password, signed in with, and its refusals in words. */

import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe";
import { OWNER, createOwner, signIn } from "../support/console";
import { atProvider, withProvider } from "../support/identity-provider";
import { expect } from "../support/test";

const KNOWN = { work: { email: "ada@work.example", verified: true, name: "Ada at work" } };

// No address that the provider tells is believed: members link it themselves.
const test = withProvider(KNOWN, { RELAY_OIDC_EXAMPLE_TRUST_EMAIL: "no" });
test.describe.configure({ mode: "serial" });

const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

test("a provider is linked with the password, and signs in from then on", async ({ page, browser, stack }) => {
  const consoleUrl = `${stack.relay.url}/console`;
  await createOwner(page, await stack.relay.setupLink());
  await page.goto(`${consoleUrl}/account`);
  const section = page.getByRole("region", { name: "Sign-in providers" });
  await section.getByRole("button", { name: "Link Example", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Your password", { exact: true })).toBeFocused();
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByText("Enter your password.")).toBeVisible();
  await dialog.getByLabel("Your password", { exact: true }).fill("not the password at all");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByRole("alert")).toContainText("wrong");
  await expectAccessible(page, "people-link-provider");
  await dialog.getByLabel("Your password", { exact: true }).fill(OWNER.password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await atProvider(page, "work");
  await expect(page).toHaveURL(`${consoleUrl}/account`);
  await expect(heading(page, "Account")).toBeVisible();
  await expectAccessible(page, "people-account-providers");

  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${consoleUrl}/sign-in`);
  await elsewhere.getByRole("link", { name: "Continue with Example" }).click();
  await atProvider(elsewhere, "work");
  await expect(elsewhere.getByRole("navigation", { name: "Main" })).toBeVisible();
  const me = await (await elsewhere.request.get(`${stack.relay.url}/api/me`)).json();
  expect(me.account.email).toBe(OWNER.email);

  await test.step("and no more, once it is taken off", async () => {
    await expect(section.getByRole("table", { name: "Linked providers" })).toContainText("Example");
    await expect(section.getByRole("button", { name: "Link Example", exact: true })).toHaveCount(0);
    await section.getByRole("button", { name: "Unlink Example" }).click();
    await expectAccessible(page, "people-unlink-provider");
    await dialog.getByRole("button", { name: "Unlink" }).click();
    await expect(section.getByRole("button", { name: "Link Example", exact: true })).toBeVisible();
    await elsewhere.context().clearCookies();
    await elsewhere.goto(`${consoleUrl}/sign-in`);
    await elsewhere.getByRole("link", { name: "Continue with Example" }).click();
    await atProvider(elsewhere, "work");
    await expect(elsewhere).toHaveURL(/problem=account_not_linked/);
  });
  await elsewhere.context().close();
});

test("the way through a provider leads to where one was going", async ({ page, stack }) => {
  const consoleUrl = `${stack.relay.url}/console`;
  const link = page.getByRole("link", { name: "Continue with Example" });
  await page.goto(consoleUrl);
  await expect(link).toHaveAttribute("href", "/api/oidc/example");
  await page.goto(`${consoleUrl}/usage?by=user&show=spend`);
  await expect(heading(page, "Sign in")).toBeVisible();
  await expect(link).toHaveAttribute("href", `/api/oidc/example?next=${encodeURIComponent("/console/usage?by=user&show=spend")}`);
  // Whatever a link that somebody sent says, it is a screen of the console or nothing.
  await page.goto(`${consoleUrl}/sign-in?next=${encodeURIComponent("https://evil.example/console")}`);
  await expect(link).toHaveAttribute("href", "/api/oidc/example");
  await expectAccessible(page, "people-sign-in-providers");
});

test("what a provider refuses is said in words, at the door and on the account's page", async ({ page, stack }) => {
  const consoleUrl = `${stack.relay.url}/console`;
  const said = new Map<string, string>();
  for (const code of ["no_account", "account_not_linked", "linked_to_another", "provider_refused", "provider_failed", "sign_in_expired", "too_many_attempts", "unknown_provider"]) {
    await page.goto(`${consoleUrl}/sign-in?problem=${code}`);
    const words = await page.getByRole("alert").filter({ hasText: /./ }).innerText();
    expect(words, code).not.toContain(code);
    said.set(words, code);
  }
  expect(said.size, "each has words of its own").toBe(8);
  await signIn(page, consoleUrl);
  await page.goto(`${consoleUrl}/account?problem=linked_to_another`);
  await expect(page.getByRole("alert").filter({ hasText: "belongs to another account" })).toBeVisible();
  await expectAccessible(page, "people-account-problem");
});
