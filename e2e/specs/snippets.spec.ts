/** The examples that people copy: of the root README, of the SDK's and of the widget package's, as they stand there. */

import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import type { Page } from "@playwright/test";
import { build } from "esbuild";

import { type Snippet, program, snippets } from "../../sdk-ts/scripts/snippets";
import { PYTHON, ROOT, SDK } from "../support/environment";
import { run } from "../support/process";
import { type Stack, expect, newUser, test } from "../support/test";
import { NAMES, Widget, openShadows } from "../support/widget";
import { Worker } from "../support/worker";

/** The address that the examples name; in the widget's, of a Relay in production. */
const LOCAL = "http://127.0.0.1:8787";
const PRODUCTION = "https://relay.example.com";
const SECRET = Buffer.from("a webhook's secret").toString("base64");
const hello = "You said: Hello!";

/** What each of the SDK's examples prints, found by some words of it. */
const PRINTS: Array<[words: string, printed: RegExp]> = [
  ["whose provider key is used", /^You said: Hello!$/],
  ["your own sign-in", /^200 \{"registrationToken":"[^"]+","expiresAt":"[^"]+"\}$/],
  ["stream: true", /^You said: Hello!$/],
  ["relay.anthropic", /text: 'You said: Hello!'/],
  ["createGoogleGenerativeAI", /^(You said: Hello!\n?){3}$/],
  ['relay.fetch({ user: "user-42" })', /id: 'gpt-4o-mini'/],
  ["status !== 424", /^user_not_connected: show the widget$/],
  ["export default", new RegExp(`^${hello}$`)],
  ["you hold it, and move in", /^\[ 'openai \w{4} active' \]$/],
  ["nextCursor", /^\d+ undefined\n(.+\n)*user-42/],
  ["relay.policies.create", /eu-1[^]*disabled: true[^]*rly-/],
  ["relay.requests.export", /^\d+ [\d.]+\n[^]*no-such-model[^]*phases[^]*\nid,/],
  ["relay.settings", /allowedOrigins: \[ 'https:\/\/app\.example\.com' \]/],
  ["relay.webhooks.create", /^\S{4}$/],
  ["/v1/audit", /action:/],
  ["verifyWebhook(", /^ada needs a new key for openai: show the widget\n204\n400 .*signature/],
  ["RelayNotFoundError", /^not here yet$/],
  ["AbortController", /label:/],
  ["rly-test", /^\[ \{ label: 'ada' \} \]$/],
  ["NewPolicy", /only-this/],
];

function expectedOf({ code, name }: Snippet): RegExp {
  const found = PRINTS.filter(([words]) => code.includes(words));
  expect(found, `${name} is found by one of PRINTS`).toHaveLength(1);
  return found[0]![1];
}

/** What calls the handler that an example exports, where it exports one. */
function caller({ code }: Snippet): string {
  if (!code.includes("function POST")) {
    return "";
  }
  if (!code.includes("verifyWebhook")) {
    return 'const said = await POST(new Request("http://localhost/", { method: "POST" }));\nconsole.log(said.status, await said.text());';
  }
  const body = '{"type":"credential.broken","data":{"user":"ada","provider":"openai"}}';
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", Buffer.from(SECRET, "base64")).update(`id.${at}.${body}`).digest("base64");
  const headers = { "webhook-id": "id", "webhook-timestamp": `${at}`, "webhook-signature": `v1,${signature}` };
  return `
    const sent = (body: string) => new Request("http://localhost/", { method: "POST", body, headers: ${JSON.stringify(headers)} });
    console.log((await POST(sent(${JSON.stringify(body)}))).status);
    const forged = await POST(sent("{}"));
    console.log(forged.status, await forged.text());
  `;
}

/** Runs an example as a program of its own, beside the packages that it imports. */
async function runSnippet(snippet: Snippet, env: Record<string, string>): Promise<string> {
  const folder = `${SDK}/test/.examples`;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${snippet.name.split(":").at(-1)}.mjs`;
  const contents = program(snippet) + caller(snippet);
  const { outputFiles } = await build({
    stdin: { contents, loader: "ts", resolveDir: folder },
    bundle: true,
    packages: "external",
    format: "esm",
    target: "node20",
    write: false,
  });
  writeFileSync(file, outputFiles[0]!.text);
  return (await run(process.execPath, [file], { ...env, FORCE_COLOR: "0" })).trim();
}

/** An end user as the examples have them, with a call that failed. */
async function prepared(stack: Stack, key: string): Promise<Record<string, string>> {
  await stack.sim.reset();
  const relay = stack.relay.client(key);
  for (const [provider, apiKey] of Object.entries(stack.keys)) {
    await relay.users.credentials("user-42").put(provider, { apiKey });
  }
  const asked = { model: "openai/no-such-model", messages: [] };
  const refused = await relay.fetch({ user: "user-42" })("/v1/chat/completions", {
    method: "POST",
    body: JSON.stringify(asked),
    headers: { "content-type": "application/json" },
  });
  expect(refused.ok).toBe(false);
  await expect.poll(async () => (await relay.requests.list({ user: "user-42", status: "error" })).data.length).toBeGreaterThan(0);
  return {
    RELAY_KEY: key,
    RELAY_BASE_URL: stack.relay.url,
    OPENAI_API_KEY: stack.keys.openai,
    WEBHOOK_SECRET: `whsec_${SECRET}`,
  };
}

test("every example of the SDK's README", async ({ stack }) => {
  test.setTimeout(180_000);
  const key = await stack.relay.tenantKey("readme");
  const env = await prepared(stack, key);
  const examples = snippets(`${SDK}/README.md`, "ts");
  expect(examples).toHaveLength(PRINTS.length);
  for (const example of examples) {
    await test.step(example.name, async () => {
      const printed = expectedOf(example);
      if (!example.code.includes("export default")) {
        expect(await runSnippet(example, env), example.name).toMatch(printed);
        return;
      }
      const worker = await Worker.start({ code: example.code, folder: SDK, env });
      const answer = await fetch(worker.url);
      expect(await answer.text()).toMatch(printed);
      await worker.stop();
    });
  }
  rmSync(`${SDK}/test/.examples`, { recursive: true, force: true });
});

/** A person connects a key in the page that is open, and the page's own code logs it. */
async function connect(page: Page, key: string): Promise<void> {
  const widget = new Widget(page);
  await widget.choose(NAMES.openai);
  await widget.submit(key);
  await expect(widget.title).toHaveText(/connected$/);
}

/** What a page logs, as it goes on. */
function logOf(page: Page): string[] {
  const lines: string[] = [];
  page.on("console", (message) => lines.push(message.text()));
  return lines;
}

test.describe("in a page", () => {
  test.beforeEach(async ({ context, stack }) => {
    await openShadows(context);
    await stack.sim.reset();
  });

  test("the root README's page with the widget", async ({ page, stack, relayKey }) => {
    const readme = readFileSync(`${ROOT}/README.md`, "utf8");
    const [, html = ""] = /connect\.html" <<END\n([\s\S]*?)\nEND\n/.exec(readme) ?? [];
    expect(html).toContain(LOCAL);
    const { registrationToken } = await stack.relay.client(relayKey).createRegistrationToken({ user: newUser() });
    const log = logOf(page);
    await page.goto(stack.site.publish(html.replaceAll(LOCAL, stack.relay.url).replaceAll("$TOKEN", registrationToken)));
    await connect(page, stack.keys.openai);
    await expect.poll(() => log).toContain("openai is connected");
  });

  /** An example of the widget package's README as a bundle, in a page whose backend issues tokens. */
  async function openExample(page: Page, stack: Stack, relayKey: string, language: "ts" | "tsx", more: string) {
    const examples = snippets(`${SDK}/packages/widget/README.md`, language);
    expect(examples).toHaveLength(1);
    expect(examples[0]!.code).toContain(PRODUCTION);
    const { outputFiles } = await build({
      stdin: { contents: examples[0]!.code.replaceAll(PRODUCTION, stack.relay.url) + more, loader: language, resolveDir: SDK },
      bundle: true,
      format: "esm",
      jsx: "automatic",
      define: { "process.env.NODE_ENV": '"development"' },
      write: false,
    });
    await page.route("**/registration-token", async (route) => {
      expect(route.request().method()).toBe("POST");
      await route.fulfill({ json: await stack.relay.client(relayKey).createRegistrationToken({ user: newUser() }) });
    });
    const script = outputFiles[0]!.text.replaceAll("</script", "<\\/script");
    const log = logOf(page);
    const html = `<!doctype html><title>An app</title><div id="connect"></div><script type="module">${script}</script>`;
    await page.goto(stack.site.publish(html));
    return log;
  }

  test("the widget package's loader", async ({ page, stack, relayKey }) => {
    const log = await openExample(page, stack, relayKey, "ts", "");
    await connect(page, stack.keys.openai);
    await expect.poll(() => log).toContain(`openai is connected: ${stack.keys.openai.slice(-4)}`);
    expect(log).toContain("done");
    expect(await page.locator('script[src$="/widget/v1.js"]').count()).toBe(1);
  });

  test("the widget package's React component, in StrictMode", async ({ page, stack, relayKey }) => {
    const more = `
      import { StrictMode } from "react";
      import { createRoot } from "react-dom/client";
      createRoot(document.querySelector("#connect")).render(<StrictMode><Connect dark={false} /></StrictMode>);
    `;
    const log = await openExample(page, stack, relayKey, "tsx", more);
    await connect(page, stack.keys.openai);
    await expect.poll(() => log).toContain("openai is connected");
    expect(await page.locator("#connect section.card").count()).toBe(1);
  });
});

test("the root README's line for Python", async ({ stack, relayKey }) => {
  await stack.sim.reset();
  await stack.relay.client(relayKey).users.credentials("ada").put("openai", { apiKey: stack.keys.openai });
  const [line = ""] = snippets(`${ROOT}/README.md`, "python").map(({ code }) => code);
  expect(line).toContain(LOCAL);
  const ask = 'messages=[{"role": "user", "content": "Hello!"}]';
  const code = `
import os
from openai import OpenAI
RELAY_KEY = os.environ["RELAY_KEY"]
${line.replaceAll(LOCAL, stack.relay.url)}
print(client.chat.completions.create(model="gpt-4o-mini", ${ask}).choices[0].message.content)
`;
  expect((await run(PYTHON, ["-c", code], { RELAY_KEY: relayKey })).trim()).toBe(hello);
});
