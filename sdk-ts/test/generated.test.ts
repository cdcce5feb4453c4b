import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { generated } from "../scripts/generate.mjs";

it("what is generated is as docs/openapi.json and catalog/models.toml are now (else: npm run generate)", async () => {
  const made = await generated();
  expect(Object.keys(made)).toEqual(["src/generated/api.ts", "src/generated/models.ts"]);
  for (const [path, text] of Object.entries(made)) {
    const kept = readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
    // Compared at once: the difference of thousands of lines helps nobody.
    expect(kept === text, path).toBe(true);
  }
});

it("model types offer the catalog's names", () => {
  const models = readFileSync(new URL("../src/generated/models.ts", import.meta.url), "utf8");
  const types = models.split("export type ").slice(1);
  expect(types.map((type) => type.split(" ")[0])).toEqual(["OpenAIModel", "AnthropicModel", "GoogleModel", "OtherModel"]);
  const [openai, anthropic, google] = types;
  expect(openai).toContain('"gpt-4o-mini"');
  expect(anthropic).toContain('"claude-sonnet-4-5"');
  expect(google).toContain('"gemini-2.5-flash"');
  expect(types.every((type) => type.includes("(string & {})"))).toBe(true);
});
