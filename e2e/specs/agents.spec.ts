/** Coding tools, unchanged, at models of providers they were not made for: a real loop of their own tools each. */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { commandOf } from "../agents/install";
import { type Agent, type Call, claudeCode, codex, geminiCli, opencode } from "../agents/tools";
import { type Loop, dialectOf, loopOf, toolsOf } from "../agents/upstream";
import type { Provider, ReceivedRequest } from "../support/sim";
import { type Stack, expect, newUser, test as base } from "../support/test";

/** A folder to work in and a home, for one run: outside the repository, whose notes the tools would read. */
interface Place {
  work: string;
  home: string;
}

const test = base.extend<{ place: Place }>({
  place: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), "relay-agent-"));
    const place = { work: join(root, "work"), home: join(root, "home") };
    await Promise.all([mkdir(place.work), mkdir(place.home)]);
    await use(place);
    await rm(root, { recursive: true, force: true });
  },
});

interface Upstream {
  provider: Provider;
  dialect: string;
  model: string;
}

// One that OpenAI serves in Chat alone, and one that it serves in Responses alone.
const chat: Upstream = { provider: "openai", dialect: "openai-chat", model: "gpt-4o-mini-search-preview" };
const responses: Upstream = { provider: "openai", dialect: "openai-responses", model: "gpt-5-codex" };
const anthropic: Upstream = { provider: "anthropic", dialect: "anthropic-messages", model: "claude-sonnet-4-5" };
const gemini: Upstream = { provider: "google", dialect: "gemini", model: "gemini-2.5-flash" };

// Starting a tool takes seconds, of a busy machine many.
test.describe.configure({ mode: "parallel", timeout: 150_000 });

const pairs: Array<[Agent, Upstream[]]> = [
  [claudeCode, [chat, responses, gemini, anthropic]],
  [codex, [chat, anthropic, gemini, responses]],
  [opencode("openai-compatible"), [anthropic]],
  [opencode("anthropic"), [gemini]],
  [opencode("openai"), [anthropic]],
  [opencode("google"), [chat]],
  [geminiCli, [anthropic, responses]],
];

for (const [agent, upstreams] of pairs) {
  for (const upstream of upstreams) {
    test(`${agent.name} works over ${upstream.dialect}`, async ({ stack, relayKey, place }) => {
      skipWithout(agent);
      const [written, secret] = [word("written"), word("given")];
      await writeFile(join(place.work, "given.txt"), secret);
      const calls = [agent.write(join(place.work, "made.txt"), written), agent.read(join(place.work, "given.txt"))];

      const { loop } = await drive(stack, relayKey, agent, upstream, place, calls);

      expect(await readFile(join(place.work, "made.txt"), "utf8")).toBe(written);
      expect(loop.calls.map(({ name }) => name)).toEqual(calls.map(({ name }) => name));
      expect(loop.results[1]!.text).toContain(secret);
    });
  }
}

test("Claude Code's beta features pass to Anthropic", async ({ stack, relayKey, place }) => {
  skipWithout(claudeCode);
  const { requests } = await drive(stack, relayKey, claudeCode, anthropic, place, []);
  const betas = new Map(requests[0]!.headers).get("anthropic-beta");
  expect(betas).toContain("context-management-");
  expect(betas).toContain("advanced-tool-use-");
});

for (const upstream of [chat, gemini]) {
  test(`Claude Code finds tools and sees pictures over ${upstream.dialect}`, async ({ stack, relayKey, place }) => {
    skipWithout(claudeCode);
    await writeFile(join(place.work, "dot.png"), Buffer.from(DOT, "base64"));
    const calls = [
      { name: "ToolSearch", arguments: { query: "select:WebFetch" } },
      { name: "Read", arguments: { file_path: join(place.work, "dot.png") } },
    ];

    const { requests, loop } = await drive(stack, relayKey, claudeCode, upstream, place, calls);

    expect(requests.map((request) => toolsOf(request).includes("WebFetch"))).toEqual([false, true, true]);
    expect(loop.results[0]!.text).toContain("WebFetch");
    expect(requests.map((request) => request.bodyText.includes(DOT))).toEqual([false, false, true]);
  });
}

for (const upstream of [anthropic, chat]) {
  test(`Codex calls its groups of tools over ${upstream.dialect}`, async ({ stack, relayKey, place }) => {
    skipWithout(codex);
    const calls = [{ name: "multi_agent_v1__close_agent", arguments: { target: "nobody" } }];

    const { requests, loop } = await drive(stack, relayKey, codex, upstream, place, calls);

    expect(toolsOf(requests[0]!)).toContain("multi_agent_v1__close_agent");
    expect(loop.calls.map(({ name }) => name)).toEqual(["multi_agent_v1__close_agent"]);
    // The tool itself answers; Codex knows it by its group only.
    expect(loop.results[0]!.text).toContain("invalid agent id nobody");
  });
}

/** A picture of one pixel, in one way to write it: tools pass it on as it is. */
const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

function skipWithout(agent: Agent): void {
  test.skip(commandOf(agent.tool) === undefined, `${agent.tool} is not installed: see e2e/agents`);
}

/** Lets a tool run while the simulated model makes these calls one after another, then says its last word. */
async function drive(
  stack: Stack,
  relayKey: string,
  agent: Agent,
  { provider, dialect, model }: Upstream,
  place: Place,
  calls: Call[],
): Promise<{ requests: ReceivedRequest[]; loop: Loop }> {
  const { relay, sim, keys } = stack;
  const user = newUser();
  await relay.client(relayKey).users.credentials(user).put(provider, { apiKey: keys[provider] });
  await sim.reset();
  for (const call of calls) {
    // The simulation refuses a conversation that lost a thought which its provider wants back.
    await sim.script(provider, { toolCalls: [call], thinking: `I call ${call.name}.` });
  }
  const last = word("done");
  await sim.script(provider, { text: last });

  const before = relay.log.length;
  const prompt = "Do what there is to do.";
  const task = { relayUrl: relay.url, relayKey, user, model, prompt, folder: place.work, home: place.home };
  const outcome = await agent.run(task);
  const printed = `${outcome.stdout}\n${outcome.stderr}`;
  stack.responses.push(`${agent.name}\n${printed}`);

  expect(outcome.exitCode, printed).toBe(0);
  expect(outcome.stdout, printed).toContain(last);
  const requests = (await sim.received()).filter((request) => request.provider === provider && request.body);
  expect(requests.map(dialectOf)).toEqual(Array(calls.length + 1).fill(dialect));
  // A tool that is refused something may ask again for less: nothing was refused.
  await expect.poll(() => answers(relay.log.slice(before))).toEqual(requests.map(() => "200"));
  const loop = loopOf(requests.at(-1)!);
  expect(loop.results.map(({ call }) => call)).toEqual(loop.calls.map(({ call }) => call));
  return { requests, loop };
}

/** The status of every call that the server's log tells of. */
function answers(log: string): string[] {
  return [...log.matchAll(/answered method=POST .*?status=(\d+)/g)].map(([, status]) => status!);
}

function word(kind: string): string {
  return `${kind}-${randomBytes(8).toString("hex")}`;
}
