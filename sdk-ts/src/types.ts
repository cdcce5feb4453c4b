/** What Relay's routes take and answer. Instants are RFC 3339 texts in UTC, as the server sends them. */

/** A provider's id in Relay's catalog. */
export type Provider = "openai" | "anthropic" | "google" | (string & {});

/** A life span: a number of minutes (`15`), or text with a unit (`"90s"`, `"15m"`, `"1h"`). */
export type ExpiresIn = number | (string & {});

/** What {@link Relay.createRegistrationToken} takes. */
export interface RegistrationTokenOptions {
  /** Your own name for the end user, 1 to 256 characters; the same one you later chat with. */
  user: string;
  /** Locks the token to one provider. */
  provider?: Provider;
  /** Default 15 minutes; 1 to 60 minutes. */
  expiresIn?: ExpiresIn;
  /** Web origins (`https://app.example.com`) whose pages may use the token; any, when left out. */
  allowedOrigins?: string[];
}

/** Permission for one end user to connect one provider key: for `Relay.mount` in the browser. */
export interface RegistrationToken {
  registrationToken: string;
  /** When it stops working. */
  expiresAt: string;
}

/** Whether a key in the vault is expected to work. */
export type CredentialStatus = "active" | "limited" | "broken";

/** What may be shown of a key in the vault. The key itself is shown to nobody. */
export interface Credential {
  id: string;
  provider: Provider;
  /** `default`, or the name given to one of several keys in a tenant's pool. */
  name: string;
  /** The key's last four characters. */
  last4: string;
  /** Equal for equal keys of one tenant, useless elsewhere. */
  fingerprint: string;
  status: CredentialStatus;
  /** The base URL, where it is not the provider's own. */
  baseUrl?: string | null;
  connectedAt: string;
  lastUsedAt?: string | null;
}

/** A provider key you already hold for a user, to be moved into the vault. */
export interface NewCredential {
  apiKey: string;
  /** A base URL other than the provider's own. */
  baseUrl?: string;
}

/** A customer of yours, by the label you chose. */
export interface EndUser {
  label: string;
  createdAt: string;
  /** What this user has connected. */
  credentials: Credential[];
}

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** Pass as `cursor` to get the next page; absent on the last one. */
  nextCursor?: string | null;
}

/** Which page of a list to get. */
export interface PageOptions {
  limit?: number;
  cursor?: string;
}
