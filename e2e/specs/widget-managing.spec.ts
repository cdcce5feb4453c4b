/** The widget for managing: a person sees what is connected, replaces it and disconnects it. */

import { expect, newKey, newUser, test } from "../support/test";
import { CONNECTED, NAMES, aSession, answerWidget, exposeTokens, failure, newToken, openShadows, openWidget, openWidgetBy } from "../support/widget";

test.beforeEach(async ({ context, stack }) => {
  await openShadows(context);
  await stack.sim.reset();
});

test("what is connected is shown with its end, its age, its health and this month's use", async ({ page, stack }) => {
  await page.clock.setFixedTime(new Date("2026-11-21T10:00:00Z"));
  await answerWidget(page, "session", 200, aSession({ scope: "manage", credentials: CONNECTED }));
  const widget = await openWidget(page, stack, { registrationToken: "t", mode: "manage" });
  await expect(widget.title).toHaveText("Your AI providers");
  const rows = widget.card.getByRole("listitem");
  await expect(rows).toHaveCount(2);
  for (const text of ["OpenAI", "•••• 4242", "Working", "Oct 12, 2026", "yesterday", "12.5K", "3.2M", "$4.12"]) {
    await expect(rows.first()).toContainText(text);
  }
  for (const text of ["Anthropic", "Needs a new key", "no longer accepts this key", "Not yet"]) {
    await expect(rows.nth(1)).toContainText(text);
  }
  await page.evaluate(() => window.widget.update({ locale: "de" }));
  for (const text of ["12.10.2026", "gestern", "3,2 Mio.", "4,12 $"]) await expect(rows.first()).toContainText(text);
});

test("a person connects, replaces and disconnects with one token", async ({ page, stack, relayKey }) => {
  const user = newUser();
  const second = newKey("sk-second-");
  await stack.sim.allowKey("openai", second);
  const list = async () => {
    const { credentials } = await stack.relay.client(relayKey).users.get(user);
    return credentials.map(({ provider, last4 }) => `${provider} ${last4}`);
  };
  const registrationToken = await newToken(stack, relayKey, { user, scope: "manage" });
  const widget = await openWidget(page, stack, { registrationToken, mode: "manage" });
  await expect(widget.card).toContainText("Nothing is connected yet.");

  await widget.button("Connect a provider").click();
  await widget.choose(NAMES.openai);
  await widget.submit(stack.keys.openai);
  await expect(widget.title).toHaveText("Your AI providers");
  await expect(widget.title).toBeFocused();
  await expect(widget.card.getByRole("status")).toHaveText("OpenAI connected");
  await expect(widget.card.getByRole("listitem")).toContainText(`•••• ${stack.keys.openai.slice(-4)}`);

  await widget.button("Replace the OpenAI key").click();
  await expect(widget.title).toHaveText("Replace the OpenAI key");
  await widget.submit(second);
  await expect(widget.card.getByRole("listitem")).toContainText(`•••• ${second.slice(-4)}`);
  expect(await list()).toEqual([`openai ${second.slice(-4)}`]);

  await widget.button("Disconnect OpenAI").click();
  await expect(widget.title).toHaveText("Disconnect OpenAI?");
  await widget.button("Cancel").click();
  await expect(widget.title).toHaveText("Your AI providers");
  expect(await list()).toHaveLength(1);
  await widget.button("Disconnect OpenAI").click();
  await widget.button("Disconnect").click();
  await expect(widget.card.getByRole("status")).toHaveText("OpenAI disconnected");
  await expect(widget.card.getByRole("listitem")).toHaveCount(0);
  expect(await list()).toEqual([]);
  const details = (await widget.told()).filter(({ name }) => name === "success").map(({ detail }) => detail?.status);
  expect(details).toEqual(["active", "active", "disconnected"]);
});

test("this month's use is of the calls that were made", async ({ page, stack, relayKey }) => {
  const user = newUser();
  const backend = stack.relay.client(relayKey);
  await backend.users.credentials(user).put("openai", { apiKey: stack.keys.openai });
  await backend.openai({ user }).chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] });
  const registrationToken = await newToken(stack, relayKey, { user, scope: "manage" });
  const requests = async () => {
    const widget = await openWidget(page, stack, { registrationToken, mode: "manage" });
    return await widget.card.locator(".fact", { hasText: "Requests this month" }).locator("dd").innerText();
  };
  // Usage is written in batches.
  await expect.poll(requests).toBe("1");
});

test("a token for connecting does not manage", async ({ page, stack, relayKey }) => {
  const user = newUser();
  await stack.relay.client(relayKey).users.credentials(user).put("openai", { apiKey: stack.keys.openai });
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { user }), mode: "manage" });
  await expect(widget.title).toHaveText("This form can’t be used");
  await expect(widget.card).toContainText("without the permission to manage keys");
  await expect.poll(() => widget.told()).toContainEqual(expect.objectContaining({ detail: expect.objectContaining({ code: "token_scope" }) }));
});

test("a key that could not be disconnected stays, and it is said", async ({ page, stack }) => {
  await answerWidget(page, "session", 200, aSession({ scope: "manage", credentials: CONNECTED }));
  await answerWidget(page, "credentials/openai", 500, failure("internal"));
  const widget = await openWidget(page, stack, { registrationToken: "t", mode: "manage" });
  await widget.button("Disconnect OpenAI").click();
  await widget.button("Disconnect").click();
  await expect(widget.problem).toHaveText(/That didn’t work/);
  await widget.button("Cancel").click();
  await expect(widget.card.getByRole("listitem")).toHaveCount(2);
});

test("an expired token is replaced by another from the page, and the list is there", async ({ page, stack, relayKey }) => {
  const asked = await exposeTokens(page, () => newToken(stack, relayKey, { scope: "manage" }));
  await answerWidget(page, "session", 401, failure("token_expired"), 1);
  const widget = await openWidgetBy(page, stack, () => {
    window.widget = window.Relay.mount("#connect", { mode: "manage", registrationToken: () => window.nextToken() });
  });
  await expect(widget.title).toHaveText("Your AI providers");
  expect(asked()).toBe(2);
});

test("going back from the form leaves nothing typed behind", async ({ page, stack }) => {
  await answerWidget(page, "session", 200, aSession({ scope: "manage", credentials: CONNECTED }));
  const widget = await openWidget(page, stack, { registrationToken: "t", mode: "manage" });
  await widget.button("Replace the OpenAI key").click();
  await widget.key.fill("sk-typed");
  await widget.button("Back").click();
  await expect(widget.title).toHaveText("Your AI providers");
  await widget.button("Connect a provider").click();
  await expect(widget.key).toHaveValue("");
});
