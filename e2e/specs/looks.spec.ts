/** Pictures to look at: every screen, light and dark, on a phone and on a desk. They land in `screenshots/`. */

import { type Page } from "@playwright/test";

import { OWNER, createOwner, goTo } from "../support/console";
import { DemoApp } from "../support/demo-app";
import { SCREENSHOTS } from "../support/environment";
import { type Stack, test as base, expect, newKey, withStack } from "../support/test";
import { NAMES, Widget, openShadows, openWidget } from "../support/widget";

// A server of its own: an owner is made only once.
const test = base.extend<object, { stack: Stack }>({
  stack: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],
});

const THEMES = ["light", "dark"] as const;
const SIZES = [
  { width: 375, height: 800 },
  { width: 1280, height: 800 },
];

/** Four pictures of one screen. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${name} is no wider than ${size.width}`).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${theme}-${size.width}.png`, fullPage: true });
    }
  }
}

test("the console", async ({ page, stack }) => {
  test.setTimeout(180_000);
  const { relay, keys } = stack;
  const link = await relay.setupLink();
  await page.goto(link);
  await expect(page.getByLabel("Your name")).toBeVisible();
  await shoot(page, "console-setup");
  await createOwner(page, link);
  await goTo(page, "Get started");
  await shoot(page, "console-get-started-empty");

  await page.setViewportSize(SIZES[1]!);
  await goTo(page, "Relay keys");
  await shoot(page, "console-relay-keys-empty");
  const key = await relay.key(OWNER.tenant, "inference,tokens,manage");
  const backend = relay.client(key);
  const models = { openai: "gpt-4o-mini", anthropic: "claude-sonnet-4-5", google: "gemini-2.5-flash" } as const;
  for (const [provider, model] of Object.entries(models)) {
    const user = "customer-1042@example.com";
    await backend.users.credentials(user).put(provider, { apiKey: keys[provider as keyof typeof keys] });
    const ai = backend.openai({ user });
    const question = { model, messages: [{ role: "user" as const, content: "hello there" }] };
    await ai.chat.completions.create(question);
    for await (const _ of await ai.chat.completions.create({ ...question, stream: true }));
  }
  await backend.openai({ user: "customer-7", maxRetries: 0 }).chat.completions
    .create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] })
    .catch(() => undefined);

  await page.setViewportSize(SIZES[1]!);
  await page.reload();
  await expect(page.getByRole("table", { name: /^Relay keys/ })).toBeVisible();
  await shoot(page, "console-relay-keys");
  await page.setViewportSize(SIZES[1]!);
  await page.getByRole("main").getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("dialog").getByLabel("Name")).toBeVisible();
  await shoot(page, "console-create-key");
  await page.keyboard.press("Escape");
  for (const screen of ["Requests", "Users", "Providers", "Get started"]) {
    await page.setViewportSize(SIZES[1]!);
    await goTo(page, screen);
    if (screen === "Requests") {
      await expect(async () => {
        await page.getByRole("button", { name: "Refresh" }).click();
        await expect(page.getByRole("row")).toHaveCount(8, { timeout: 1_000 });
      }).toPass();
    }
    await shoot(page, `console-${screen.toLowerCase().replace(" ", "-")}`);
  }
});

test("the widget", async ({ page, context, stack }) => {
  test.setTimeout(180_000);
  await openShadows(context);
  const { relay } = stack;
  const key = await relay.tenantKey("Acme");
  const backend = relay.client(key);
  const options = async (user: string) => ({
    ...(await backend.createRegistrationToken({ user })),
    theme: "auto",
  });
  let widget = await openWidget(page, stack, await options("looks-1"));
  const background = () =>
    page.addStyleTag({ content: "@media (prefers-color-scheme: dark) { body { background: #0e1116 !important; } }" });
  await background();
  await shoot(page, "widget-form");
  await widget.choose(NAMES.anthropic);
  await widget.submit(newKey("sk-ant-api03-"));
  await expect(widget.problem).toHaveText(/refused/);
  await shoot(page, "widget-refused");
  await widget.submit(stack.keys.anthropic);
  await expect(widget.title).toHaveText("Anthropic connected");
  await shoot(page, "widget-connected");
  widget = await openWidget(page, stack, { ...(await options("looks-1")), locale: "ko" });
  await background();
  await shoot(page, "widget-form-ko-connected");
  await openWidget(page, stack, { registrationToken: "x", theme: "auto" });
  await background();
  await shoot(page, "widget-blocked");
});

test("the demo app", async ({ page, context, stack }) => {
  await openShadows(context);
  const key = await stack.relay.tenantKey("Demo");
  const app = await DemoApp.start(stack.relay.url, key);
  await page.goto(app.url);
  const widget = new Widget(page);
  await expect(widget.title).toBeVisible();
  await shoot(page, "demo-app-new");
  await widget.choose(NAMES.openai);
  await widget.submit(stack.keys.openai);
  await expect(widget.title).toHaveText("OpenAI connected");
  await page.getByLabel("Message").fill("Hello! What can you do with my own key?");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByLabel("Conversation").getByRole("listitem").last()).toHaveText(/^You said: Hello!/);
  await shoot(page, "demo-app-chat");
  await app.stop();
});
