import { checkedLabel, segment } from "./labels.js";
import { List } from "./pages.js";
import type { Call, CallOptions, Transport } from "./transport.js";
import type {
  ChangedRelayKey,
  ChangedTenantSettings,
  ChangedWebhook,
  CreatedRelayKey,
  Credential,
  CredentialTest,
  Delivery,
  DeliveryQuery,
  EndUser,
  Latency,
  LatencyQuery,
  NewCredential,
  NewPolicy,
  NewPoolCredential,
  NewRegistrationToken,
  NewRelayKey,
  NewWebhook,
  Policy,
  PolicyQuery,
  Provider,
  ProviderHealth,
  Reach,
  ReachQuestion,
  RegistrationToken,
  RelayKey,
  RequestDetail,
  RequestExportQuery,
  RequestQuery,
  RequestRecord,
  RotateRelayKey,
  RotateWebhook,
  TenantSettings,
  Usage,
  UsageQuery,
  UserQuery,
  UserUsageQuery,
  Webhook,
  WebhookWithSecret,
} from "./types.js";

/** What the resources have in common: calls below one path. */
abstract class Resource {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  protected call<T>(
    method: Call["method"],
    below: string,
    options: CallOptions | undefined,
    more?: Pick<Call, "body" | "query" | "repeatable">,
  ): Promise<T> {
    return this.#transport.send({ method, path: this.#path + below, ...more }, options);
  }

  protected listed<T>(options: CallOptions | undefined, query?: object, below = ""): List<T> {
    return new List(this.#transport, { method: "GET", path: this.#path + below, query }, options);
  }

  protected streamed(below: string, query: object, options: CallOptions | undefined): Promise<Response> {
    return this.#transport.stream({ method: "GET", path: this.#path + below, query }, options);
  }

  protected elsewhere<T>(path: string, body: unknown, options: CallOptions | undefined): Promise<T> {
    return this.#transport.send({ method: "POST", path, body, repeatable: true }, options);
  }

  protected credentialsBelow(below: string): UserCredentials {
    return new UserCredentials(this.#transport, `${this.#path}${below}/credentials`);
  }
}

/** Permissions for your end users to connect a key. Needs a relay key with the scope `tokens`. */
export class RegistrationTokens extends Resource {
  /** Lets one end user connect one provider key: pass `registrationToken` to the widget in your page. */
  async create({ user, ...rest }: NewRegistrationToken, options?: CallOptions): Promise<RegistrationToken> {
    const body = { endUserLabel: checkedLabel(user), ...rest };
    // A token more that nobody uses ends by itself.
    return this.call("POST", "", options, { body, repeatable: true });
  }
}

/** Your end users, as Relay knows them. Needs a relay key with the scope `manage`. */
export class Users extends Resource {
  /** Users, newest first. */
  list(query: UserQuery = {}, options?: CallOptions): List<EndUser> {
    return this.listed(options, query);
  }

  /** One user, with what is connected. */
  async get(label: string, options?: CallOptions): Promise<EndUser> {
    return this.call("GET", `/${segment(label)}`, options);
  }

  /** What a user's calls used and cost over a stretch of time. */
  async usage(label: string, query: UserUsageQuery = {}, options?: CallOptions): Promise<Usage> {
    return this.call("GET", `/${segment(label)}/usage`, options, { query });
  }

  /** Forgets a user, keys and all. */
  async delete(label: string, options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(label)}`, options);
  }

  /** A user's keys in the vault. */
  credentials(label: string): UserCredentials {
    return this.credentialsBelow(`/${segment(label)}`);
  }
}

/** One user's keys in the vault. */
export class UserCredentials extends Resource {
  /** What is connected. */
  list(options?: CallOptions): List<Credential> {
    return this.listed(options);
  }

  /** Stores a key you already hold for this user, in place of the one there was. */
  async put(provider: Provider, credential: NewCredential, options?: CallOptions): Promise<Credential> {
    return this.call("PUT", `/${segment(provider)}`, options, { body: credential });
  }

  /** Asks the provider about a key, now. */
  async test(provider: Provider, options?: CallOptions): Promise<CredentialTest> {
    return this.call("POST", `/${segment(provider)}/test`, options, { repeatable: true });
  }

  /** Removes a key from the vault. */
  async delete(provider: Provider, options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(provider)}`, options);
  }
}

/** Your own provider keys: the pool. Needs a relay key with the scope `manage`. */
export class Credentials extends Resource {
  /** What is in the pool. */
  list(options?: CallOptions): List<Credential> {
    return this.listed(options);
  }

  /** Adds a key, or changes the one of this name; without `apiKey` the key stays. */
  async put(provider: Provider, credential: NewPoolCredential, options?: CallOptions): Promise<Credential> {
    const { name = "default", ...body } = credential;
    return this.call("PUT", `/${segment(provider)}/${segment(name)}`, options, { body });
  }

  /** Asks the provider about a key, now. */
  async test(provider: Provider, name = "default", options?: CallOptions): Promise<CredentialTest> {
    return this.call("POST", `/${segment(provider)}/${segment(name)}/test`, options, { repeatable: true });
  }

  /** Takes a key out of the pool. */
  async delete(provider: Provider, name = "default", options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(provider)}/${segment(name)}`, options);
  }
}

/** The providers you have keys of your own for. Needs a relay key with the scope `manage`. */
export class Providers extends Resource {
  /** All of them, with how each key is doing. */
  list(options?: CallOptions): List<ProviderHealth> {
    return this.listed(options);
  }
}

/** The keys your apps call Relay with. Needs a relay key with the scope `manage`. */
export class RelayKeys extends Resource {
  /** All of them. */
  list(options?: CallOptions): List<RelayKey> {
    return this.listed(options);
  }

  /** One of them. */
  async get(id: string, options?: CallOptions): Promise<RelayKey> {
    return this.call("GET", `/${segment(id)}`, options);
  }

  /** Makes one. Its bearer is `key`, shown this once. */
  async create(key: NewRelayKey, options?: CallOptions): Promise<CreatedRelayKey> {
    return this.call("POST", "", options, { body: key });
  }

  /** Changes one. */
  async update(id: string, changes: ChangedRelayKey, options?: CallOptions): Promise<RelayKey> {
    return this.call("PATCH", `/${segment(id)}`, options, { body: changes });
  }

  /** Gives one another bearer; the old one lasts for as long as `grace` says. */
  async rotate(id: string, how: RotateRelayKey = {}, options?: CallOptions): Promise<CreatedRelayKey> {
    return this.call("POST", `/${segment(id)}/rotate`, options, { body: how });
  }

  /** Ends one, for good. */
  async revoke(id: string, options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(id)}`, options);
  }
}

/** What relay keys are held to. Needs a relay key with the scope `manage`. */
export class Policies extends Resource {
  /** Policies, newest first. */
  list(query: PolicyQuery = {}, options?: CallOptions): List<Policy> {
    return this.listed(options, query);
  }

  /** One policy. */
  async get(id: string, options?: CallOptions): Promise<Policy> {
    return this.call("GET", `/${segment(id)}`, options);
  }

  /** Makes a policy. */
  async create(policy: NewPolicy, options?: CallOptions): Promise<Policy> {
    return this.call("POST", "", options, { body: policy });
  }

  /** Puts another policy in the place of one, the whole of it. */
  async replace(id: string, policy: NewPolicy, options?: CallOptions): Promise<Policy> {
    return this.call("PUT", `/${segment(id)}`, options, { body: policy });
  }

  /** Tells what a relay key, a policy, or rules that are not saved yet, would let through, and why not the rest. */
  async reach(question: ReachQuestion, options?: CallOptions): Promise<Reach> {
    return this.elsewhere("/v1/reach", question, options);
  }

  /** Removes a policy that no relay key is held to. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(id)}`, options);
  }
}

/** What was used, and what it cost. Needs a relay key with the scope `manage`. */
export class UsageReports extends Resource {
  /** Calls, tokens and costs over a stretch of time. */
  async get(query: UsageQuery = {}, options?: CallOptions): Promise<Usage> {
    return this.call("GET", "", options, { query });
  }

  /** How long answers took. */
  async latency(query: LatencyQuery = {}, options?: CallOptions): Promise<Latency> {
    return this.call("GET", "/latency", options, { query });
  }
}

/** The inference calls that were made. Needs a relay key with the scope `manage`. */
export class Requests extends Resource {
  /** Calls, newest first. */
  list(query: RequestQuery = {}, options?: CallOptions): List<RequestRecord> {
    return this.listed(options, query);
  }

  /** One call and how it went: its phases, and each candidate that was tried. */
  async get(id: string, options?: CallOptions): Promise<RequestDetail> {
    return this.call("GET", `/${segment(id)}`, options);
  }

  /** The rows of `list` as a file, CSV or NDJSON: the answer as it comes, its body a stream. */
  async export(query: RequestExportQuery = {}, options?: CallOptions): Promise<Response> {
    return this.streamed("/export", query, options);
  }
}

/** Addresses of yours that are told of events; `verifyWebhook` reads what they get. Needs the scope `manage`. */
export class Webhooks extends Resource {
  /** All of them. */
  list(options?: CallOptions): List<Webhook> {
    return this.listed(options);
  }

  /** One of them. */
  async get(id: string, options?: CallOptions): Promise<Webhook> {
    return this.call("GET", `/${segment(id)}`, options);
  }

  /** Makes one. What it is signed with is `secret`, shown this once. */
  async create(webhook: NewWebhook, options?: CallOptions): Promise<WebhookWithSecret> {
    return this.call("POST", "", options, { body: webhook });
  }

  /** Changes one. */
  async update(id: string, changes: ChangedWebhook, options?: CallOptions): Promise<Webhook> {
    return this.call("PATCH", `/${segment(id)}`, options, { body: changes });
  }

  /** Removes one, and what was still to be sent. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    return this.call("DELETE", `/${segment(id)}`, options);
  }

  /** Gives one another secret; the old one signs as well for as long as `grace` says. */
  async rotate(id: string, how: RotateWebhook = {}, options?: CallOptions): Promise<WebhookWithSecret> {
    return this.call("POST", `/${segment(id)}/rotate`, options, { body: how });
  }

  /** Sends it a `webhook.test`, and says how that went. */
  async test(id: string, options?: CallOptions): Promise<Delivery> {
    return this.call("POST", `/${segment(id)}/test`, options);
  }

  /** What was sent to it, newest first. */
  deliveries(id: string, query: DeliveryQuery = {}, options?: CallOptions): List<Delivery> {
    return this.listed(options, query, `/${segment(id)}/deliveries`);
  }

  /** Sends something again. */
  async retry(id: string, deliveryId: string, options?: CallOptions): Promise<Delivery> {
    return this.call("POST", `/${segment(id)}/deliveries/${segment(deliveryId)}/retry`, options);
  }
}

/** What is so for all of the tenant. Needs a relay key with the scope `manage`. */
export class Settings extends Resource {
  /** As it is. */
  async get(options?: CallOptions): Promise<TenantSettings> {
    return this.call("GET", "", options);
  }

  /** Changes some of it. */
  async update(changes: ChangedTenantSettings, options?: CallOptions): Promise<TenantSettings> {
    return this.call("PATCH", "", options, { body: changes });
  }
}
