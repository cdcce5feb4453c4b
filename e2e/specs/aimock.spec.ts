/** Against an upstream that nobody here wrote: the npm package `@copilotkit/aimock`. */

import { LLMock } from "@copilotkit/aimock";
import { test as base } from "@playwright/test";

import { RelayServer } from "../support/relay";
import { expect, newUser } from "../support/test";

interface Fixtures {
  mock: LLMock;
  relay: RelayServer;
  relayKey: string;
}

const test = base.extend<object, Fixtures>({
  mock: [
    async ({}, use) => {
      const mock = new LLMock({ port: 0 });
      mock.onMessage("hello", { content: "Hi there, from somebody else." });
      mock.onMessage("weather", { toolCalls: [{ name: "get_weather", arguments: '{"city":"Seoul"}' }] });
      mock.onEmbedding("a cat", { embedding: [0.25, -0.5, 0.125, 0.75] });
      await mock.start();
      await use(mock);
      await mock.stop();
    },
    { scope: "worker" },
  ],
  relay: [
    async ({ mock }, use) => {
      const relay = await RelayServer.start({
        RELAY_HOST_OPENAI_URL: `${mock.url}/v1`,
        RELAY_HOST_ANTHROPIC_URL: `${mock.url}/v1`,
        RELAY_HOST_GOOGLE_URL: `${mock.url}/v1beta`,
      });
      await use(relay);
      await relay.stop();
      await relay.removeData();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  relayKey: [async ({ relay }, use) => use(await relay.tenantKey("aimock")), { scope: "worker" }],
});

const providers = [
  { provider: "openai", model: "gpt-4o-mini" },
  { provider: "anthropic", model: "claude-sonnet-4-5" },
  { provider: "google", model: "gemini-2.5-flash" },
];

const tools = [
  {
    type: "function" as const,
    function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];

for (const { provider, model } of providers) {
  test.describe(provider, () => {
    async function client(relay: RelayServer, relayKey: string) {
      const user = newUser();
      const backend = relay.client(relayKey);
      await backend.users.credentials(user).put(provider, { apiKey: "sk-aimock-takes-any-key" });
      return backend.openai({ user });
    }
    const ask = (content: string) => ({ model, messages: [{ role: "user" as const, content }] });

    test("a whole answer arrives", async ({ relay, relayKey }) => {
      const answer = await (await client(relay, relayKey)).chat.completions.create(ask("hello"));
      expect(answer.choices[0]?.message.content).toBe("Hi there, from somebody else.");
      expect(answer.choices[0]?.finish_reason).toBe("stop");
    });

    test("a streamed answer arrives in pieces", async ({ relay, relayKey }) => {
      const stream = await (await client(relay, relayKey)).chat.completions.create({ ...ask("hello"), stream: true });
      const pieces: string[] = [];
      for await (const chunk of stream) {
        pieces.push(chunk.choices[0]?.delta.content ?? "");
      }
      expect(pieces.join("")).toBe("Hi there, from somebody else.");
    });

    for (const streamed of [false, true]) {
      test(`a tool call arrives ${streamed ? "streamed" : "whole"}`, async ({ relay, relayKey }) => {
        const completions = (await client(relay, relayKey)).chat.completions;
        const request = { ...ask("weather"), tools };
        const answer = streamed
          ? await completions.stream(request).finalChatCompletion()
          : await completions.create(request);
        const call = answer.choices[0]?.message.tool_calls?.[0];
        expect(call).toMatchObject({ type: "function", function: { name: "get_weather" } });
        expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toEqual({ city: "Seoul" });
        expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
      });
    }
  });
}

// aimock answers OpenAI's embeddings as numbers whatever `encoding_format` says, and knows nothing of
// Gemini's `:batchEmbedContents`, so this is all of its embeddings that Relay can be tried against.
test("embeddings of openai arrive", async ({ relay, relayKey }) => {
  const user = newUser();
  const backend = relay.client(relayKey);
  await backend.users.credentials(user).put("openai", { apiKey: "sk-aimock-takes-any-key" });
  const answer = await backend
    .openai({ user })
    .embeddings.create({ model: "text-embedding-3-small", input: "a cat", encoding_format: "float" });
  expect(answer.data[0]?.embedding).toEqual([0.25, -0.5, 0.125, 0.75]);
});
