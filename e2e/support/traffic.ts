/** A tenant with something to look at: keys, a policy, users, and calls of every outcome, made through the simulators. */

import type { RelayServer } from "./relay";
import type { Provider, ProviderSim } from "./sim";

/** Models that the simulated providers serve, with a price in the catalog. */
export const MODELS: Record<Provider, string> = {
  openai: "gpt-4o-mini",
  anthropic: "claude-sonnet-4-5",
  google: "gemini-2.5-flash",
};

/** What [`seed`] made. */
export interface Seeded {
  /** The relay key that manages. */
  manage: string;
  /** The relay key that calls, held to the policy. */
  app: string;
  /** The id of the last call that was tried twice. */
  twice: string;
}

interface World {
  relay: RelayServer;
  sim: ProviderSim;
  keys: Record<Provider, string>;
}

/** A client of Relay's management and inference routes. */
export class Caller {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /** One call; answers of failure too. */
  async raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** One call that has to succeed. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.raw(method, path, body);
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** One chat; gives the request's id. */
  async chat(model: string, more: { user?: string; paid?: boolean; stream?: boolean } = {}): Promise<string> {
    const headers: Record<string, string> = {};
    if (more.user !== undefined) {
      headers["x-relay-user"] = more.user;
    }
    if (more.paid !== undefined) {
      headers["x-relay-paid"] = String(more.paid);
    }
    const question = { model, stream: more.stream ?? false, messages: [{ role: "user", content: "What is a relay?" }] };
    const response = await this.raw("POST", "/v1/chat/completions", question, headers);
    await response.text();
    return response.headers.get("x-relay-request-id") ?? "";
  }
}

/** Fills a tenant. */
export async function seed({ relay, sim, keys }: World, tenant: string): Promise<Seeded> {
  const manage = await relay.key(tenant, "inference,tokens,manage");
  const admin = new Caller(relay.url, manage);
  for (const [provider, key] of Object.entries(keys)) {
    await admin.json("PUT", `/v1/credentials/${provider}`, { apiKey: key });
  }
  await admin.json("PUT", "/v1/credentials/openai/eu-1", { apiKey: keys.openai, weight: 3, priority: 1 });
  const policy = await admin.json<{ id: string }>("POST", "/v1/policies", {
    name: "Careful",
    rules: { models: { deny: ["o1*"] }, fallbacks: [MODELS.anthropic], keepBodiesFor: "7d", maxAttempts: 3 },
  });
  const made = await admin.json<{ key: string }>("POST", "/v1/relay-keys", {
    name: "Production backend",
    policy: policy.id,
    expiresIn: "5d",
    quotas: { requests: 60, dollars: 25 },
  });
  const app = new Caller(relay.url, made.key);
  for (const user of ["ada@example.com", "grace"]) {
    for (const [provider, key] of Object.entries(keys)) {
      await admin.json("PUT", `/v1/users/${encodeURIComponent(user)}/credentials/${provider}`, { apiKey: key });
    }
  }
  for (const [index, model] of [...Object.values(MODELS), MODELS.openai, MODELS.openai].entries()) {
    await app.chat(model, { stream: index % 2 === 0 });
    await app.chat(model, { user: "ada@example.com", paid: true, stream: index % 2 === 1 });
    await admin.chat(model, { user: "grace", paid: false });
  }
  // One that is tried twice, one that its provider fails, one of a user without keys, one of no model.
  await sim.script("openai", { on: "/chat/completions", rateLimited: 1, times: 1 });
  const twice = await app.chat(MODELS.openai);
  await sim.script("anthropic", { on: "/messages", status: 500, error: "It failed.", times: 1 });
  await admin.chat(MODELS.anthropic);
  await admin.chat(MODELS.openai, { user: "linus" });
  await admin.chat("no-such-model");
  return { manage, app: made.key, twice };
}
