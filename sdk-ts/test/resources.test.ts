/** Every method against the API's own document: it must know the call, its query and its body. */

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { Relay } from "../src/index.js";
import { BASE, KEY, json, recorder } from "./recorder.js";

interface Operation {
  parameters?: Array<{ name: string; in: string }>;
  requestBody?: { content: { "application/json": { schema: { $ref: string } } } };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: object; required?: string[] }> };
}
const document = JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8")) as Document;

const LABEL = "a/b?c 사용자";
const IN_PATH = encodeURIComponent(LABEL);
const at = new Date(Date.UTC(2026, 0, 2));
const DAY = "2026-01-02T00%3A00%3A00.000Z";

/** What a method sends: the call, the document's path of it, and the body. */
type Row = [call: string, path: string, act: (relay: Relay) => PromiseLike<unknown>, body?: unknown];

const rows: Row[] = [
  [
    "POST /v1/registration-tokens",
    "/v1/registration-tokens",
    (relay) => relay.registrationTokens.create({ user: "u", provider: "openai", expiresIn: "5m" }),
    { endUserLabel: "u", provider: "openai", expiresIn: "5m" },
  ],
  ["GET /v1/users", "/v1/users", (relay) => relay.users.list()],
  ["GET /v1/users?limit=5&cursor=n", "/v1/users", (relay) => relay.users.list({ limit: 5, cursor: "n" })],
  [`GET /v1/users/${IN_PATH}`, "/v1/users/{label}", (relay) => relay.users.get(LABEL)],
  [`DELETE /v1/users/${IN_PATH}`, "/v1/users/{label}", (relay) => relay.users.delete(LABEL)],
  ["GET /v1/users/u/credentials", "/v1/users/{label}/credentials", (relay) => relay.users.credentials("u").list()],
  [
    "PUT /v1/users/u/credentials/openai",
    "/v1/users/{label}/credentials/{provider}",
    (relay) => relay.users.credentials("u").put("openai", { apiKey: "sk-x" }),
    { apiKey: "sk-x" },
  ],
  [
    "DELETE /v1/users/u/credentials/openai",
    "/v1/users/{label}/credentials/{provider}",
    (relay) => relay.users.credentials("u").delete("openai"),
  ],
  ["GET /v1/credentials", "/v1/credentials", (relay) => relay.credentials.list()],
  [
    "PUT /v1/credentials/openai/eu-1",
    "/v1/credentials/{provider}/{name}",
    (relay) => relay.credentials.put("openai", { name: "eu-1", apiKey: "sk-x", weight: 3 }),
    { apiKey: "sk-x", weight: 3 },
  ],
  [
    "PUT /v1/credentials/openai/default",
    "/v1/credentials/{provider}/{name}",
    (relay) => relay.credentials.put("openai", { disabled: true }),
    { disabled: true },
  ],
  ["DELETE /v1/credentials/openai/default", "/v1/credentials/{provider}/{name}", (relay) => relay.credentials.delete("openai")],
  [
    "POST /v1/credentials/openai/eu-1/test",
    "/v1/credentials/{provider}/{name}/test",
    (relay) => relay.credentials.test("openai", "eu-1"),
  ],
  [
    "POST /v1/users/u/credentials/openai/test",
    "/v1/users/{label}/credentials/{provider}/test",
    (relay) => relay.users.credentials("u").test("openai"),
  ],
  ["GET /v1/providers", "/v1/providers", (relay) => relay.providers.list()],
  ["POST /v1/reach", "/v1/reach", (relay) => relay.policies.reach({ model: "gpt-4o-mini" }), { model: "gpt-4o-mini" }],
  ["GET /v1/relay-keys", "/v1/relay-keys", (relay) => relay.relayKeys.list()],
  ["GET /v1/relay-keys/k", "/v1/relay-keys/{id}", (relay) => relay.relayKeys.get("k")],
  [
    "POST /v1/relay-keys",
    "/v1/relay-keys",
    (relay) => relay.relayKeys.create({ name: "app", scopes: ["inference"] }),
    { name: "app", scopes: ["inference"] },
  ],
  ["PATCH /v1/relay-keys/k", "/v1/relay-keys/{id}", (relay) => relay.relayKeys.update("k", { policy: null }), { policy: null }],
  ["POST /v1/relay-keys/k/rotate", "/v1/relay-keys/{id}/rotate", (relay) => relay.relayKeys.rotate("k", { grace: "1h" }), { grace: "1h" }],
  ["DELETE /v1/relay-keys/k", "/v1/relay-keys/{id}", (relay) => relay.relayKeys.revoke("k")],
  ["GET /v1/policies?limit=2", "/v1/policies", (relay) => relay.policies.list({ limit: 2 })],
  ["GET /v1/policies/p", "/v1/policies/{id}", (relay) => relay.policies.get("p")],
  [
    "POST /v1/policies",
    "/v1/policies",
    (relay) => relay.policies.create({ name: "p", rules: { strategy: "cheapest" } }),
    { name: "p", rules: { strategy: "cheapest" } },
  ],
  ["PUT /v1/policies/p", "/v1/policies/{id}", (relay) => relay.policies.replace("p", { name: "q" }), { name: "q" }],
  ["DELETE /v1/policies/p", "/v1/policies/{id}", (relay) => relay.policies.delete("p")],
  [`GET /v1/usage?from=${DAY}&by=model`, "/v1/usage", (relay) => relay.usage.get({ from: at, by: "model" })],
  ["GET /v1/usage/latency?grain=hour", "/v1/usage/latency", (relay) => relay.usage.latency({ grain: "hour" })],
  ["GET /v1/requests?user=u&status=4xx", "/v1/requests", (relay) => relay.requests.list({ user: "u", status: "4xx" })],
  ["GET /v1/requests/r", "/v1/requests/{id}", (relay) => relay.requests.get("r")],
  [`GET /v1/requests/export?to=${DAY}&format=ndjson`, "/v1/requests/export", (relay) => relay.requests.export({ to: at, format: "ndjson" })],
  [`GET /v1/users/u/usage?from=${DAY}`, "/v1/users/{label}/usage", (relay) => relay.users.usage("u", { from: at })],
  ["GET /v1/users?q=a", "/v1/users", (relay) => relay.users.list({ q: "a" })],
  ["GET /v1/settings", "/v1/settings", (relay) => relay.settings.get()],
  [
    "PATCH /v1/settings",
    "/v1/settings",
    (relay) => relay.settings.update({ allowedOrigins: ["https://app.example.com"] }),
    { allowedOrigins: ["https://app.example.com"] },
  ],
  ["GET /v1/webhooks", "/v1/webhooks", (relay) => relay.webhooks.list()],
  ["GET /v1/webhooks/w", "/v1/webhooks/{id}", (relay) => relay.webhooks.get("w")],
  [
    "POST /v1/webhooks",
    "/v1/webhooks",
    (relay) => relay.webhooks.create({ url: "https://app.example.com/hook", events: ["credential.broken"] }),
    { url: "https://app.example.com/hook", events: ["credential.broken"] },
  ],
  ["PATCH /v1/webhooks/w", "/v1/webhooks/{id}", (relay) => relay.webhooks.update("w", { enabled: false }), { enabled: false }],
  ["DELETE /v1/webhooks/w", "/v1/webhooks/{id}", (relay) => relay.webhooks.delete("w")],
  ["POST /v1/webhooks/w/rotate", "/v1/webhooks/{id}/rotate", (relay) => relay.webhooks.rotate("w", { grace: "1h" }), { grace: "1h" }],
  ["POST /v1/webhooks/w/test", "/v1/webhooks/{id}/test", (relay) => relay.webhooks.test("w")],
  [
    "GET /v1/webhooks/w/deliveries?status=failed",
    "/v1/webhooks/{id}/deliveries",
    (relay) => relay.webhooks.deliveries("w", { status: "failed" }),
  ],
  [
    "POST /v1/webhooks/w/deliveries/d/retry",
    "/v1/webhooks/{id}/deliveries/{delivery}/retry",
    (relay) => relay.webhooks.retry("w", "d"),
  ],
];

describe("the API's document knows", () => {
  it.each(rows)("%s", async (call, path, act, body) => {
    const { fetch, calls } = recorder(json(200, {}));
    await act(new Relay({ key: KEY, baseURL: BASE, fetch }));
    const [sent] = calls;
    expect(`${sent?.method} ${sent?.url.replace(BASE, "")}`).toBe(call);
    expect(sent?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    expect(sent?.body).toEqual(body);

    const operation = document.paths[path]?.[sent!.method.toLowerCase()];
    expect(operation, `${sent!.method} ${path}`).toBeDefined();
    const inQuery = operation!.parameters?.filter((one) => one.in === "query").map(({ name }) => name) ?? [];
    expect(inQuery).toEqual(expect.arrayContaining([...new URL(sent!.url).searchParams.keys()]));
    const schema = operation!.requestBody?.content["application/json"].schema.$ref.split("/").at(-1);
    expect(schema !== undefined).toBe(body !== undefined);
    const { properties = {}, required = [] } = document.components.schemas[schema ?? ""] ?? {};
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(body ?? {})));
    expect(Object.keys(body ?? {})).toEqual(expect.arrayContaining(required));
  });
});

/** Paths without a method: those that pages ask rather than backends, for which `relay.request` is good enough. */
const WITHOUT_A_METHOD = [
  /^\/v1\/audit$/,
  /^\/v1\/catalog\//,
  /^\/v1\/hosts/,
  // `default` has a path of its own, which says the same.
  /^\/v1\/credentials\/\{provider\}$/,
];

it("no resource of the document is left out unseen", () => {
  const managed = Object.entries(document.paths)
    .filter(([path, operations]) => path.startsWith("/v1/") && JSON.stringify(operations).includes('"manage"'))
    .map(([path]) => path);
  const covered = new Set(rows.map(([, path]) => path));
  expect(managed).toEqual(expect.arrayContaining(["/v1/users", "/v1/audit", "/v1/webhooks"]));
  expect(managed.filter((path) => !covered.has(path) && !WITHOUT_A_METHOD.some((known) => known.test(path)))).toEqual([]);
});

it("a label that a URL takes for a step is refused before anything is sent", async () => {
  const { fetch, calls } = recorder();
  const relay = new Relay({ key: KEY, fetch });
  await expect(relay.users.delete("..")).rejects.toThrow(/URL/);
  expect(() => relay.users.credentials(".")).toThrow(/URL/);
  await expect(relay.users.get(" ")).rejects.toThrow(/not empty/);
  await expect(relay.relayKeys.revoke("")).rejects.toThrow(/not empty/);
  expect(calls).toHaveLength(0);
});

it("a route without a method of its own is called by its path", async () => {
  const { fetch, calls } = recorder(json(200, { data: [] }));
  const relay = new Relay({ key: KEY, baseURL: BASE, fetch });
  expect(await relay.request({ method: "GET", path: "/v1/audit", query: { limit: 1 } })).toEqual({ data: [] });
  expect(calls[0]?.url).toBe(`${BASE}/v1/audit?limit=1`);
});

describe("a list", () => {
  const pages = () => [
    json(200, { data: [{ label: "a" }, { label: "b" }], nextCursor: "n" }),
    json(200, { data: [], nextCursor: "m" }),
    json(200, { data: [{ label: "c" }] }),
  ];

  it("is a page when it is awaited", async () => {
    const { fetch, calls } = recorder(...pages());
    const page = await new Relay({ key: KEY, fetch }).users.list();
    expect(page.nextCursor).toBe("n");
    expect(page.data.map(({ label }) => label)).toEqual(["a", "b"]);
    expect(calls).toHaveLength(1);
  });

  it("is everything when it is looped over, page by page", async () => {
    const { fetch, calls } = recorder(...pages());
    const labels: string[] = [];
    for await (const { label } of new Relay({ key: KEY, baseURL: BASE, fetch }).users.list({ limit: 2 })) {
      labels.push(label);
    }
    expect(labels).toEqual(["a", "b", "c"]);
    expect(calls.map(({ url }) => url.replace(BASE, ""))).toEqual([
      "/v1/users?limit=2",
      "/v1/users?limit=2&cursor=n",
      "/v1/users?limit=2&cursor=m",
    ]);
  });

  it("is fetched no further than the loop goes", async () => {
    const { fetch, calls } = recorder(...pages());
    for await (const { label } of new Relay({ key: KEY, fetch }).users.list()) {
      if (label === "a") {
        break;
      }
    }
    expect(calls).toHaveLength(1);
  });

  it("can be awaited and looped over without asking twice for its first page", async () => {
    const { fetch, calls } = recorder(...pages());
    const list = new Relay({ key: KEY, fetch }).users.list();
    await list;
    let sizes = "";
    for await (const page of list.pages()) {
      sizes += page.data.length;
    }
    expect(sizes).toBe("201");
    expect(calls).toHaveLength(3);
  });

  it("is a promise in every way", async () => {
    const { fetch } = recorder(...pages(), json(404, {}));
    const relay = new Relay({ key: KEY, fetch });
    let ended = 0;
    const [a, b] = await Promise.all([relay.users.list(), relay.users.list().finally(() => (ended += 1))]);
    expect([a.data.length + b.data.length, ended]).toEqual([2, 1]);
    await relay.users.list();
    expect(await relay.users.list().catch((error: { status: number }) => error.status)).toBe(404);
  });

  it("sends nothing before", () => {
    const { fetch, calls } = recorder();
    new Relay({ key: KEY, fetch }).users.list();
    expect(calls).toHaveLength(0);
  });
});
