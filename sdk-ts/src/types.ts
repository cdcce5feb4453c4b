/**
 * What Relay's routes take and answer, by the names of its API's document. Instants are RFC 3339
 * texts in UTC, as the server sends them.
 */

import type { components, operations } from "./generated/api.js";

type Schemas = components["schemas"];
/** What an operation takes in its query; a `Date` will do where a text is an instant. */
type Query<Operation extends keyof operations> = operations[Operation]["parameters"] extends {
  query?: infer Parameters;
}
  ? { [Name in keyof Parameters]: Name extends "from" | "to" ? Parameters[Name] | Date : Parameters[Name] }
  : never;
/** Everything but what stands for itself in a call's path. */
type Without<Type, Names extends string> = { [Name in keyof Type as Exclude<Name, Names>]: Type[Name] };

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** Pass as `cursor` to get the next page; absent on the last one. */
  nextCursor?: string | null;
}

/** A provider's id in Relay's catalog. */
export type Provider = "openai" | "anthropic" | "google" | (string & {});
/** A life span: a number of minutes (`15`), or text with a unit (`"90s"`, `"15m"`, `"1h"`). */
export type ExpiresIn = Schemas["ExpiresIn"];

/** Permission for one end user to connect one provider key: for `Relay.mount` in the browser. */
export type RegistrationToken = Schemas["RegistrationToken"];
/** What a registration token is issued for. */
export interface NewRegistrationToken extends Without<Schemas["NewRegistrationToken"], "endUserLabel" | "provider"> {
  /** Your own name for the end user, 1 to 256 characters; the same one you later call AI with. */
  user: string;
  /** Locks the token to one provider. */
  provider?: Provider | null;
}

/** A customer of yours, by the label you chose. */
export type EndUser = Schemas["EndUser"];
/** Which users to list. */
export type UserQuery = NonNullable<Query<"listUsers">>;
/** What may be shown of a key in the vault. The key itself is shown to nobody. */
export type Credential = Schemas["Credential"];
/** Whether a key in the vault is expected to work. */
export type CredentialStatus = Schemas["CredentialStatus"];
/** A provider key for the vault. */
export type NewCredential = Without<Schemas["NewCredential"], "reference">;
/** A provider key for your own pool; each has a name, `default` when left out. */
export type NewPoolCredential = NewCredential & { name?: string };

/** A relay key, as lists show it. */
export type RelayKey = Schemas["RelayKey"];
/** What a relay key is to be and may do. */
export type NewRelayKey = Schemas["NewRelayKey"];
/** A relay key that was just made, with its bearer in `key`, this once. */
export type CreatedRelayKey = Schemas["CreatedRelayKey"];
/** What changes of a relay key: what is left out stays, `null` takes away. */
export type ChangedRelayKey = Schemas["ChangedRelayKey"];
/** How a relay key gets another bearer. */
export type RotateRelayKey = Schemas["RotateRelayKey"];

/** A policy: which models, hosts and features relay keys reach, and how. */
export type Policy = Schemas["Policy"];
/** A policy to be made, or to stand in place of one. */
export type NewPolicy = Schemas["NewPolicy"];
/** Which policies to list. */
export type PolicyQuery = NonNullable<Query<"listPolicies">>;

/** What was used in a stretch of time. */
export type Usage = Schemas["Usage"];
/** Which stretch of time, in what steps, and what it is told apart by. */
export type UsageQuery = NonNullable<Query<"getUsage">>;
/** How long answers took. */
export type Latency = Schemas["Latency"];
/** Which stretch of time, and in what steps. */
export type LatencyQuery = NonNullable<Query<"getLatency">>;

/** One inference call. */
export type RequestRecord = Schemas["RequestRecord"];
/** One inference call and how it went. */
export type RequestDetail = Schemas["RequestDetail"];
/** Which calls to list. */
export type RequestQuery = NonNullable<Query<"listRequests">>;
/** Which calls to export, and as what. */
export type RequestExportQuery = NonNullable<Query<"exportRequests">>;

/** What one end user's calls used and cost. */
export type UserUsageQuery = NonNullable<Query<"getUserUsage">>;

/** What is so for all of the tenant: name, origins, branding, retention. */
export type TenantSettings = Schemas["TenantSettings"];
/** What changes of it: what is left out stays. */
export type ChangedTenantSettings = Schemas["ChangedTenantSettings"];

/** An address of yours that is told of events. */
export type Webhook = Schemas["Webhook"];
/** An address to be told, and of what. */
export type NewWebhook = Schemas["NewWebhook"];
/** What changes of a webhook: what is left out stays. */
export type ChangedWebhook = Schemas["ChangedWebhook"];
/** How a webhook gets another secret. */
export type RotateWebhook = Schemas["RotateWebhook"];
/** A webhook with what it is signed with in `secret`, this once. */
export type WebhookWithSecret = Schemas["WebhookWithSecret"];
/** One event on its way to one address. */
export type Delivery = Schemas["Delivery"];
/** Which deliveries to list. */
export type DeliveryQuery = NonNullable<Query<"listWebhookDeliveries">>;

/** What a provider says about a key in the vault, asked just now. */
export type CredentialTest = Schemas["CredentialTest"];
/** How your own keys at one provider are doing. */
export type ProviderHealth = Schemas["ProviderHealth"];
/** Whose reach is asked about: a relay key's, a policy's, or that of rules that are not saved yet. */
export type ReachQuestion = Schemas["ReachAsked"];
/** What would be reached, and why not the rest. */
export type Reach = Schemas["Reach"];
