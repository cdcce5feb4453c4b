/** A tenant and its team: getting started, members, settings, webhooks, audit, and the end of it. */

import { type IncomingMessage, type Server, createServer } from "node:http";
import { once } from "node:events";

import type { Page } from "@playwright/test";
import { verifyWebhook } from "@relayservice/sdk";

import { expectAccessible } from "../support/axe";
import { OWNER, createKey, createOwner, goTo, signIn } from "../support/console";
import { type Stack, test as base, expect, withStack } from "../support/test";
import { openShadows } from "../support/widget";

// A server of its own: an owner is made only once.
const test = base.extend<object, { stack: Stack }>({
  stack: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],
});

test.describe.configure({ mode: "serial" });

const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

/** The tenant's backend, as far as it hears of events. */
class Receiver {
  readonly calls: Array<{ headers: Record<string, string>; body: string }> = [];
  status = 204;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request: IncomingMessage, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        receiver.calls.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(receiver.status).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/events`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

test("getting started knows what is done already, and gives code for every tool", async ({ page, stack }) => {
  await createOwner(page, await stack.relay.setupLink());
  await expect(heading(page, "Get started")).toBeVisible();
  await expect(page.getByText("0 of 3 done")).toBeVisible();
  await expectAccessible(page, "people-get-started");
  const key = await createKey(page, "Backend");
  await goTo(page, "Get started");
  await expect(page.getByText("1 of 3 done")).toBeVisible();

  const code = page.getByRole("region", { name: / to call a model$/ });
  for (const [tool, says] of [
    ["curl", "X-Relay-User: user-123"],
    ["Python", "from openai import OpenAI"],
    ["Cursor", "Override OpenAI Base URL"],
    ["Claude Code", 'ANTHROPIC_AUTH_TOKEN="${RELAY_KEY}:user=user-123"'],
    ["LangChain", "ChatOpenAI"],
    ["Node.js", "relay.openai"],
  ] as const) {
    await page.getByRole("tablist", { name: "Ways to call a model" }).getByRole("tab", { name: tool }).click();
    await expect(code.filter({ visible: true })).toContainText(says);
    await expect(code.filter({ visible: true })).toContainText(tool === "Cursor" ? stack.relay.url : /./);
  }
  await page.getByRole("button", { name: "Your own key" }).click();
  await page.getByRole("tab", { name: "Claude Code" }).click();
  await expect(code.filter({ visible: true })).not.toContainText("user=");
  await expectAccessible(page, "people-get-started-tools");

  // A step is done when it is done, without a reload.
  const backend = stack.relay.client(await stack.relay.key(OWNER.tenant, "inference,tokens,manage"));
  await backend.users.credentials("ada").put("openai", { apiKey: stack.keys.openai });
  await expect(page.getByText("2 of 3 done")).toBeVisible();
  await stack.relay
    .client(key)
    .openai({ user: "ada" })
    .chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] });
  await expect(page.getByText("3 of 3 done")).toBeVisible();
});

test("members are invited by a link where there is no mail, change roles, and go", async ({ page, browser, stack }) => {
  test.setTimeout(120_000);
  const consoleUrl = `${stack.relay.url}/console`;
  await signIn(page, consoleUrl);
  await goTo(page, "Members");
  await expect(page.getByRole("table", { name: "Members" })).toContainText(OWNER.email);
  await page.getByRole("button", { name: "Invite a member" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("E-mail")).toBeFocused();
  await dialog.getByLabel("E-mail").fill("nobody");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(dialog.getByText("This does not look like an e-mail address.")).toBeVisible();
  await expectAccessible(page, "people-invite");
  await dialog.getByLabel("E-mail").fill("lin@example.com");
  await dialog.getByRole("radio", { name: "Viewer" }).check();
  await dialog.getByRole("button", { name: "Invite" }).click();
  const link = dialog.getByRole("group", { name: "Invitation link" });
  await expect(link).toContainText("/console/invitation#");
  await expectAccessible(page, "people-invite-link");
  const address = await link.innerText();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(address)).toHaveCount(0);
  await expectAccessible(page, "people-members-invited");

  const lin = await (await browser.newContext()).newPage();
  await lin.goto(address);
  await lin.getByLabel("Your name").fill("Lin Clark");
  await lin.getByLabel("Password", { exact: true }).fill("a few unrelated words");
  await lin.getByRole("button", { name: "Create account and join" }).click();
  await expect(heading(lin, "Overview")).toBeVisible();

  await test.step("a viewer sees, and is offered nothing to change", async () => {
    for (const [screen, words] of [
      ["Members", "Owners and admins invite people and change roles."],
      ["Settings", "Owners and admins change settings."],
      ["Webhooks", "Owners and admins add and change webhooks."],
    ] as const) {
      await goTo(lin, screen);
      await expect(lin.getByText(words)).toBeVisible();
      await expect(lin.getByRole("main").getByRole("button", { name: /Invite|Remove|Save|Add|Delete/ })).toHaveCount(0);
      await expectAccessible(lin, `people-viewer-${screen.toLowerCase()}`);
    }
  });

  await page.reload();
  const role = page.getByLabel("Role of Lin Clark");
  await role.selectOption("admin");
  await expect(page.getByText("Lin Clark is an admin now.")).toBeVisible();
  await lin.reload();
  await goTo(lin, "Settings");
  await expect(lin.getByRole("button", { name: "Save" }).first()).toBeVisible();

  await page.getByRole("button", { name: "Make a reset link for Lin Clark" }).click();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await expect(dialog.getByRole("group", { name: "Reset link" })).toContainText("/console/reset#");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Remove Lin Clark" }).click();
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expectAccessible(page, "people-remove-member");
  await dialog.getByRole("button", { name: "Remove member" }).click();
  await expect(page.getByRole("table", { name: "Members" })).not.toContainText("lin@example.com");
  await lin.reload();
  await expect(heading(lin, "Sign in")).toBeVisible();
  await lin.getByRole("link", { name: "Forgot it?" }).click();
  await expect(lin.getByText("This Relay sends no mail")).toBeVisible();
  await expectAccessible(lin, "people-reset-without-mail");
  await lin.goto(`${consoleUrl}/sign-up`);
  await expect(heading(lin, "Ask for an invitation")).toBeVisible();
  await lin.context().close();
});

test("settings are saved part by part, and say what is wrong", async ({ page, stack }) => {
  await signIn(page, `${stack.relay.url}/console`);
  await goTo(page, "Settings");
  const part = (name: string) => page.getByRole("region", { name });
  await part("Allowed origins").getByLabel("Origins, one a line").fill("https://app.example.com/path");
  await part("Allowed origins").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/an origin has no path/)).toBeVisible();
  await part("Allowed origins").getByLabel("Origins, one a line").fill("https://app.example.com");
  await part("Allowed origins").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Settings saved.").first()).toBeVisible();
  await part("Branding").getByLabel("Accent colour", { exact: true }).fill("#7c3aed");
  await part("Branding").getByRole("button", { name: "Save" }).click();
  await part("Retention").getByLabel("Days").fill("0");
  await part("Retention").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter a whole number of days, 1 to 3650.")).toBeVisible();
  await part("Retention").getByLabel("Days").fill("30");
  await part("Retention").getByRole("button", { name: "Save" }).click();
  await part("General").getByLabel("Tenant name").fill("Paper Boat Inc");
  await part("General").getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".sidebar .tenant-name")).toHaveText("Paper Boat Inc");
  await page.reload();
  await expect(part("Allowed origins").getByLabel("Origins, one a line")).toHaveValue("https://app.example.com");
  await expect(part("Branding").getByLabel("Accent colour", { exact: true })).toHaveValue("#7c3aed");
  await expect(part("Retention").getByLabel("Days")).toHaveValue("30");
  await part("General").getByLabel("Tenant name").fill(OWNER.tenant);
  await part("General").getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".sidebar .tenant-name")).toHaveText(OWNER.tenant);
});

test("the widget builder shows the real widget and the code that makes it so", async ({ page, context, stack }) => {
  await openShadows(context);
  await signIn(page, `${stack.relay.url}/console`);
  await goTo(page, "Settings");
  const builder = page.getByRole("region", { name: "Widget builder" });
  const widget = builder.locator(".builder-place");
  await expect(widget.getByRole("radio").first()).toBeAttached();
  const code = builder.getByRole("region", { name: "HTML to mount the widget" });
  await expect(code).toContainText(`${stack.relay.url}/widget/v1.js`);
  await expect(code).not.toContainText("theme");
  await builder.getByRole("button", { name: "Dark" }).click();
  await builder.getByLabel("Language").selectOption("de");
  await builder.getByLabel("Accent colour", { exact: true }).fill("#b91c1c");
  for (const line of ['theme: "dark"', 'locale: "de"', 'accentColor: "#b91c1c"']) {
    await expect(code).toContainText(line);
  }
  await expect(widget.locator("[lang=de]").first()).toBeAttached();
  await builder.getByRole("tab", { name: "React" }).click();
  await expect(builder.getByRole("region", { name: "React to mount the widget" })).toContainText("<RelayWidget");
  await expectAccessible(page, "people-settings");
});

test("a webhook is added, tested, verified, rotated, switched off and deleted", async ({ page, stack }) => {
  const receiver = await Receiver.start();
  await signIn(page, `${stack.relay.url}/console`);
  await goTo(page, "Webhooks");
  await expect(page.getByText("No webhooks yet")).toBeVisible();
  await expectAccessible(page, "people-webhooks-empty");
  await page.getByRole("button", { name: "Add a webhook" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("example.com");
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  await expect(dialog.getByText("Begin with https://.")).toBeVisible();
  await expectAccessible(page, "people-webhook-add");
  await dialog.getByLabel("Address").fill(receiver.url);
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  const shown = dialog.getByRole("group", { name: "Signing secret" });
  await expect(shown).toHaveText(/^whsec_/);
  const secret = await shown.innerText();
  await expectAccessible(page, "people-webhook-secret");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(secret)).toHaveCount(0);

  await page.getByRole("link", { name: receiver.url }).click();
  await expect(heading(page, "Webhook")).toBeVisible();
  await expect(page.getByText("Nothing sent yet")).toBeVisible();
  await page.getByRole("button", { name: "Send a test" }).click();
  const log = page.getByRole("list", { name: "Deliveries" });
  await expect(log.getByRole("button", { name: /Delivered.*webhook\.test/ })).toBeVisible();
  const call = receiver.calls[0]!;
  await expect(verifyWebhook(call.body, call.headers, secret)).resolves.toMatchObject({ type: "webhook.test" });

  receiver.status = 500;
  const backend = stack.relay.client(await stack.relay.key(OWNER.tenant, "inference,tokens,manage"));
  await backend.users.credentials("bea").put("openai", { apiKey: stack.keys.openai });
  const failed = log.getByRole("button", { name: /credential\.connected/ });
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh deliveries" }).click();
    await expect(failed).toContainText("1 try", { timeout: 1_000 });
  }).toPass();
  await failed.click();
  await expect(log.getByText(/Answered 500/)).toBeVisible();
  await expect(log.getByRole("region", { name: "body" })).toContainText('"type": "credential.connected"');
  await expect(log.getByRole("region", { name: "body" })).not.toContainText(stack.keys.openai);
  await expectAccessible(page, "people-webhook");

  await page.getByRole("button", { name: "Rotate secret" }).click();
  await dialog.getByRole("button", { name: "Rotate secret" }).click();
  await expect(shown).toHaveText(/^whsec_/);
  expect(await shown.innerText()).not.toBe(secret);
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Change" }).click();
  await dialog.getByLabel("Description").fill("Billing");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main")).toContainText("Billing");
  await page.getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByRole("button", { name: "Switch on" })).toBeVisible();
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh deliveries" }).click();
    await expect(log.getByRole("button", { name: /Failed.*credential\.connected/ })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  receiver.status = 204;
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByRole("button", { name: "Switch off" })).toBeVisible();
  await log.getByRole("button", { name: "Send again" }).click();
  await expect(log.getByRole("button", { name: /Delivered.*credential\.connected/ })).toBeVisible();

  await goTo(page, "Webhooks");
  await expect(page.getByRole("table", { name: "Webhooks" })).toContainText("Delivered");
  await expectAccessible(page, "people-webhooks");
  await page.getByRole("link", { name: receiver.url }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete webhook" }).click();
  await expect(page.getByText("No webhooks yet")).toBeVisible();
  await receiver.stop();
});

test("the audit reads as sentences; its filters are in the address, and Back undoes them", async ({ page, stack }) => {
  await signIn(page, `${stack.relay.url}/console`);
  await goTo(page, "Audit");
  const table = page.getByRole("table", { name: "Changes, newest first" });
  await expect(table).toContainText("created the relay key Backend");
  await expect(table).toContainText("connected the OpenAI key of bea");
  await expectAccessible(page, "people-audit");
  await page.getByLabel("Did what").selectOption("relay-key.create");
  await expect(page).toHaveURL(/\?action=relay-key\.create$/);
  await expect(table).not.toContainText("connected");
  await page.reload();
  await expect(page.getByLabel("Did what")).toHaveValue("relay-key.create");
  await expect(table).not.toContainText("connected");
  await page.getByLabel("Who").selectOption("end-user");
  await expect(page.getByText("Nothing like that")).toBeVisible();
  await expectAccessible(page, "people-audit-none");
  await page.goBack();
  await expect(table).toContainText("created the relay key Backend");
  await page.goBack();
  await expect(table).toContainText("connected the OpenAI key of bea");
  await expect(page).toHaveURL(/\/audit$/);
  await page.getByLabel("To what").fill("users/bea");
  await expect(page).toHaveURL(/subject=users%2Fbea/);
  await expect(table).not.toContainText("Backend");
  await page.getByRole("link", { name: "the OpenAI key of bea" }).click();
  await expect(page).toHaveURL(/\/users\/bea$/);
});

test("every screen is a keyboard's reach away, and folds on a phone", async ({ page, stack }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await page.goto(`${stack.relay.url}/console`);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.keyboard.press("Enter");
  const menu = page.getByRole("button", { name: "Menu" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await expectAccessible(page, "people-navigation");
  await page.setViewportSize({ width: 375, height: 800 });
  await page.getByRole("link", { name: "Members" }).focus();
  await page.keyboard.press("Enter");
  await expect(heading(page, "Members")).toBeFocused();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
  await expect(page).toHaveTitle("Members · Relay");
  await page.goto(`${stack.relay.url}/console/nowhere`);
  await expect(heading(page, "Page not found")).toBeVisible();
  await expectAccessible(page, "people-not-found");
});

test("a tenant is deleted by its owner, who types its name", async ({ page, stack }) => {
  await signIn(page, `${stack.relay.url}/console`);
  await goTo(page, "Settings");
  await page.getByRole("button", { name: "Delete tenant" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Delete tenant" }).click();
  await expect(dialog.getByText("This is not the same name.")).toBeVisible();
  await expectAccessible(page, "people-delete-tenant");
  await dialog.getByLabel("Name").fill(OWNER.tenant);
  await dialog.getByRole("button", { name: "Delete tenant" }).click();
  // It was the only one, so its owner went with it: this Relay is as new.
  await expect(heading(page, "Set up Relay")).toBeVisible();
});
