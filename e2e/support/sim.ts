/** The simulated providers (`crates/provider-sim`), from outside. */

import { PROVIDER_SIM_BIN } from "./environment";
import { Process } from "./process";

/** A provider's id in Relay. */
export type Provider = "openai" | "anthropic" | "google";

/** One reply, as `POST /__sim/script` takes it. */
export interface Reply {
  on?: string;
  text?: string;
  toolCalls?: Array<{ name: string; arguments: Record<string, unknown> }>;
  /** What the model thinks first; the provider signs it and, where it does so in life, wants it back. */
  thinking?: string;
  error?: string;
  /** A 429 that says to come back in this many seconds. */
  rateLimited?: number;
  body?: unknown;
  reset?: boolean;
  hang?: boolean;
  status?: number;
  headers?: Record<string, string>;
  times?: number;
  cutAfter?: number;
  resetAfter?: number;
  errorAfter?: number;
  hold?: string;
  holdAfter?: number;
}

/** A request that reached a simulated provider. */
export interface ReceivedRequest {
  provider: Provider;
  method: string;
  path: string;
  query: string | null;
  headers: Array<[string, string]>;
  body: Record<string, unknown> | null;
  bodyText: string;
}

export class ProviderSim {
  readonly url: string;
  readonly #process: Process;

  private constructor(process: Process, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(keys: Record<Provider, string>): Promise<ProviderSim> {
    const args = Object.entries(keys).flatMap(([provider, key]) => ["--key", `${provider}=${key}`]);
    const process = new Process(PROVIDER_SIM_BIN, ["--listen", "127.0.0.1:0", ...args]);
    const [, url] = await process.line(/SIMULATED providers on (http:\/\/[^:]+:\d+)/);
    return new ProviderSim(process, url!);
  }

  /** What points a Relay at the simulation. */
  get hostUrls(): Record<string, string> {
    return {
      RELAY_HOST_OPENAI_URL: `${this.url}/openai/v1`,
      RELAY_HOST_ANTHROPIC_URL: `${this.url}/anthropic/v1`,
      RELAY_HOST_GOOGLE_URL: `${this.url}/gemini/v1beta`,
    };
  }

  async allowKey(provider: Provider, key: string): Promise<void> {
    await this.#control("PUT", "keys", { provider, key });
  }

  async refuseKey(provider: Provider, key: string): Promise<void> {
    await this.#control("DELETE", "keys", { provider, key });
  }

  async script(provider: Provider, reply: Reply): Promise<void> {
    await this.#control("POST", "script", { provider, ...reply });
  }

  async release(hold: string): Promise<void> {
    await this.#control("POST", "release", { hold });
  }

  async received(): Promise<ReceivedRequest[]> {
    return (await (await this.#control("GET", "requests")).json()) as ReceivedRequest[];
  }

  /** Forgets scripts and requests. */
  async reset(): Promise<void> {
    await this.#control("DELETE", "script");
    await this.#control("DELETE", "requests");
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async #control(method: string, path: string, body?: unknown): Promise<Response> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.headers = { "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    const response = await fetch(`${this.url}/__sim/${path}`, init);
    if (!response.ok) {
      throw new Error(`${method} /__sim/${path}: ${response.status} ${await response.text()}`);
    }
    return response;
  }
}
