/**
 * A provider key that goes through everything, errors included, and is then looked for everywhere.
 * Every worker's server is searched like this once more when it stops.
 */

import { readFile } from "node:fs/promises";

import { findKeys, findKeysInFolder } from "../support/canary";
import { expect, newKey, newUser, notingFetch, test } from "../support/test";
import { openShadows, openWidget } from "../support/widget";

test("the search finds a key that is there", async ({ stack }, testInfo) => {
  const key = newKey("sk-proj-");
  expect(findKeys([key], "x", `a ${key} b`)).toHaveLength(1);
  expect(findKeys([key], "x", Buffer.from(`abc${key}de`).toString("base64"))).toHaveLength(1);
  expect(findKeys([key], "x", Buffer.from(key).toString("hex"))).toHaveLength(1);
  expect(findKeys([key], "x", stack.keys.openai)).toEqual([]);
  expect(await readFile(testInfo.file, "utf8")).not.toContain(key);
});

test("a provider key shows up nowhere, whatever goes wrong", async ({ page, context, stack, relayKey }) => {
  const { relay, sim } = stack;
  const user = newUser();
  const fetch = notingFetch(stack);
  const headers = { authorization: `Bearer ${relayKey}`, "content-type": "application/json", "x-relay-user": user };
  const post = (path: string, body: unknown) =>
    fetch(`${relay.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const chat = (stream: boolean) =>
    post("/v1/chat/completions", { model: "gpt-4o-mini", stream, messages: [{ role: "user", content: "hi" }] });
  const wrong = newKey("sk-proj-");
  const keys = [stack.keys.openai, wrong];

  // Through the widget: refused, then accepted.
  await openShadows(context);
  const token = await relay.client(relayKey).createRegistrationToken({ user, provider: "openai" });
  const widget = await openWidget(page, stack, { registrationToken: token.registrationToken });
  await widget.submit(wrong);
  await expect(widget.problem).toHaveText(/refused this key/);
  await widget.submit(stack.keys.openai);
  await expect(widget.title).toHaveText("OpenAI connected");

  // Through management, well-formed and not.
  const path = `${relay.url}/v1/users/${user}/credentials/openai`;
  for (const body of [{ apiKey: stack.keys.openai }, { apiKey: stack.keys.openai, extra: 1 }, { apiKey: [stack.keys.openai] }, { apiKey: wrong }]) {
    await fetch(path, { method: "PUT", headers, body: JSON.stringify(body) });
  }
  await fetch(`${relay.url}/v1/users/${user}`, { headers });

  // Through calls whose provider quotes the key back in every way it can.
  await (await chat(false)).text();
  await (await chat(true)).text();
  const quoting = { message: `no: ${stack.keys.openai}`, type: "server_error", code: stack.keys.openai };
  for (const status of [400, 401, 403, 429, 500, 503]) {
    await sim.script("openai", { on: "/chat", status, body: { error: quoting }, headers: { "x-quoted": stack.keys.openai } });
    await (await chat(false)).text();
    await fetch(path, { method: "PUT", headers, body: JSON.stringify({ apiKey: stack.keys.openai }) });
  }
  await sim.script("openai", { on: "/chat", status: 502, body: `<h1>${stack.keys.openai}</h1>` });
  await (await chat(true)).text();
  for (const ending of [{ cutAfter: 2 }, { resetAfter: 2 }, { errorAfter: 2 }]) {
    await sim.script("openai", { on: "/chat", ...ending });
    await (await chat(true)).text().catch(() => undefined);
  }

  await Promise.all(stack.reading);
  expect(stack.responses.length).toBeGreaterThan(20);
  expect(relay.log).toContain("/v1/chat/completions");
  const folder = await findKeysInFolder(keys, relay.dataDir);
  expect(folder.files).toBeGreaterThan(0);
  expect([
    ...folder.found,
    ...findKeys(keys, "the log", relay.log),
    ...stack.responses.flatMap((response) => findKeys(keys, response.split("\n")[0] ?? "", response)),
  ]).toEqual([]);
});
