import { type ClientOptions, OpenAI } from "openai";

import { environmentVariable, isBrowser } from "./environment.js";
import { checkedLabel, labelInHeader } from "./labels.js";
import { type Fetch, Transport } from "./transport.js";
import type { RegistrationToken, RegistrationTokenOptions } from "./types.js";
import { Users } from "./users.js";

const DEFAULT_BASE_URL = "http://127.0.0.1:8787";
const DEFAULT_TIMEOUT_MS = 30_000;

/** How to reach Relay. */
export interface RelayOptions {
  /** The relay key, `rly-...`. It belongs on a server. */
  key: string;
  /** Where Relay is; `RELAY_BASE_URL` when left out, else `http://127.0.0.1:8787`. */
  baseURL?: string;
  /** Used instead of the global `fetch`, by the `OpenAI` clients as well. */
  fetch?: Fetch;
  /** The longest to wait for one of Relay's own routes, in milliseconds. Default 30 seconds. */
  timeout?: number;
  /** Allows a relay key in a web page, where every visitor can read it. Never in production. */
  dangerouslyAllowBrowser?: boolean;
}

/** On whose behalf an `OpenAI` client calls, and anything else that client takes. */
export interface RelayOpenAIOptions
  extends Omit<
    ClientOptions,
    "apiKey" | "baseURL" | "adminAPIKey" | "organization" | "project" | "defaultHeaders"
  > {
  /** The end user whose own key is used; `null` for your own keys (the pool). */
  user: string | null;
  /** Whether this user pays (`true`) or is on the free tier (`false`), for your policies. */
  paid?: boolean;
  /** Sent with every call; those that say on whose behalf are Relay's and cannot be set here. */
  defaultHeaders?: Record<string, string | null | undefined>;
}

/** Relay, from a backend. */
export class Relay {
  /** Your end users and their keys. */
  readonly users: Users;
  /** Where Relay is, without a trailing slash. */
  readonly baseURL: string;
  readonly #key: string;
  readonly #fetch: Fetch | undefined;
  readonly #transport: Transport;
  readonly #allowBrowser: boolean;

  constructor(options: RelayOptions) {
    this.#allowBrowser = options.dangerouslyAllowBrowser ?? false;
    if (isBrowser() && !this.#allowBrowser) {
      throw new Error(
        "A relay key must not be in a web page: every visitor could use it. Use this package on " +
          "your server, and the widget with a registration token in the page.",
      );
    }
    this.#key = checkedKey(options.key);
    this.baseURL = checkedBaseURL(
      options.baseURL ?? environmentVariable("RELAY_BASE_URL") ?? DEFAULT_BASE_URL,
    );
    this.#fetch = options.fetch;
    const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
    this.#transport = new Transport(this.baseURL, this.#key, fetch, timeout);
    this.users = new Users(this.#transport);
  }

  /**
   * Lets one end user connect one provider key: pass `registrationToken` to the widget in your
   * page. Needs a relay key with the scope `tokens`.
   */
  async createRegistrationToken(options: RegistrationTokenOptions): Promise<RegistrationToken> {
    const { user, provider, expiresIn, allowedOrigins } = options;
    const endUserLabel = checkedLabel(user);
    return this.#transport.send({
      method: "POST",
      path: "/v1/registration-tokens",
      body: { endUserLabel, provider, expiresIn, allowedOrigins },
    });
  }

  /**
   * The official OpenAI client, bound to one end user: every call uses that user's own key, for
   * models of every provider. Needs a relay key with the scope `inference`.
   */
  openai({ user, paid, defaultHeaders, ...options }: RelayOpenAIOptions): OpenAI {
    const bound: Record<string, string> = {};
    if (user !== null) {
      bound["X-Relay-User"] = labelInHeader(user);
    }
    if (paid !== undefined) {
      bound["X-Relay-Paid"] = String(paid);
    }
    return new OpenAI({
      ...(this.#fetch && { fetch: this.#fetch as NonNullable<ClientOptions["fetch"]> }),
      ...(this.#allowBrowser && { dangerouslyAllowBrowser: true }),
      ...options,
      apiKey: this.#key,
      baseURL: `${this.baseURL}/v1`,
      // Else the client would take them from OPENAI_ORG_ID and OPENAI_PROJECT_ID.
      organization: null,
      project: null,
      defaultHeaders: { ...withoutRelays(defaultHeaders), ...bound },
    });
  }
}

function withoutRelays(headers: RelayOpenAIOptions["defaultHeaders"] = {}) {
  const relays = ["x-relay-user", "x-relay-paid"];
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !relays.includes(name.toLowerCase())),
  );
}

function checkedKey(key: unknown): string {
  if (typeof key !== "string" || key === "") {
    throw new TypeError("key: give the relay key (rly-...) that the console or `relay keys create` showed.");
  }
  // A header refuses other characters with a message that quotes the whole value.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError("key: the relay key holds a space, line break or other character that no key has.");
  }
  return key;
}

function checkedBaseURL(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError("baseURL: give the address of Relay, e.g. https://relay.example.com");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError("baseURL: the address of Relay begins with https:// or http://");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError("baseURL: only scheme, host, port and path, e.g. https://relay.example.com");
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "").replace(/\/v1$/, "");
}
