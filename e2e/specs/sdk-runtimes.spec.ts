/** The SDK, as it is published, on every platform that it is for. */

import { BIN, ROOT } from "../support/environment";
import { run } from "../support/process";
import { type Stack, expect, newUser, test } from "../support/test";
import { Worker } from "../support/worker";

const here = (file: string) => `${ROOT}/e2e/clients/sdk/${file}`;
const said = "You said: hello";

/** The settings of a story, of a user whom no header can carry as it is. */
function settings(stack: Stack, key: string) {
  return { baseURL: stack.relay.url, key, providerKey: stack.keys.openai, user: `${newUser()} 사용자` };
}

function expected(user: string) {
  return {
    listed: [user, `${user}-2`],
    streamed: said,
    message: said,
    fetched: said,
    missing: [true, "RelayNotFoundError", 404, "not_found", true],
    stranger: [true, "invalid_relay_key"],
    unreachable: [true, "connection_failed", false],
    ended: "enough",
    unconnected: [424, "user_not_connected"],
    webhook: "credential.connected",
    forged: "wrong_signature",
    forgotten: 404,
  };
}

const programs: Array<[name: string, command: string, args: string[]]> = [
  ["Node.js, ESM", process.execPath, [here("main.mjs")]],
  ["Node.js, CommonJS", process.execPath, [here("main.cjs")]],
  ["Deno", BIN("deno"), ["run", "--quiet", "--no-lock", "--allow-env", "--allow-net", "--allow-read", "--allow-sys", here("main.mjs")]],
  ["Bun", BIN("bun"), ["run", here("main.mjs")]],
];
for (const [name, command, args] of programs) {
  test(`on ${name}`, async ({ stack, relayKey }) => {
    await stack.sim.reset();
    const given = settings(stack, relayKey);
    const printed = await run(command, args, { STORY: JSON.stringify(given), FORCE_COLOR: "0" });
    expect(JSON.parse(printed)).toEqual(expected(given.user));
  });
}

test("on Cloudflare Workers", async ({ stack, relayKey }) => {
  await stack.sim.reset();
  const given = settings(stack, relayKey);
  const worker = await Worker.start({ file: here("worker.mjs"), folder: ROOT, env: { STORY: JSON.stringify(given) } });
  const answer = await (await fetch(worker.url)).text();
  await worker.stop();
  expect(JSON.parse(answer)).toEqual(expected(given.user));
});
