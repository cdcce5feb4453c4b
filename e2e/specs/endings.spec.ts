/** Answers, servers and connections that end before their time. */

import { type Stack, test as base, expect, newUser, withStack } from "../support/test";

// A server of its own: it is stopped and killed here.
const test = base.extend<object, { stack: Stack }>({
  stack: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],
});

const chats = [
  { provider: "openai", model: "gpt-4o-mini", path: "/chat/completions", events: 3 },
  { provider: "anthropic", model: "claude-sonnet-4-5", path: "/messages", events: 5 },
  { provider: "google", model: "gemini-2.5-flash", path: ":streamGenerateContent", events: 2 },
] as const;

async function read(stream: AsyncIterable<{ choices: Array<{ delta: { content?: string | null } }> }>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
  }
  return text;
}

for (const { provider, model, path, events } of chats) {
  for (const ending of ["cutAfter", "resetAfter", "errorAfter"] as const) {
    test(`a stream of ${provider} that ends early (${ending}) is an error, not a short answer`, async ({ stack, relayKey }) => {
      const user = newUser();
      const relay = stack.relay.client(relayKey);
      await relay.users.credentials(user).put(provider, { apiKey: stack.keys[provider] });
      await stack.sim.script(provider, { on: path, [ending]: events });
      const stream = await relay
        .openai({ user, maxRetries: 0 })
        .chat.completions.create({ model, messages: [{ role: "user", content: "one two three" }], stream: true });
      await expect(read(stream)).rejects.toThrow();
    });
  }
}

test("a server that is asked to stop lets an open stream end, and counts it", async ({ stack, relayKey }) => {
  const { relay, sim, keys } = stack;
  const user = newUser();
  const backend = relay.client(relayKey);
  await backend.users.credentials(user).put("anthropic", { apiKey: keys.anthropic });
  await sim.script("anthropic", { on: "/messages", hold: "open", holdAfter: 4 });
  const stream = await backend
    .openai({ user })
    .chat.completions.create({ model: "claude-sonnet-4-5", messages: [{ role: "user", content: "goodbye" }], stream: true });
  const text = read(stream);
  const stopped = relay.stop();
  await expect.poll(() => fetch(`${relay.url}/api/health`).then(() => "open", () => "closed")).toBe("closed");
  await sim.release("open");
  expect(await text).toBe("You said: goodbye");
  await stopped;

  await relay.startAgain();
  const answer = await fetch(`${relay.url}/v1/requests?limit=1`, { headers: { authorization: `Bearer ${relayKey}` } });
  const { data } = (await answer.json()) as { data: unknown[] };
  expect(data).toMatchObject([{ endUser: user, model: "claude-sonnet-4-5", status: 200, streamed: true, outputTokens: 3 }]);
});

test("a key that was connected right before a power cut is there after it", async ({ stack, relayKey }) => {
  const { relay, keys } = stack;
  const user = newUser();
  const backend = relay.client(relayKey);
  const { registrationToken } = await backend.createRegistrationToken({ user });
  const connected = await fetch(`${relay.url}/v1/widget/credentials`, {
    method: "POST",
    headers: { authorization: `Bearer ${registrationToken}`, "content-type": "application/json" },
    body: JSON.stringify({ provider: "openai", apiKey: keys.openai }),
  });
  expect(connected.status).toBe(201);
  await relay.kill();
  await expect(backend.openai({ user, maxRetries: 0 }).models.list()).rejects.toThrow(/connection/i);
  await relay.startAgain();
  const answer = await backend
    .openai({ user })
    .chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "still there?" }] });
  expect(answer.choices[0]?.message.content).toBe("You said: still there?");
});
