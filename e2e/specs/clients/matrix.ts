/** One process a client and upstream, which goes through every scenario; a test that looks at what came out. */

import { PYTHON, ROOT } from "../../support/environment";
import { run } from "../../support/process";
import { type Stack, expect, newUser, test } from "../../support/test";
import { type Expected, type Words, expectedOf } from "./expected";
import { type Arrival, type Dialect, type Upstream, UPSTREAMS, repliesOf } from "./upstreams";

export interface Client {
  name: string;
  /** Below `e2e/clients/`. */
  script: string;
  /** What it speaks to Relay. */
  api: Dialect;
  words: Words;
  /** What a base URL ends in, beyond where the API begins. */
  baseSuffix?: string;
  /** Upstreams that this client never speaks this API for. */
  notOver?: Dialect[];
  /** Where this client differs from all who speak the same API. */
  own?: (upstream: Upstream) => Expected;
}

export type Outcome = { value?: unknown; error?: Record<string, unknown>; upstream: Arrival[] };

/** Where each API begins, and where else. */
const BASES: Record<Dialect, { base: string; other: string; simulated: string }> = {
  "openai-chat": { base: "/v1", other: "/openai/v1", simulated: "/openai/v1" },
  "openai-responses": { base: "/v1", other: "/openai/v1", simulated: "/openai/v1" },
  anthropic: { base: "", other: "/anthropic", simulated: "/anthropic" },
  google: { base: "", other: "/gemini", simulated: "/gemini" },
};

async function outcomesOf(client: Client, env: Record<string, string>): Promise<Record<string, Outcome>> {
  const command = client.script.endsWith(".py") ? PYTHON : process.execPath;
  const output = await run(command, [`${ROOT}/e2e/clients/${client.script}`], { API: client.api, ...env });
  return JSON.parse(output) as Record<string, Outcome>;
}

/** Through Relay, with a key of an end user. */
async function throughRelay(client: Client, upstream: Upstream, stack: Stack, relayKey: string) {
  const user = `${newUser()} a+b:c%20`;
  const { relay, sim, keys } = stack;
  await relay.client(relayKey).users.credentials(user).put(upstream.provider, { apiKey: keys[upstream.provider] });
  const { base, other } = BASES[client.api];
  const suffix = client.baseSuffix ?? "";
  const env = {
    BASE_URL: relay.url + base + suffix,
    API_KEY: relayKey,
    RELAY_USER: user,
    OTHER_BASE_URL: relay.url + other + suffix,
    OTHER_KEY: `${relayKey}:user=${encodeURIComponent(user)}`,
    MODEL: upstream.model,
    EMBEDDING_MODEL: upstream.embeddingModel,
    SIM_URL: sim.url,
    REPLIES: JSON.stringify(repliesOf(upstream)),
  };
  const outcomes = await outcomesOf(client, env);
  // What reached the provider is noted beside the answers: its body may hold no key either.
  stack.responses.push(`${client.name}\n${JSON.stringify(outcomes)}`);
  return outcomes;
}

/** What only Relay can be asked, or what it does better than its providers. */
const RELAYS_OWN = ["refusal", "cut", "failing", "keptAtOpenAI", "noSuchModel", "models"];

/** To the simulated provider itself: proof that what is expected of Relay is what the provider does. */
async function withoutRelay(client: Client, upstream: Upstream, { sim, keys }: Stack): Promise<Record<string, Outcome>> {
  const base = sim.url + BASES[client.api].simulated + (client.baseSuffix ?? "");
  const key = keys[upstream.provider];
  return await outcomesOf(client, {
    BASE_URL: base,
    API_KEY: key,
    OTHER_BASE_URL: base,
    OTHER_KEY: key,
    MODEL: upstream.model,
    EMBEDDING_MODEL: upstream.embeddingModel,
    SIM_URL: sim.url,
    REPLIES: JSON.stringify(repliesOf(upstream)),
    WITHOUT: RELAYS_OWN.join(","),
  });
}

function look(outcomes: Record<string, Outcome>, expected: Expected): void {
  // Soft, so that one run tells everything that does not hold.
  for (const [scenario, { upstream: arrivals, ...result }] of Object.entries(outcomes)) {
    expect.soft(result, scenario).toEqual(expected[scenario]?.result);
    expected[scenario]?.arrived?.(arrivals);
  }
}

/** The tests of one client: with its own provider, and through Relay over every upstream. */
export function testClient(client: Client): void {
  for (const upstream of UPSTREAMS.filter(({ dialect }) => !client.notOver?.includes(dialect))) {
    const expected = { ...expectedOf(client.api, client.words, upstream), ...client.own?.(upstream) };
    test(`${client.name} over ${upstream.dialect}`, async ({ stack, relayKey }) => {
      look(await throughRelay(client, upstream, stack, relayKey), expected);
    });
    if (upstream.dialect === client.api) {
      test(`${client.name} without Relay`, async ({ stack }) => {
        look(await withoutRelay(client, upstream, stack), expected);
      });
    }
  }
}
