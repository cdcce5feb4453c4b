/**
 * Every recorded answer of every provider, in every other dialect, read by the official clients, unchanged.
 *
 * `crates/wire/tests/translations.rs` writes them, with what a client must read: text, reasoning, calls, finish, tokens.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { PYTHON, ROOT } from "../support/environment";
import { run } from "../support/process";
import { demandOnThePage, hasRecordings, translationsIn } from "../support/shared";

const clients = [
  { language: "Node.js", command: process.execPath, script: "e2e/clients/node/parse-translations.mjs" },
  { language: "Python", command: PYTHON, script: "e2e/clients/python/parse_translations.py" },
];

if (hasRecordings) {
  let folder: string;

  test.beforeAll(async () => {
    // The first build of the crate's tests takes its time.
    test.setTimeout(600_000);
    folder = await mkdtemp(join(tmpdir(), "relay-translations-"));
    await translationsIn(folder);
  });

  test.afterAll(async () => rm(folder, { recursive: true, force: true }));

  for (const { language, command, script } of clients) {
    test(`the official clients for ${language} read every recording in every other dialect`, async () => {
      test.setTimeout(240_000);
      const output = await run(command, [`${ROOT}/${script}`, folder]);
      console.log(`${language}:\n${output}`);
      const table = output.split("\n").filter((line) => line.startsWith("|"));
      expect(table.length).toBeGreaterThan(3);
      demandOnThePage(table.join("\n"));
    });
  }
} else {
  test.skip("skipped: ../shared is absent, so there are no recordings to translate", () => undefined);
}
