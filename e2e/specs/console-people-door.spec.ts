/** Getting in: signing up, signing in, second factors, forgotten passwords, invitations, several tenants. */

import type { Browser, Page } from "@playwright/test";

import { WIDE, expectAccessible } from "../support/axe";
import { OWNER, createOwner, goTo } from "../support/console";
import { MailServer } from "../support/mail";
import { type Stack, test as base, expect, withStack } from "../support/test";
import { totp } from "../support/totp";

interface Mailed {
  stack: Stack;
  mail: MailServer;
}

// A server of its own, which sends mail and lets anybody sign up: an owner is made only once.
const test = base.extend<object, { mailed: Mailed }>({
  mailed: [
    async ({}, use) => {
      const mail = await MailServer.start();
      await withStack((stack) => use({ stack, mail }), { env: { ...mail.env, RELAY_SIGN_UP: "open" } });
      await mail.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  stack: [async ({ mailed }, use) => use(mailed.stack), { scope: "worker" }],
});

test.describe.configure({ mode: "serial" });

const PASSWORD = "a few unrelated words";

async function enter(page: Page, consoleUrl: string, email: string, password: string): Promise<void> {
  await page.goto(`${consoleUrl}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The console's own heading, wherever one is. */
const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

/** Another person's browser. */
async function another(browser: Browser): Promise<Page> {
  return await (await browser.newContext()).newPage();
}

test("the owner sets up, and the door says what is wrong", async ({ page, stack }) => {
  const consoleUrl = `${stack.relay.url}/console`;
  await page.goto(`${consoleUrl}/users`);
  await expect(heading(page, "Set up Relay")).toBeVisible();
  await expectAccessible(page, "people-setup-how");

  await page.goto(await stack.relay.setupLink());
  await expect(page.getByLabel("Your name")).toBeFocused();
  expect(page.url()).not.toContain("#");
  await page.getByRole("button", { name: "Create owner account" }).click();
  await expect(page.getByText("Enter your name.")).toBeVisible();
  await expect(page.getByLabel("Your name")).toBeFocused();
  await expectAccessible(page, "people-setup-errors");
  await page.reload();
  await createOwner(page, await stack.relay.setupLink());
  await expect(heading(page, "Get started")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();

  await enter(page, consoleUrl, OWNER.email, "not the password at all");
  await expect(page.getByRole("alert")).toContainText("wrong");
  await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  await expectAccessible(page, "people-sign-in-wrong");

  // Where one wanted to go is where one comes.
  await page.goto(`${consoleUrl}/audit?actorKind=member`);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  await expect(heading(page, "Audit")).toBeVisible();
  expect(page.url()).toContain("/audit?actorKind=member");
});

test("someone signs up by mail, into a tenant of their own", async ({ page, mailed }) => {
  const { stack, mail } = mailed;
  await page.goto(`${stack.relay.url}/console`);
  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByLabel("Your name")).toBeFocused();
  await page.getByLabel("Your name").fill("Grace Hopper");
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("Tenant name").fill("Compilers");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByText("5 of at least 12 characters.")).toBeVisible();
  await expectAccessible(page, "people-sign-up");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(heading(page, "Look at your mail")).toBeVisible();
  await expectAccessible(page, "people-sign-up-sent");

  await page.goto(await mail.link("grace@example.com", "confirm"));
  await expect(heading(page, "Confirm your e-mail")).toBeVisible();
  expect(page.url()).not.toContain("#");
  await expectAccessible(page, "people-confirm");
  await page.getByLabel("Password", { exact: true }).fill("not what I chose");
  await page.getByRole("button", { name: "Confirm and continue" }).click();
  await expect(page.getByText("This is not the password that was chosen when signing up.")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm and continue" }).click();
  await expect(heading(page, "Get started")).toBeVisible();
  await expect(page.locator(".sidebar")).toContainText("Compilers");
});

test("a forgotten password is chosen anew by a mailed link", async ({ page, mailed }) => {
  const { stack, mail } = mailed;
  const consoleUrl = `${stack.relay.url}/console`;
  await page.goto(consoleUrl);
  await page.getByRole("link", { name: "Forgot it?" }).click();
  await page.getByLabel("E-mail").fill("grace@example.com");
  await expectAccessible(page, "people-reset-ask");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(heading(page, "Look at your mail")).toBeVisible();
  await page.goto(await mail.link("grace@example.com", "reset"));
  await page.getByLabel("New password", { exact: true }).fill("some quite other words");
  await expectAccessible(page, "people-reset-new");
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(heading(page, "Overview")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await enter(page, consoleUrl, "grace@example.com", PASSWORD);
  await expect(page.getByRole("alert")).toContainText("wrong");
  await enter(page, consoleUrl, "grace@example.com", "some quite other words");
  await expect(heading(page, "Overview")).toBeVisible();
});

test("an invitation by mail makes an account; one for a known address is accepted after signing in", async ({
  page,
  browser,
  mailed,
}) => {
  const { stack, mail } = mailed;
  const consoleUrl = `${stack.relay.url}/console`;
  await enter(page, consoleUrl, OWNER.email, OWNER.password);
  await goTo(page, "Members");
  const invite = async (email: string, role: string) => {
    await page.getByRole("button", { name: "Invite a member" }).click();
    await page.getByRole("dialog").getByLabel("E-mail").fill(email);
    await page.getByRole("dialog").getByRole("radio", { name: role }).check();
    await page.getByRole("dialog").getByRole("button", { name: "Invite" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(page.getByRole("table", { name: "Invitations" })).toContainText(email);
  };
  mail.clear();
  await invite("lin@example.com", "Viewer");
  await invite("grace@example.com", "Developer");

  const lin = await another(browser);
  await lin.goto(await mail.link("lin@example.com", "invitation"));
  await expect(heading(lin, `Join ${OWNER.tenant}`)).toBeVisible();
  await expectAccessible(lin, "people-invitation-new");
  await lin.getByLabel("Your name").fill("Lin Clark");
  await lin.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await lin.getByRole("button", { name: "Create account and join" }).click();
  await expect(heading(lin, "Overview")).toBeVisible();
  await lin.context().close();

  const grace = await another(browser);
  await grace.goto(await mail.link("grace@example.com", "invitation"));
  await expect(heading(grace, `Join ${OWNER.tenant}`)).toBeVisible();
  await expectAccessible(grace, "people-invitation-known");
  await grace.getByLabel("Password", { exact: true }).fill("some quite other words");
  await grace.getByRole("button", { name: "Sign in" }).click();
  await expect(heading(grace, "Overview")).toBeVisible();
  await expect(grace.locator(".sidebar")).toContainText(OWNER.tenant);

  await test.step("the tenant's name is the way to the other one", async () => {
    await grace.getByRole("button", { name: /Switch tenant$/ }).click();
    await expect(grace.getByRole("menuitemradio", { name: /Compilers/ })).toBeFocused();
    await expectAccessible(grace, "people-tenants", [WIDE]);
    await grace.keyboard.press("Escape");
    await expect(grace.getByRole("button", { name: /Switch tenant$/ })).toBeFocused();
    await grace.keyboard.press("Enter");
    await grace.getByRole("menuitemradio", { name: /Compilers/ }).click();
    await expect(grace.locator(".sidebar .tenant-name")).toHaveText("Compilers");
    await expect(grace.getByRole("alert").filter({ hasText: /./ })).toHaveCount(0);
  });

  await test.step("and to a new one", async () => {
    await grace.getByRole("button", { name: /Switch tenant$/ }).click();
    await grace.getByRole("menuitem", { name: "Create a tenant…" }).click();
    await grace.getByRole("dialog").getByLabel("Tenant name").fill("Navy");
    await grace.getByRole("dialog").getByRole("button", { name: "Create tenant" }).click();
    await expect(grace.locator(".sidebar .tenant-name")).toHaveText("Navy");
    await expect(heading(grace, "Get started")).toBeVisible();
  });
  await grace.context().close();

  const stale = await another(browser);
  await stale.goto(await mail.link("lin@example.com", "invitation"));
  await expect(heading(stale, "This invitation cannot be opened")).toBeVisible();
  await expectAccessible(stale, "people-invitation-used");
  await stale.context().close();
});

test("a second factor is set up, asked for, and taken away", async ({ page, mailed }) => {
  // Five screens are looked at in both themes.
  test.slow();
  const consoleUrl = `${mailed.stack.relay.url}/console`;
  await enter(page, consoleUrl, "lin@example.com", PASSWORD);
  // Not the sign-in page's own, to an account that is none yet.
  await page.locator(".sidebar").getByRole("link", { name: /account$/ }).click();
  await expect(page.getByRole("heading", { name: "Account", level: 1, exact: true })).toBeVisible();
  await expectAccessible(page, "people-account");

  await page.getByRole("button", { name: "Set up" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Your password", { exact: true })).toBeFocused();
  await dialog.getByLabel("Your password", { exact: true }).fill("not this one at all");
  await dialog.getByRole("button", { name: "Continue" }).click();
  // A wrong password here is no end of the session.
  await expect(dialog.getByRole("alert")).toContainText("wrong");
  await dialog.getByLabel("Your password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog.getByRole("img", { name: /QR code/ })).toBeVisible();
  await dialog.getByText("It cannot be scanned").click();
  await expectAccessible(page, "people-second-factor");
  const secret = await dialog.locator("details code").innerText();
  await dialog.getByLabel("Code", { exact: true }).fill(totp(secret, -1));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const codes = dialog.getByRole("group", { name: "Recovery codes" });
  await expect(codes).toBeVisible();
  // Shown once: Escape does not take them away by mistake.
  await page.keyboard.press("Escape");
  await expect(codes).toBeVisible();
  await expectAccessible(page, "people-recovery-codes");
  const recovery = (await codes.innerText()).split("\n")[0]!;
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Signing in by password takes a code.")).toBeVisible();

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await enter(page, consoleUrl, "lin@example.com", PASSWORD);
  await expect(page.getByLabel("Code", { exact: true })).toBeFocused();
  await expectAccessible(page, "people-sign-in-code");
  await page.getByLabel("Code", { exact: true }).fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("code");
  await page.getByLabel("Code", { exact: true }).fill(totp(secret));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();

  await page.goto(`${consoleUrl}/account`);
  await page.getByRole("button", { name: "Turn off" }).click();
  await dialog.getByLabel("Your password", { exact: true }).fill(PASSWORD);
  await dialog.getByLabel("Code", { exact: true }).fill(recovery);
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByText("Whoever knows your password can sign in as you.")).toBeVisible();
});

test("the account: name, password, and sessions that can be ended from afar", async ({ page, browser, mailed }) => {
  const consoleUrl = `${mailed.stack.relay.url}/console`;
  await enter(page, consoleUrl, "lin@example.com", PASSWORD);
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  const elsewhere = await another(browser);
  await enter(elsewhere, consoleUrl, "lin@example.com", PASSWORD);
  await expect(elsewhere.getByRole("navigation", { name: "Main" })).toBeVisible();

  await page.goto(`${consoleUrl}/account`);
  await page.getByLabel("Your name").fill("Lin C.");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.locator(".sidebar .member-name")).toHaveText("Lin C.");

  const sessions = page.getByRole("table", { name: "Sessions" });
  const other = sessions.getByRole("row").filter({ has: page.getByRole("button", { name: /^End the session/ }) });
  await other.first().getByRole("button").click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect(page.getByText("Session ended.")).toBeVisible();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click({ timeout: 1_000 }).catch(() => undefined);
  if (await page.getByRole("dialog").isVisible()) {
    await page.getByRole("dialog").getByRole("button", { name: "Sign out elsewhere" }).click();
    await expect(sessions.getByRole("row")).toHaveCount(2);
  }
  await elsewhere.goto(`${consoleUrl}/requests`);
  await expect(heading(elsewhere, "Sign in")).toBeVisible();
  await elsewhere.context().close();

  await page.getByLabel("Current password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("New password", { exact: true }).fill("yet other unrelated words");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed.")).toBeVisible();
  await expect(page.getByLabel("Current password", { exact: true })).toHaveValue("");
});
