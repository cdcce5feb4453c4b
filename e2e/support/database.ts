/** The database under a server: its own file, or one made in a PostgreSQL that is given. */

import { randomBytes } from "node:crypto";

import { Client } from "pg";

/** What the servers of the tests keep their data in. */
export const DATABASES = ["sqlite", "postgres"] as const;
export type DatabaseKind = (typeof DATABASES)[number];

/** A PostgreSQL in which databases may be made: `postgres://SUPERUSER:PASSWORD@HOST/DATABASE`. */
const POSTGRES = process.env.RELAY_TEST_POSTGRES_URL;

/** Why a kind cannot be tested here; nothing where it can. */
export function missing(kind: DatabaseKind): string | undefined {
  return kind === "postgres" && !POSTGRES ? "RELAY_TEST_POSTGRES_URL is not set: `cargo xtask e2e` sets it" : undefined;
}

/** A database of a test's own. */
export class Database {
  /** What the server is told; nothing for SQLite, which is a file in its data folder. */
  readonly env: Record<string, string>;
  readonly #name: string | undefined;

  private constructor(name?: string) {
    this.#name = name;
    this.env = name ? { RELAY_DATABASE_URL: addressOf(name) } : {};
  }

  static async create(kind: DatabaseKind): Promise<Database> {
    if (kind === "sqlite") {
      return new Database();
    }
    const name = `relay_e2e_${randomBytes(8).toString("hex")}`;
    await ask(POSTGRES!, `CREATE DATABASE ${name}`);
    return new Database(name);
  }

  /** Every row of every table as text, by table; empty for SQLite, whose file is searched itself. */
  async tables(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    if (this.#name) {
      const address = addressOf(this.#name);
      const tables = await ask(address, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
      for (const { name } of tables) {
        const rows = await ask(address, `SELECT row_to_json(t)::text AS row FROM "${name}" t`);
        // As PostgreSQL writes bytes: in hex, which the search looks for as well.
        found.set(name!, rows.map(({ row }) => row).join("\n"));
      }
    }
    return found;
  }

  async remove(): Promise<void> {
    if (this.#name) {
      await ask(POSTGRES!, `DROP DATABASE ${this.#name} WITH (FORCE)`);
    }
  }
}

function addressOf(name: string): string {
  const url = new URL(POSTGRES!);
  url.pathname = `/${name}`;
  return url.toString();
}

async function ask(address: string, sql: string): Promise<Array<Record<string, string>>> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(sql)).rows;
  } finally {
    await client.end();
  }
}
