/** Recordings of real providers, where they are: they are not part of the project. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { ROOT } from "./environment";
import { run } from "./process";

/** The folder with `fixtures` and `tools`: `RELAY_SHARED`, or beside the repository. */
export const SHARED = process.env.RELAY_SHARED ?? `${ROOT}/../shared`;

/** Whether it is there. */
export const hasRecordings = existsSync(`${SHARED}/fixtures`);

/** Writes every recording in every other dialect, and what a client must read of it, into this folder. */
export async function translationsIn(folder: string): Promise<void> {
  // The whole workspace, so that nothing is built that `cargo xtask test` has not built.
  const which = ["--workspace", "--manifest-path", `${ROOT}/Cargo.toml`, "--test", "translations"];
  await run("cargo", ["test", "--quiet", ...which], { RELAY_TRANSLATIONS_DIR: folder });
}

/**
 * Demands that `docs/wire.md` has this table as it is. With `RELAY_WRITE_DOCS` set it is written there instead, over the
 * table of the same columns.
 */
export function demandOnThePage(table: string): void {
  const path = `${ROOT}/docs/wire.md`;
  const page = readFileSync(path, "utf8");
  const start = page.indexOf(`${table.split("\n")[0]}\n`);
  if (start < 0) {
    throw new Error(`docs/wire.md has no table with the columns ${table.split("\n")[0]}`);
  }
  const end = page.indexOf("\n\n", start);
  if (page.slice(start, end) === table) {
    return;
  }
  if (!process.env.RELAY_WRITE_DOCS) {
    throw new Error("docs/wire.md has other counts; set RELAY_WRITE_DOCS=1 to write these there");
  }
  writeFileSync(path, page.slice(0, start) + table + page.slice(end));
}
