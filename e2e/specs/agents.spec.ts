/** Coding tools, unchanged, at models of providers they were not made for: a real loop of their own tools each. */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { commandOf } from "../agents/install";
import { type Agent, claudeCode, codex, geminiCli, opencode } from "../agents/tools";
import { dialectOf, loopOf } from "../agents/upstream";
import type { Provider } from "../support/sim";
import { expect, newUser, test } from "../support/test";

interface Upstream {
  provider: Provider;
  dialect: string;
  model: string;
}

const chat: Upstream = { provider: "openai", dialect: "openai-chat", model: "gpt-4o-mini" };
const responses: Upstream = { provider: "openai", dialect: "openai-responses", model: "gpt-5-codex" };
const anthropic: Upstream = { provider: "anthropic", dialect: "anthropic-messages", model: "claude-sonnet-4-5" };
const gemini: Upstream = { provider: "google", dialect: "gemini", model: "gemini-2.5-flash" };

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
    test(`${agent.name} works over ${upstream.dialect}`, async ({ stack, relayKey }) => {
      test.skip(commandOf(agent.tool) === undefined, `${agent.tool} is not installed: see e2e/agents`);
      const { relay, sim, keys } = stack;
      const { provider, model } = upstream;
      const user = newUser();
      await relay.client(relayKey).users.credentials(user).put(provider, { apiKey: keys[provider] });

      const root = await mkdtemp(join(tmpdir(), "relay-agent-"));
      const [folder, home] = [join(root, "work"), join(root, "home")];
      await Promise.all([mkdir(folder), mkdir(home)]);
      const [made, given] = [join(folder, "made.txt"), join(folder, "given.txt")];
      const [written, secret, last] = [word("written"), word("given"), word("done")];
      await writeFile(given, secret);

      const first = agent.write(made, written);
      const second = agent.read(given);
      await sim.reset();
      await sim.script(provider, { toolCalls: [first] });
      await sim.script(provider, { toolCalls: [second] });
      await sim.script(provider, { text: last });
      const prompt = "Make one file and read the other.";
      const outcome = await agent.run({ relayUrl: relay.url, relayKey, user, model, prompt, folder, home });
      const printed = `${outcome.stdout}\n${outcome.stderr}`;
      stack.responses.push(`${agent.name}\n${printed}`);

      expect(outcome.exitCode, printed).toBe(0);
      expect(outcome.stdout).toContain(last);
      expect(await readFile(made, "utf8")).toBe(written);
      const requests = (await sim.received()).filter((request) => request.provider === provider && request.body);
      expect(requests.map(dialectOf)).toEqual(Array(3).fill(upstream.dialect));
      const loop = loopOf(requests.at(-1)!);
      expect(loop.calls.map(({ name }) => name)).toEqual([first.name, second.name]);
      expect(loop.results.map(({ call }) => call)).toEqual(loop.calls.map(({ call }) => call));
      expect(loop.results[1]!.text).toContain(secret);
      await rm(root, { recursive: true, force: true });
    });
  }
}

function word(kind: string): string {
  return `${kind}-${randomBytes(8).toString("hex")}`;
}
