/** What is published: the built package, as those find it who install it. */

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sizes } from "../scripts/size.mjs";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGES = { "@relayservice/sdk": ROOT, "@relayservice/widget": join(ROOT, "packages/widget") };
const bin = (name: string) => join(ROOT, "node_modules/.bin", name);
const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder of an app that has installed the SDK, and of other packages these. */
function app(...others: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "relay-sdk-"));
  folders.push(folder);
  const sdk = join(folder, "node_modules/@relayservice/sdk");
  mkdirSync(sdk, { recursive: true });
  for (const part of ["dist", "package.json"]) {
    cpSync(join(ROOT, part), join(sdk, part), { recursive: true });
  }
  for (const other of others) {
    symlinkSync(join(ROOT, "node_modules", other), join(folder, "node_modules", other));
  }
  return folder;
}

/** What a program prints that is put into a folder. */
async function outputOf(folder: string, name: string, code: string): Promise<string> {
  writeFileSync(join(folder, name), code);
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: folder });
  expect(stderr).toBe("");
  return stdout.trim();
}

describe.each(Object.entries(PACKAGES))("%s", (_name, folder) => {
  let tarball: string;
  beforeAll(async () => {
    const destination = mkdtempSync(join(tmpdir(), "relay-pack-"));
    folders.push(destination);
    // Without scripts, which would build again under the other tests' feet.
    const pack = ["pack", "--ignore-scripts", "--loglevel=silent", "--pack-destination", destination];
    const { stdout } = await run("npm", pack, { cwd: folder });
    tarball = join(destination, stdout.trim());
  });

  it("has no runtime dependency, and no peer that is forced on anyone", () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifest(folder);
    expect(dependencies).toBeUndefined();
    const optional = Object.entries(peerDependenciesMeta).filter(([, meta]) => (meta as { optional: boolean }).optional);
    expect(optional.map(([name]) => name)).toEqual(Object.keys(peerDependencies));
  });

  it("is what publint calls clean", async () => {
    const { stdout } = await run(bin("publint"), ["run", "--strict", tarball], { cwd: ROOT });
    expect(stdout).toContain("All good!");
  });

  it("has types that are right for every way of importing it", async () => {
    const said = await run(bin("attw"), [tarball, "--format", "json"], { cwd: ROOT, maxBuffer: 1e8 }).catch(
      (error: { stdout: string }) => error,
    );
    const { analysis, problems = {} } = JSON.parse(said.stdout);
    expect(problems).toEqual({});
    expect(analysis.types.kind).toBe("included");
  });
});

it("the packages weigh no more than they may, as brotli", async () => {
  const weights = await sizes();
  expect(Object.keys(weights)).toContain("@relayservice/sdk");
  for (const [name, { bytes, budget }] of Object.entries(weights)) {
    console.log(`${name}: ${bytes} of ${budget} bytes`);
    expect(bytes, name).toBeLessThanOrEqual(budget);
  }
});

describe("an official client", () => {
  it.each([
    ["import.mjs", 'import { Relay } from "@relayservice/sdk"; import { OpenAI } from "openai";'],
    ["require.cjs", 'const { Relay } = require("@relayservice/sdk"); const { OpenAI } = require("openai");'],
  ])("that is installed is found, and is the one that the app has: %s", async (name, imports) => {
    const use = 'console.log(new Relay({ key: "rly-x" }).openai({ user: "u" }) instanceof OpenAI);';
    expect(await outputOf(app("openai"), name, imports + use)).toBe("true");
  });

  it.each([
    ["import.mjs", 'import { Relay } from "@relayservice/sdk";'],
    ["require.cjs", 'const { Relay } = require("@relayservice/sdk");'],
  ])("that is not installed is not missed until it is used: %s", async (name, imports) => {
    const use = `
      const relay = new Relay({ key: "rly-x" });
      try { relay.openai({ user: "u" }); } catch (error) { console.log(error.message); }
    `;
    expect(await outputOf(app(), name, imports + use)).toContain("The package openai is not to be found: install it.");
  });

  it("is not loaded before it is used", async () => {
    const code = `
      import { Relay } from "@relayservice/sdk";
      import { createRequire } from "node:module";
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).length;
      new Relay({ key: "rly-x" });
      console.log(loaded());
    `;
    expect(await outputOf(app("openai"), "lazy.mjs", code)).toBe("0");
  });
});

describe("types, for those who do not skip the checks of libraries", () => {
  const options = { noEmit: true, strict: true, target: "es2022", lib: ["es2022", "dom", "dom.iterable"], types: [] };
  const code = `
    import { Relay, type ModelId } from "@relayservice/sdk";
    const relay = new Relay({ key: "rly-x" });
    const model: ModelId = "one-of-tomorrow";
    export async function labels(): Promise<string[]> {
      const found: string[] = [];
      for await (const user of relay.users.list({ limit: 2 })) found.push(user.label);
      return found;
    }
    export const client = relay.openai({ user: "u", maxRetries: 1 });
    // @ts-expect-error: whose key it is has to be said
    relay.openai({});
    // @ts-expect-error: there is no such field
    relay.users.list({ limits: 2 });
    console.log(model);
  `;
  it.each([
    ["bundler", "esnext", "main.ts"],
    ["node16", "node16", "main.mts"],
    ["node16", "node16", "main.cts"],
  ])("hold without any client: %s, %s, %s", async (resolution, module, file) => {
    const folder = app();
    writeFileSync(join(folder, file), code);
    const compilerOptions = { ...options, module, moduleResolution: resolution };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
    const said = await run(bin("tsc"), ["-p", folder]).catch((error: { stdout: string }) => error);
    expect(said.stdout).toBe("");
  });
});

describe("at the edge", () => {
  /** The built package and this code, as a bundler makes one script of them for a platform that is not Node. */
  async function bundled(code: string): Promise<string> {
    const { outputFiles, warnings } = await build({
      stdin: { contents: code, resolveDir: ROOT },
      bundle: true,
      format: "iife",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["edge-light", "worker"],
      // A script has no address, which is as good as any other in a bundle.
      define: { "import.meta.url": '"file:///worker.js"', "import.meta.resolve": "undefined" },
      logLevel: "silent",
      write: false,
    });
    expect(warnings).toEqual([]);
    return outputFiles[0]!.text;
  }

  it("it works in Vercel's edge runtime, which is not Node", async () => {
    const code = await bundled(`
      // What it has instead, and the official client counts on.
      globalThis.process = { env: {} };
      import { OpenAI } from "openai";
      import { Relay, verifyWebhook } from "@relayservice/sdk";
      const seen = [];
      const fetch = async (input, init) => {
        seen.push(init.method + " " + input + " " + new Headers(init.headers).get("x-relay-user"));
        const choices = [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }];
        return Response.json({ data: [{ label: "ada" }], choices });
      };
      const relay = new Relay({ key: "rly-x", baseURL: "https://relay.example.com", fetch, clients: { OpenAI } });
      globalThis.result = (async () => {
        const labels = [];
        for await (const { label } of relay.users.list()) labels.push(label);
        const ai = relay.openai({ user: "ada" });
        const answer = await ai.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] });
        const refused = await verifyWebhook("{}", {}, "whsec_").catch((error) => error.code);
        let missing = "";
        try { relay.anthropic({ user: "ada" }); } catch (error) { missing = error.message; }
        return JSON.stringify({ labels, said: answer.choices[0].message.content, refused, missing, seen });
      })();
    `);
    const vm = new EdgeVM();
    vm.evaluate(code);
    const result = JSON.parse(await vm.evaluate<Promise<string>>("globalThis.result"));
    expect(result).toEqual({
      labels: ["ada"],
      said: "hello",
      refused: "missing_header",
      missing: expect.stringContaining("clients: { Anthropic }"),
      seen: [
        "GET https://relay.example.com/v1/users null",
        expect.stringMatching(/^post https:\/\/relay.example.com\/v1\/chat\/completions ada$/i),
      ],
    });
  });

  it("nothing is imported, of Node's or of anybody's", () => {
    for (const file of ["dist/index.js", "dist/index.cjs"]) {
      const code = readFileSync(join(ROOT, file), "utf8");
      expect(code).not.toMatch(/^\s*import\b|\bfrom\s*["']|[^.\w]require\(["']|\bimport\(/m);
    }
  });
});

it("the CommonJS build is the same package", () => {
  const { Relay, RelayError, verifyWebhook } = createRequire(import.meta.url)("../dist/index.cjs");
  expect(new Relay({ key: "rly-x" }).baseURL).toBe("http://127.0.0.1:8787");
  expect(RelayError.prototype).toBeInstanceOf(Error);
  expect(verifyWebhook).toBeTypeOf("function");
});
