import { inspect } from "node:util";

import { Anthropic } from "@anthropic-ai/sdk";
import { Anthropic as Anthropic0 } from "anthropic-0";
import { OpenAI as OpenAI6 } from "openai";
import { OpenAI as OpenAI4 } from "openai-4";
import { OpenAI as OpenAI5 } from "openai-5";
import { OpenAI as OpenAI7 } from "openai-7";
import { describe, expect, it, vi } from "vitest";

import { type Clients, type ModelId, Relay } from "../src/index.js";
import { type Answer, BASE, KEY, json, recorder } from "./recorder.js";

const completion = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
};
const message = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-6",
  content: [{ type: "text", text: "hello" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
};
const model: ModelId = "claude-sonnet-4-6";
const question = { model, messages: [{ role: "user" as const, content: "hi" }] };
const asked = { ...question, max_tokens: 10 };

function relayWith(clients: Clients, ...answers: Answer[]) {
  const { fetch, calls } = recorder(...answers);
  return { relay: new Relay({ key: KEY, baseURL: BASE, fetch, clients }), calls };
}

describe.each([
  ["4", OpenAI4],
  ["5", OpenAI5],
  ["6", OpenAI6],
  ["7", OpenAI7],
])("openai %s", (_version, OpenAI) => {
  const clients = { OpenAI } as unknown as Clients;

  it("is the real client, bound to one user", async () => {
    const { relay, calls } = relayWith(clients, json(200, completion));
    const client = relay.openai({ user: "user-42", paid: true });
    expect(client).toBeInstanceOf(OpenAI);

    const answer = await client.chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe("hello");
    expect(calls[0]?.url).toBe(`${BASE}/v1/chat/completions`);
    expect(calls[0]?.body).toEqual(question);
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(calls[0]?.headers.get("x-relay-user")).toBe("user-42");
    expect(calls[0]?.headers.get("x-relay-paid")).toBe("true");
  });

  it("is read with for await, streamed", async () => {
    const events = ["hel", "lo"]
      .map((content) => ({ ...completion, choices: [{ index: 0, delta: { content } }] }))
      .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      .join("");
    const body = new Response(`${events}data: [DONE]\n\n`, { headers: { "content-type": "text/event-stream" } });
    const { relay } = relayWith(clients, body);
    let text = "";
    for await (const chunk of await relay.openai({ user: "u" }).chat.completions.create({ ...question, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe("hello");
  });

  it("leaves the server's own OpenAI account out of it", async () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-mine");
    vi.stubEnv("OPENAI_PROJECT_ID", "project-mine");
    vi.stubEnv("OPENAI_API_KEY", "sk-mine");
    vi.stubEnv("OPENAI_ADMIN_KEY", "sk-admin-mine");
    vi.stubEnv("OPENAI_BASE_URL", "https://elsewhere.example.com");
    const { relay, calls } = relayWith(clients, json(200, completion));
    await relay.openai({ user: "u" }).chat.completions.create(question);
    expect(calls[0]?.url).toMatch(/^https:\/\/relay\.example\.com\//);
    expect(JSON.stringify([...(calls[0]?.headers ?? [])])).not.toMatch(/mine/);
  });

  it("says who has connected no key", async () => {
    const body = { error: { message: "Connect a key.", type: "relay_error", code: "user_not_connected", param: null } };
    const { relay } = relayWith(clients, json(424, body));
    await expect(relay.openai({ user: "u" }).chat.completions.create(question)).rejects.toMatchObject({
      status: 424,
      code: "user_not_connected",
    });
  });
});

describe.each([
  ["0.60", Anthropic0],
  ["1", Anthropic],
])("@anthropic-ai/sdk %s", (_version, Anthropic) => {
  const clients = { Anthropic } as unknown as Clients;

  it("is the real client, bound to one user", async () => {
    const { relay, calls } = relayWith(clients, json(200, message));
    const client = relay.anthropic({ user: "user-42", paid: false });
    expect(client).toBeInstanceOf(Anthropic);
    const answer = await client.messages.create(asked);
    expect(answer.content[0]).toMatchObject({ text: "hello" });
    expect(calls[0]?.url).toBe(`${BASE}/v1/messages`);
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(calls[0]?.headers.has("x-api-key")).toBe(false);
    expect(calls[0]?.headers.get("x-relay-user")).toBe("user-42");
    expect(calls[0]?.headers.get("x-relay-paid")).toBe("false");
  });

  it("leaves the server's own Anthropic account out of it", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-mine");
    vi.stubEnv("ANTHROPIC_AUTH_TOKEN", "token-mine");
    vi.stubEnv("ANTHROPIC_BASE_URL", "https://elsewhere.example.com");
    const { relay, calls } = relayWith(clients, json(200, message));
    await relay.anthropic({ user: "u" }).messages.create(asked);
    expect(calls[0]?.url).toBe(`${BASE}/v1/messages`);
    expect(JSON.stringify([...(calls[0]?.headers ?? [])])).not.toMatch(/mine/);
  });
});

describe("whose key", () => {
  const clients = { OpenAI: OpenAI6 };

  it("is never left open by a forgotten user", () => {
    const { relay } = relayWith(clients);
    for (const user of [undefined as unknown as string, "", " "]) {
      expect(() => relay.openai({ user })).toThrow(/user/);
      expect(() => relay.anthropic({ user })).toThrow(/user/);
      expect(() => relay.fetch({ user })).toThrow(/user/);
      expect(() => relay.aiSdk("openai", { user })).toThrow(/user/);
    }
  });

  it("is the tenant's own only when that is said", async () => {
    const { relay, calls } = relayWith(clients, json(200, completion));
    await relay.openai({ user: null }).chat.completions.create(question);
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(calls[0]?.headers.has("x-relay-user")).toBe(false);
    expect(calls[0]?.headers.has("x-relay-paid")).toBe(false);
  });

  it("cannot be changed by other headers, of the client or of one call", async () => {
    const { relay, calls } = relayWith(clients, json(200, completion));
    const client = relay.openai({ user: "u", defaultHeaders: { "x-relay-user": "other", "X-Trace": "t" } });
    await client.chat.completions.create(question, {
      headers: { "X-Relay-User": "third", "x-relay-paid": "true", authorization: "Bearer rly-other" },
    });
    expect(calls[0]?.headers.get("x-relay-user")).toBe("u");
    expect(calls[0]?.headers.get("x-relay-paid")).toBeNull();
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(calls[0]?.headers.get("x-trace")).toBe("t");
  });

  it.each(["사용자", "zoë", "a\u0001b", " padded "])("may be named %j: behind the key, where a header will not do", async (user) => {
    const { relay, calls } = relayWith(clients, json(200, completion));
    await relay.openai({ user }).chat.completions.create(question);
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}:user=${encodeURIComponent(user)}`);
    expect(calls[0]?.headers.has("x-relay-user")).toBe(false);
  });

  it("stays when a client brings a fetch of its own", async () => {
    const { relay, calls: others } = relayWith(clients);
    const { fetch, calls } = recorder(json(200, completion));
    await relay.openai({ user: "u", fetch: fetch as typeof globalThis.fetch }).chat.completions.create(question);
    expect(calls[0]?.headers.get("x-relay-user")).toBe("u");
    expect(others).toEqual([]);
  });
});

describe("a bound fetch", () => {
  it("takes a text, a URL, a Request, or a path of Relay's", async () => {
    const { relay, calls } = relayWith({}, ...Array.from({ length: 4 }, () => json(200, {})));
    const fetch = relay.fetch({ user: "u" });
    await fetch(`${BASE}/v1/models`);
    await fetch(new URL(`${BASE}/v1/models`));
    await fetch(new Request(`${BASE}/v1/embeddings`, { method: "POST", body: '{"a":1}', headers: { "x-trace": "t" } }));
    await fetch("/v1/models");
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${BASE}/v1/models`,
      `GET ${BASE}/v1/models`,
      `POST ${BASE}/v1/embeddings`,
      `GET ${BASE}/v1/models`,
    ]);
    expect(calls[2]?.body).toEqual({ a: 1 });
    expect(calls[2]?.headers.get("x-trace")).toBe("t");
    expect(calls[0]?.body).toBeUndefined();
    for (const { headers, redirect } of calls) {
      expect(headers.get("authorization")).toBe(`Bearer ${KEY}`);
      expect(headers.get("x-relay-user")).toBe("u");
      expect(redirect).toBe("manual");
    }
  });

  it.each([
    "https://elsewhere.example.com/v1/models",
    "http://relay.example.com/v1/models",
    "https://relay.example.com.evil.example/v1",
    "https://relay.example.com@evil.example/v1",
    "//evil.example/v1",
    "@evil.example/v1",
  ])("takes the relay key to nobody else: %s", async (url) => {
    const { relay, calls } = relayWith({});
    await expect(relay.fetch({ user: "u" })(url)).rejects.toThrow(TypeError);
    expect(calls).toEqual([]);
  });

  it("stays below Relay's path, where it has one", async () => {
    const { fetch, calls } = recorder();
    const relay = new Relay({ key: KEY, baseURL: "https://example.com/relay", fetch });
    await expect(relay.fetch({ user: "u" })("https://example.com/relay/../other")).rejects.toThrow(/only/);
    expect(calls).toEqual([]);
  });
});

describe("an official client", () => {
  it("that is not to be found is asked for by name", () => {
    const relay = new Relay({ key: KEY, clients: {} });
    vi.stubGlobal("process", { env: {} });
    expect(() => relay.openai({ user: "u" })).toThrow(/package openai.*clients: \{ OpenAI \}/);
    expect(() => relay.anthropic({ user: "u" })).toThrow(/@anthropic-ai\/sdk.*clients: \{ Anthropic \}/);
  });

  it("holds no relay key", () => {
    const { relay } = relayWith({ OpenAI: OpenAI6, Anthropic });
    for (const client of [relay.openai({ user: "u" }), relay.anthropic({ user: "u" })]) {
      expect(inspect(client, { depth: 10, showHidden: true })).not.toContain(KEY);
    }
  });
});
