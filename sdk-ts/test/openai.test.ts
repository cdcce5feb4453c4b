import { OpenAI as OpenAI6 } from "openai";
import { OpenAI as OpenAI4 } from "openai-4";
import { afterEach, describe, expect, it, vi } from "vitest";

import type { ModelId } from "../src/index.js";
import { KEY, json, recorder } from "./recorder.js";

const completion = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
};
const model: ModelId = "claude-sonnet-4-5";
const question = { model, messages: [{ role: "user" as const, content: "hi" }] };

afterEach(() => {
  vi.doUnmock("openai");
  vi.resetModules();
  vi.unstubAllEnvs();
});

describe.each([
  ["6", OpenAI6],
  ["4", OpenAI4],
])("with openai %s installed", (_version, OpenAI) => {
  async function freshRelay() {
    vi.resetModules();
    vi.doMock("openai", () => ({ OpenAI }));
    return (await import("../src/index.js")).Relay;
  }

  it("a real OpenAI client is bound to one user", async () => {
    const Relay = await freshRelay();
    const { fetch, calls } = recorder(json(200, completion));
    const relay = new Relay({ key: KEY, baseURL: "https://relay.example.com", fetch });
    const client = relay.openai({ user: "user-42", paid: true });
    expect(client).toBeInstanceOf(OpenAI);

    const answer = await client.chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe("hello");
    expect(calls[0]?.url).toBe("https://relay.example.com/v1/chat/completions");
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(calls[0]?.headers.get("x-relay-user")).toBe("user-42");
    expect(calls[0]?.headers.get("x-relay-paid")).toBe("true");
  });

  it("a stream can be read with for await", async () => {
    const Relay = await freshRelay();
    const events = ["hel", "lo"]
      .map((content) => ({ ...completion, choices: [{ index: 0, delta: { content } }] }))
      .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      .join("");
    const body = new Response(`${events}data: [DONE]\n\n`, {
      headers: { "content-type": "text/event-stream" },
    });
    const { fetch } = recorder(body);
    const client = new Relay({ key: KEY, fetch }).openai({ user: "u" });
    let text = "";
    for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe("hello");
  });

  it("the server's own OpenAI account is left out of it", async () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-mine");
    vi.stubEnv("OPENAI_API_KEY", "sk-mine");
    vi.stubEnv("OPENAI_BASE_URL", "https://elsewhere.example.com");
    const Relay = await freshRelay();
    const { fetch, calls } = recorder(json(200, completion));
    const relay = new Relay({ key: KEY, baseURL: "https://relay.example.com", fetch });
    await relay.openai({ user: "u" }).chat.completions.create(question);
    expect(calls[0]?.url).toMatch(/^https:\/\/relay\.example\.com\//);
    expect(JSON.stringify([...(calls[0]?.headers ?? [])])).not.toMatch(/mine/);
  });
});

describe("whose key", () => {
  it("is never left open by a forgotten user", async () => {
    const { Relay } = await import("../src/index.js");
    const relay = new Relay({ key: KEY });
    expect(() => relay.openai({ user: undefined as unknown as string })).toThrow(/user/);
    expect(() => relay.openai({ user: " " })).toThrow(/user/);
  });

  it("is the tenant's own only when that is said", async () => {
    const { Relay } = await import("../src/index.js");
    const { fetch, calls } = recorder(json(200, completion));
    await new Relay({ key: KEY, fetch }).openai({ user: null }).chat.completions.create(question);
    expect(calls[0]?.headers.has("x-relay-user")).toBe(false);
    expect(calls[0]?.headers.has("x-relay-paid")).toBe(false);
  });

  it("cannot be changed by other default headers", async () => {
    const { Relay } = await import("../src/index.js");
    const { fetch, calls } = recorder(json(200, completion));
    const client = new Relay({ key: KEY, fetch }).openai({
      user: "u",
      defaultHeaders: { "x-relay-user": "other", "X-Trace": "t" },
    });
    await client.chat.completions.create(question);
    expect(calls[0]?.headers.get("x-relay-user")).toBe("u");
    expect(calls[0]?.headers.get("x-trace")).toBe("t");
  });

  it("may be named in any script: the header carries the label's UTF-8 bytes", async () => {
    const { Relay } = await import("../src/index.js");
    const { fetch, calls } = recorder(json(200, completion));
    await new Relay({ key: KEY, fetch }).openai({ user: "사용자" }).chat.completions.create(question);
    const sent = calls[0]?.headers.get("x-relay-user") ?? "";
    const bytes = Uint8Array.from(sent, (character) => character.charCodeAt(0));
    expect(new TextDecoder().decode(bytes)).toBe("사용자");
  });
});
