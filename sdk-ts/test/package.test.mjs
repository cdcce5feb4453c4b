import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";

const packageFile = new URL("../package.json", import.meta.url);
const { dependencies, exports } = JSON.parse(readFileSync(packageFile, "utf8"));
const require = createRequire(import.meta.url);

it("the package has no runtime dependency", () => {
  expect(dependencies).toBeUndefined();
});

it("the built package works for import and for require", async () => {
  const imported = await import(/* @vite-ignore */ new URL(`../${exports["."].import.default}`, import.meta.url).href);
  const required = require(`../${exports["."].require.default}`);
  for (const { Relay, RelayError } of [imported, required]) {
    const client = new Relay({ key: "rly-x" }).openai({ user: "u" });
    expect(client.baseURL).toBe("http://127.0.0.1:8787/v1");
    expect(RelayError.prototype).toBeInstanceOf(Error);
  }
});

it("the built package imports nothing but openai", () => {
  for (const format of ["import", "require"]) {
    const code = readFileSync(new URL(`../${exports["."][format].default}`, import.meta.url), "utf8");
    const names = [...code.matchAll(/(?:\bfrom|\brequire\(|\bimport\()\s*["']([^"']+)["']/g)];
    expect(names.map((match) => match[1])).toEqual(["openai"]);
  }
});
