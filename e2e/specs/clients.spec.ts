/** What holds whichever official client is used; what each of them does is in `clients-*.spec.ts`. */

import type { Provider } from "../support/sim";
import { expect, newUser, test } from "../support/test";

const providers: Array<{ provider: Provider; model: string }> = [
  { provider: "openai", model: "gpt-4o-mini" },
  { provider: "anthropic", model: "claude-sonnet-4-5" },
  { provider: "google", model: "gemini-2.5-flash" },
];

test("a provider gets the vault's key, in its own header, and nothing of the caller's", async ({ stack, relayKey }) => {
  const { relay, sim, keys } = stack;
  const user = newUser();
  const credentials = relay.client(relayKey).users.credentials(user);
  const headers: Record<Provider, [string, string]> = {
    openai: ["authorization", `Bearer ${keys.openai}`],
    anthropic: ["x-api-key", keys.anthropic],
    google: ["x-goog-api-key", keys.google],
  };
  for (const { provider, model } of providers) {
    await credentials.put(provider, { apiKey: keys[provider] });
    await sim.reset();
    await relay
      .client(relayKey)
      .openai({ user, defaultHeaders: { cookie: "a=b", "x-forwarded-for": "10.0.0.1" } })
      .chat.completions.create({ model, messages: [{ role: "user", content: "hi" }] });
    const [request, ...more] = await sim.received();
    expect(more).toEqual([]);
    const [name, value] = headers[provider];
    expect(new Map(request!.headers).get(name)).toBe(value);
    const everything = JSON.stringify(request);
    for (const own of [relayKey, user, "10.0.0.1", "a=b"]) {
      expect(everything).not.toContain(own);
    }
    const credentialHeaders = ["authorization", "x-api-key", "x-goog-api-key", "cookie"];
    expect(request!.headers.map(([header]) => header).filter((header) => credentialHeaders.includes(header))).toEqual([name]);
  }
});

test("a user whose label is not ASCII is the same user in a token, a header and a path", async ({ stack, relayKey }) => {
  const user = `사용자 ${newUser()} é`;
  const relay = stack.relay.client(relayKey);
  await relay.users.credentials(user).put("openai", { apiKey: stack.keys.openai });
  const answer = await relay
    .openai({ user })
    .chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "안녕" }] });
  expect(answer.choices[0]?.message.content).toBe("You said: 안녕");
  expect((await relay.users.get(user)).label).toBe(user);
});
