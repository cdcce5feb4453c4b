/** The official OpenAI clients, unchanged: only base URL and key differ from calling OpenAI. */

import { PYTHON, ROOT } from "../support/environment";
import { run } from "../support/process";
import type { Provider } from "../support/sim";
import { expect, newUser, test } from "../support/test";

/** What both client scripts print. */
interface Result {
  whole: { text: string; finish: string; inputTokens: number; outputTokens: number; requestId: string };
  streamed: { text: string; pieces: number; finish: string; inputTokens: number; outputTokens: number };
  tools: { finish: string; name: string; arguments: unknown; answer: string };
  streamedTool: { name: string; arguments: unknown };
  refusal: { status: number; code: string };
  embeddings?: { count: number; dimensions: number; same: boolean; inputTokens: number };
}

const clients = [
  { language: "Node", command: process.execPath, script: "e2e/clients/node/openai-client.mjs" },
  { language: "Python", command: PYTHON, script: "e2e/clients/python/openai_client.py" },
];

const providers: Array<{ provider: Provider; model: string; embeddingModel: string }> = [
  { provider: "openai", model: "gpt-4o-mini", embeddingModel: "text-embedding-3-small" },
  { provider: "anthropic", model: "claude-sonnet-4-5", embeddingModel: "" },
  { provider: "google", model: "gemini-2.5-flash", embeddingModel: "gemini-embedding-001" },
];

for (const { language, command, script } of clients) {
  for (const { provider, model, embeddingModel } of providers) {
    test(`the ${language} client does everything with a key of ${provider}`, async ({ stack, relayKey }) => {
      const user = newUser();
      const { relay, keys } = stack;
      await relay.client(relayKey).users.credentials(user).put(provider, { apiKey: keys[provider] });

      const output = await run(command, [`${ROOT}/${script}`], {
        RELAY_URL: relay.url,
        RELAY_KEY: relayKey,
        RELAY_USER: user,
        MODEL: model,
        EMBEDDING_MODEL: embeddingModel,
      });
      stack.responses.push(`the ${language} client\n${output}`);
      const result = JSON.parse(output) as Result;

      expect(result.whole).toMatchObject({
        text: `You said: hello from ${language}`,
        finish: "stop",
        inputTokens: 6,
        outputTokens: 5,
        requestId: expect.stringMatching(/./),
      });
      expect(result.streamed).toMatchObject({
        text: "You said: hello in pieces",
        finish: "stop",
        inputTokens: 3,
        outputTokens: 5,
      });
      expect(result.streamed.pieces).toBeGreaterThan(1);
      expect(result.tools).toEqual({
        finish: "tool_calls",
        name: "get_weather",
        arguments: { city: "Seoul" },
        answer: "The tool answered: sunny in Seoul",
      });
      expect(result.streamedTool).toEqual({ name: "get_weather", arguments: { city: "Busan" } });
      expect(result.refusal).toEqual({ status: 424, code: "user_not_connected" });
      if (embeddingModel) {
        expect(result.embeddings).toMatchObject({ count: 2, dimensions: 256, same: true });
      }
    });
  }
}

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
