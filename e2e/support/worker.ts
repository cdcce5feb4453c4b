/** A Cloudflare Worker on this machine: workerd, the runtime that Cloudflare runs. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";

import { BIN } from "./environment";
import { Process, freePort } from "./process";

/** What a worker is made of: a module of a file, or one that is written here, and what it has in `env`. */
interface Source {
  file?: string;
  code?: string;
  /** Where the packages are that it imports. */
  folder: string;
  env: Record<string, string>;
}

export class Worker {
  readonly url: string;
  readonly #process: Process;
  readonly #folder: string;

  private constructor(process: Process, url: string, folder: string) {
    this.#process = process;
    this.url = url;
    this.#folder = folder;
  }

  static async start({ file, code, folder: resolveDir, env }: Source): Promise<Worker> {
    const folder = await mkdtemp(join(tmpdir(), "relay-worker-"));
    await build({
      ...(file ? { entryPoints: [file] } : { stdin: { contents: code ?? "", resolveDir, loader: "ts" } }),
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      // As Wrangler does; nothing of Node's is there to be imported.
      platform: "browser",
      conditions: ["workerd", "worker", "browser"],
      logLevel: "silent",
    });
    const text = (value: string) => JSON.stringify(value);
    const bindings = Object.entries(env).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
    await writeFile(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
      bindings = [${bindings.join(", ")}],
    )),
    (name = "internet", network = (allow = ["private", "public", "local"])),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);
`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const process = new Process(BIN("workerd"), ["serve", join(folder, "config.capnp"), `--socket-addr=http=${address}`, "--control-fd=1"]);
    await process.line(/"event":"listen"/);
    return new Worker(process, `http://${address}`, folder);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
