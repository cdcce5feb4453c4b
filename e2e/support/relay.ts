/** A real Relay: the binary, a data folder of its own, a free port. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "@playwright/test";
import { Relay as RelayClient } from "@relayservice/sdk";

import { Database, type DatabaseKind } from "./database";
import { RELAY_BIN } from "./environment";
import { Process, freePort, run } from "./process";

/** What `relay keys create --json` prints. */
interface CreatedKey {
  id: string;
  key: string;
}

export class RelayServer {
  readonly url: string;
  readonly dataDir: string;
  readonly database: Database;
  readonly #env: Record<string, string>;
  #process: Process;

  private constructor(url: string, dataDir: string, database: Database, env: Record<string, string>) {
    this.url = url;
    this.dataDir = dataDir;
    this.database = database;
    this.#env = env;
    this.#process = new Process(RELAY_BIN, ["serve"], env);
  }

  /** Starts on a database of its own; `env` is added to what the server is told. */
  static async start(env: Record<string, string>, kind: DatabaseKind = "sqlite"): Promise<RelayServer> {
    const port = await freePort();
    const dataDir = await mkdtemp(join(tmpdir(), "relay-e2e-"));
    const url = `http://127.0.0.1:${port}`;
    const database = await Database.create(kind);
    const relay = new RelayServer(url, dataDir, database, {
      RELAY_LISTEN: `127.0.0.1:${port}`,
      RELAY_PUBLIC_URL: url,
      RELAY_DATA_DIR: dataDir,
      RELAY_LOG: "debug",
      NO_COLOR: "1",
      ...database.env,
      ...env,
    });
    await relay.#healthy();
    return relay;
  }

  /** The one-time link for the owner's account, from the log of the first start. */
  async setupLink(): Promise<string> {
    const [link] = await this.#process.line(/http\S+\/console\/setup#[^\s\x1b]+/);
    return link;
  }

  /** Every line it has logged, since the first start. */
  get log(): string {
    return [...this.#earlier, this.#process.log].join("\n");
  }

  readonly #earlier: string[] = [];

  /** Runs a command of the operator's beside the running server. */
  async cli(...args: string[]): Promise<string> {
    return await run(RELAY_BIN, args, this.#env);
  }

  /** Makes a tenant and a key with every scope. */
  async tenantKey(tenant: string, scopes = "inference,tokens,manage"): Promise<string> {
    await this.cli("tenants", "create", tenant, "--json");
    return await this.key(tenant, scopes);
  }

  /** Makes a key of a tenant, and waits until the running server knows it. */
  async key(tenant: string, scopes: string): Promise<string> {
    const args = ["keys", "create", "--tenant", tenant, "--name", scopes, "--scopes", scopes, "--json"];
    const { key } = JSON.parse(await this.cli(...args)) as CreatedKey;
    await expect
      .poll(async () => {
        const headers = { authorization: `Bearer ${key}` };
        return (await fetch(`${this.url}/v1/models`, { headers })).status;
      })
      .not.toBe(401);
    return key;
  }

  /** The SDK, as a backend uses it. */
  client(key: string): RelayClient {
    return new RelayClient({ key, baseURL: this.url });
  }

  /** Ends as in a power cut. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Starts again on the same data, after `stop` or `kill`. */
  async startAgain(): Promise<void> {
    this.#earlier.push(this.#process.log);
    this.#process = new Process(RELAY_BIN, ["serve"], this.#env);
    await this.#healthy();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async removeData(): Promise<void> {
    await rm(this.dataDir, { recursive: true, force: true });
    await this.database.remove();
  }

  async #healthy(): Promise<void> {
    await expect
      .poll(
        async () => {
          if (this.#process.ended) {
            throw new Error(`relay ended:\n${this.#process.log}`);
          }
          return await fetch(`${this.url}/api/health`).then((response) => response.ok, () => false);
        },
        { timeout: 30_000 },
      )
      .toBe(true);
  }
}
