import { labelInPath } from "./labels.js";
import type { Transport } from "./transport.js";
import type { Credential, EndUser, NewCredential, Page, PageOptions, Provider } from "./types.js";

/** Your end users, as Relay knows them. Needs a relay key with the scope `manage`. */
export class Users {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One page of users, newest first. */
  list({ limit, cursor }: PageOptions = {}): Promise<Page<EndUser>> {
    return this.#transport.send({ method: "GET", path: "/v1/users", query: { limit, cursor } });
  }

  /** One user, with what is connected. */
  async get(label: string): Promise<EndUser> {
    return this.#transport.send({ method: "GET", path: userPath(label) });
  }

  /** Forgets a user, keys and all. */
  async delete(label: string): Promise<void> {
    await this.#transport.send({ method: "DELETE", path: userPath(label) });
  }

  /** A user's keys in the vault. */
  credentials(label: string): UserCredentials {
    return new UserCredentials(this.#transport, `${userPath(label)}/credentials`);
  }
}

/** One user's keys in the vault. */
export class UserCredentials {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** What is connected. */
  list(): Promise<Page<Credential>> {
    return this.#transport.send({ method: "GET", path: this.#path });
  }

  /** Stores a key you already hold for this user, in place of the one there was. */
  put(provider: Provider, credential: NewCredential): Promise<Credential> {
    const path = `${this.#path}/${encodeURIComponent(provider)}`;
    return this.#transport.send({ method: "PUT", path, body: credential });
  }

  /** Removes a key from the vault. */
  async delete(provider: Provider): Promise<void> {
    const path = `${this.#path}/${encodeURIComponent(provider)}`;
    await this.#transport.send({ method: "DELETE", path });
  }
}

function userPath(label: string): string {
  return `/v1/users/${labelInPath(label)}`;
}
