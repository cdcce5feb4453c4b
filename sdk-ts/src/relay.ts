import { type Bound, boundFetch } from "./bound.js";
import {
  type Anthropic,
  type Clients,
  type OpenAI,
  type OtherAnthropicOptions,
  type OtherOpenAIOptions,
  clientClass,
} from "./clients.js";
import { environmentVariable, isBrowser } from "./environment.js";
import {
  Credentials,
  Policies,
  Providers,
  RegistrationTokens,
  RelayKeys,
  Requests,
  Settings,
  UsageReports,
  Users,
  Webhooks,
} from "./resources.js";
import { type Call, type CallOptions, type Fetch, Transport } from "./transport.js";
import type { NewRegistrationToken, RegistrationToken } from "./types.js";

const DEFAULT_BASE_URL = "http://127.0.0.1:8787";
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
/** What official clients are given as their key: they insist on one, and the relay key stays here. */
const NO_KEY = "sent-by-relay-sdk";
/** Below Relay's address, where each provider of Vercel's AI SDK finds its API. */
const AI_SDK_PATHS = { openai: "/v1", anthropic: "/v1", google: "/v1beta" };

/** How to reach Relay. */
export interface RelayOptions {
  /** The relay key, `rly-...`. It belongs on a server. */
  key: string;
  /** Where Relay is; `RELAY_BASE_URL` when left out, else `http://127.0.0.1:8787`. */
  baseURL?: string;
  /** Used instead of the global `fetch`, by the official clients as well. */
  fetch?: Fetch;
  /** The longest to wait for an answer of Relay's own routes, each time, in milliseconds. Default 30 seconds. */
  timeout?: number;
  /** How often a call of Relay's own routes that failed is tried again. Default 2. */
  maxRetries?: number;
  /** The official clients' classes, where they are not found by themselves: in bundles and at the edge. */
  clients?: Clients;
  /** Allows a relay key in a web page, where every visitor can read it. Never in production. */
  dangerouslyAllowBrowser?: boolean;
}

/** On whose behalf an `OpenAI` client calls, and anything else that client takes. */
export type RelayOpenAIOptions = Bound & OtherOpenAIOptions;
/** On whose behalf an `Anthropic` client calls, and anything else that client takes. */
export type RelayAnthropicOptions = Bound & OtherAnthropicOptions;

/** What `createOpenAI`, `createAnthropic` and `createGoogleGenerativeAI` of Vercel's AI SDK take. */
export interface AiSdkSettings {
  baseURL: string;
  apiKey: string;
  fetch: typeof globalThis.fetch;
}

/** Relay, from a backend. */
export class Relay {
  /** Permissions for your end users to connect a key. */
  readonly registrationTokens: RegistrationTokens;
  /** Your end users and their keys. */
  readonly users: Users;
  /** Your own provider keys: the pool. */
  readonly credentials: Credentials;
  /** The providers you have keys of your own for, and how each key is doing. */
  readonly providers: Providers;
  /** The keys your apps call Relay with. */
  readonly relayKeys: RelayKeys;
  /** What relay keys are held to. */
  readonly policies: Policies;
  /** What was used, and what it cost. */
  readonly usage: UsageReports;
  /** The inference calls that were made. */
  readonly requests: Requests;
  /** Addresses of yours that are told of events. */
  readonly webhooks: Webhooks;
  /** What is so for all of the tenant. */
  readonly settings: Settings;
  /** Where Relay is, without a trailing slash. */
  readonly baseURL: string;
  readonly #key: string;
  readonly #fetch: Fetch;
  readonly #transport: Transport;
  readonly #clients: Clients;

  constructor(options: RelayOptions) {
    if (isBrowser() && !options.dangerouslyAllowBrowser) {
      throw new Error(
        "A relay key must not be in a web page: every visitor could use it. Use this package on " +
          "your server, and the widget with a registration token in the page.",
      );
    }
    const { timeout = DEFAULT_TIMEOUT_MS, maxRetries = DEFAULT_RETRIES, clients = {} } = options;
    this.#key = checkedKey(options.key);
    this.baseURL = checkedBaseURL(
      options.baseURL ?? environmentVariable("RELAY_BASE_URL") ?? DEFAULT_BASE_URL,
    );
    // The global one is looked up late, for those who replace it, and called as the function it is.
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#clients = clients;
    const transport = new Transport({ baseURL: this.baseURL, key: this.#key, fetch: this.#fetch, timeout, maxRetries });
    this.#transport = transport;
    this.registrationTokens = new RegistrationTokens(transport, "/v1/registration-tokens");
    this.users = new Users(transport, "/v1/users");
    this.credentials = new Credentials(transport, "/v1/credentials");
    this.providers = new Providers(transport, "/v1/providers");
    this.relayKeys = new RelayKeys(transport, "/v1/relay-keys");
    this.policies = new Policies(transport, "/v1/policies");
    this.usage = new UsageReports(transport, "/v1/usage");
    this.requests = new Requests(transport, "/v1/requests");
    this.webhooks = new Webhooks(transport, "/v1/webhooks");
    this.settings = new Settings(transport, "/v1/settings");
  }

  /** Short for `registrationTokens.create`. */
  createRegistrationToken(token: NewRegistrationToken, options?: CallOptions): Promise<RegistrationToken> {
    return this.registrationTokens.create(token, options);
  }

  /**
   * The official OpenAI client, bound to one end user: every call uses that user's own key, for
   * models of every provider. Needs the package `openai`, and a relay key with the scope `inference`.
   */
  openai({ user, paid, fetch, ...options }: RelayOpenAIOptions): OpenAI {
    const OpenAI = clientClass("OpenAI", this.#clients);
    return new OpenAI({
      ...options,
      apiKey: NO_KEY,
      baseURL: `${this.baseURL}/v1`,
      // Else the client would take them from the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      dangerouslyAllowBrowser: true,
      fetch: this.fetch({ user, paid }, fetch as Fetch | undefined),
    });
  }

  /**
   * The official Anthropic client, bound to one end user, for models of every provider. Needs the
   * package `@anthropic-ai/sdk`, and a relay key with the scope `inference`.
   */
  anthropic({ user, paid, fetch, ...options }: RelayAnthropicOptions): Anthropic {
    const Anthropic = clientClass("Anthropic", this.#clients);
    return new Anthropic({
      ...options,
      apiKey: NO_KEY,
      authToken: null,
      baseURL: this.baseURL,
      dangerouslyAllowBrowser: true,
      fetch: this.fetch({ user, paid }, fetch as Fetch | undefined),
    });
  }

  /**
   * A `fetch` bound to one end user, for whatever takes one. It calls Relay alone (an address that
   * begins with `/` is Relay's), and puts the relay key where clients put keys of their own.
   */
  fetch(bound: Bound, fetch: Fetch = this.#fetch): typeof globalThis.fetch {
    return boundFetch(bound, this.baseURL, this.#key, fetch);
  }

  /** Settings for a provider of Vercel's AI SDK, bound to one end user: `createOpenAI(relay.aiSdk("openai", { user }))`. */
  aiSdk(api: keyof typeof AI_SDK_PATHS, bound: Bound): AiSdkSettings {
    return { baseURL: this.baseURL + AI_SDK_PATHS[api], apiKey: NO_KEY, fetch: this.fetch(bound) };
  }

  /** Calls any other of Relay's own routes, and gives the JSON of its answer. */
  request<T>(call: Call, options?: CallOptions): Promise<T> {
    return this.#transport.send(call, options);
  }
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
