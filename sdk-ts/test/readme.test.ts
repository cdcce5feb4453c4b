/** Every example of the READMEs has the right types. That it works is tried in e2e, against a real Relay. */

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, expect, it } from "vitest";

import { program, snippets } from "../scripts/snippets.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Inside the package, so that its own name and those of the clients lead somewhere. */
const FOLDER = join(ROOT, "test/.snippets");
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

it("the examples of both READMEs are right, strictly", async () => {
  const found = [
    ...snippets(join(ROOT, "README.md"), "ts", "tsx"),
    ...snippets(join(ROOT, "packages/widget/README.md"), "ts", "tsx"),
  ];
  expect(found.length).toBeGreaterThanOrEqual(20);
  mkdirSync(FOLDER, { recursive: true });
  const files = found.map((snippet, index) => {
    const file = `${index}.${snippet.language}`;
    writeFileSync(join(FOLDER, file), program(snippet));
    return file;
  });
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    jsx: "react-jsx",
    lib: ["es2022", "dom", "dom.iterable"],
    types: ["node"],
    skipLibCheck: true,
  };
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const check = promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), ["-p", FOLDER]);
  const { stdout } = await check.catch((error: { stdout: string }) => error);
  const named = stdout.replace(/^\S*?(\d+)\.tsx?/gm, (_file, index: string) => found[Number(index)]?.name ?? "");
  expect(named).toBe("");
});

it("what a README says of sizes and versions is so", () => {
  const { peerDependencies, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(peerDependencies).toEqual({ openai: ">=4 <8", "@anthropic-ai/sdk": ">=0.60 <2" });
  expect(engines.node).toBe(">=20");
});
