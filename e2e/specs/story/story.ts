/** The whole line, as people walk it: from the server's first log line to a refused call. */

import type { BrowserContext, Page } from "@playwright/test";
import { Relay, RelayAuthenticationError } from "@relayservice/sdk";

import { OWNER, createKey, createOwner, goTo, revokeKey, signIn } from "../../support/console";
import { type DatabaseKind, missing } from "../../support/database";
import { DemoApp } from "../../support/demo-app";
import type { Provider } from "../../support/sim";
import { type Stack, test as base, expect, withStack } from "../../support/test";
import { NAMES, Widget, openShadows } from "../../support/widget";

/** Where a streamed answer of each provider is held: after the event with its first word. */
const chats: Array<{ provider: Provider; model: string; chatPath: string; eventsToFirstWord: number }> = [
  { provider: "openai", model: "gpt-4o-mini", chatPath: "/chat/completions", eventsToFirstWord: 2 },
  { provider: "anthropic", model: "claude-sonnet-4-5", chatPath: "/messages", eventsToFirstWord: 4 },
  { provider: "google", model: "gemini-2.5-flash", chatPath: ":streamGenerateContent", eventsToFirstWord: 1 },
];

async function say(app: Page, text: string): Promise<void> {
  await app.getByLabel("Message").fill(text);
  await app.getByRole("button", { name: "Send" }).click();
}

/** Tells it, with the server's data in this kind of database. */
export function tellTheStory(database: DatabaseKind): void {
  // A server of its own: an owner is made only once.
  const test = base.extend<object, { stack: Stack }>({
    stack: [async ({}, use) => withStack(use, { database }), { scope: "worker", timeout: 90_000 }],
  });
  const without = missing(database);
  if (without) {
    test.skip(`the story on ${database}: ${without}`, () => {});
    return;
  }
  test(`from the one-time link to three connected providers and a revoked key, on ${database}`, async ({ page, context, stack }) => {
    test.setTimeout(180_000);
    await walk(page, context, stack);
  });
}

async function walk(page: Page, context: BrowserContext, stack: Stack): Promise<void> {
  const { relay, sim, keys } = stack;
  const consoleUrl = `${relay.url}/console`;

  await base.step("the log's one-time link makes the owner, once", async () => {
    const link = await relay.setupLink();
    await createOwner(page, link);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(link);
    await expect(page.getByText("Relay is already set up")).toBeVisible();
    await signIn(page, consoleUrl);
  });

  const key = await base.step("a relay key is made in the console and shown once", () =>
    createKey(page, "Demo backend", ["Manage"]));

  const app = await DemoApp.start(relay.url, key);
  await openShadows(context);
  const user = await context.newPage();

  for (const { provider, model, chatPath, eventsToFirstWord } of chats) {
    await base.step(`an end user connects ${provider} and chats, word by word`, async () => {
      await user.goto(app.url);
      const widget = new Widget(user);
      await widget.choose(NAMES[provider]);
      await widget.submit(keys[provider]);
      await expect(widget.title).toHaveText(/connected$/);
      await expect(widget.card).toContainText(keys[provider].slice(-4));
      await expect(user.getByLabel("Model")).toHaveValue(model);

      await sim.script(provider, { on: chatPath, hold: provider, holdAfter: eventsToFirstWord });
      await say(user, `greetings to ${provider}`);
      const answer = user.getByLabel("Conversation").getByRole("listitem").last();
      await expect(answer).toHaveText(/^You\s*$/);
      await sim.release(provider);
      await expect(answer).toHaveText(`You said: greetings to ${provider}`);
    });
  }

  await base.step("a page that is opened again remembers what is connected", async () => {
    await user.reload();
    await expect(user.getByLabel("Message")).toBeEnabled();
    const tile = user.locator("#connect label.tile").filter({ hasText: NAMES.openai });
    await expect(tile).toContainText(keys.openai.slice(-4));
  });

  await base.step("the console shows the requests and the user", async () => {
    await goTo(page, "Requests");
    for (const { model } of chats) {
      const row = page.getByRole("row").filter({ hasText: model });
      // Requests are written in batches: ask until they are there.
      await expect(async () => {
        await page.getByRole("button", { name: "Refresh" }).click();
        await expect(row.first()).toBeVisible({ timeout: 1_000 });
      }).toPass();
      await expect(row.first()).toContainText("200");
      await expect(row.first()).toContainText("Demo backend");
    }
    await goTo(page, "Users");
    for (const provider of ["OpenAI", "Anthropic", "Google"]) {
      await expect(page.getByRole("table", { name: "Users" })).toContainText(provider);
    }
    await page.getByRole("table", { name: "Users" }).getByRole("link").first().click();
    await expect(page.getByRole("table", { name: "Connected keys" })).toContainText(keys.google.slice(-4));
  });

  await base.step("a key the provider takes back asks the user to connect again", async () => {
    await sim.refuseKey("google", keys.google);
    await user.getByLabel("Model").selectOption("gemini-2.5-flash");
    await say(user, "still there?");
    const line = user.getByLabel("Conversation").getByRole("listitem").last();
    await expect(line).toHaveClass("problem");
    await sim.allowKey("google", keys.google);
  });

  await base.step("a revoked relay key is refused on the next call", async () => {
    await revokeKey(page, "Demo backend");
    await user.getByLabel("Model").selectOption("gpt-4o-mini");
    await say(user, "and now?");
    const line = user.getByLabel("Conversation").getByRole("listitem").last();
    await expect(line).toHaveClass("problem");
    const backend = new Relay({ key, baseURL: relay.url });
    await expect(backend.createRegistrationToken({ user: "u" })).rejects.toBeInstanceOf(RelayAuthenticationError);
  });

  await base.step("nothing of it is left in the app's log", async () => {
    for (const secret of [key, ...Object.values(keys), OWNER.password]) {
      expect(app.log).not.toContain(secret);
      expect(relay.log).not.toContain(secret);
    }
  });
  await app.stop();
}
