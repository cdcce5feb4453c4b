/** `test` with everything a spec needs running: one stack a worker. */

import { randomBytes } from "node:crypto";

import { test as base, expect } from "@playwright/test";

import { findKeys, findKeysInFolder } from "./canary";
import type { DatabaseKind } from "./database";
import { RelayServer } from "./relay";
import { type Provider, ProviderSim } from "./sim";
import { Site } from "./site";

export { expect };

/** What runs for one worker. */
export interface Stack {
  sim: ProviderSim;
  relay: RelayServer;
  /** The tenant's own web site. */
  site: Site;
  /** Keys the simulated providers accept. They are canaries: nothing of Relay's may show them. */
  keys: Record<Provider, string>;
  /** Bodies and headers that the browser and the SDK got from Relay. */
  responses: string[];
  /** Bodies still being read. */
  reading: Array<Promise<unknown>>;
}

interface WorkerFixtures {
  stack: Stack;
  /** A relay key with every scope, of a tenant named after the worker. */
  relayKey: string;
}

/** A key nobody could meet by chance. */
export function newKey(prefix: string): string {
  return `${prefix}${randomBytes(24).toString("base64url").replaceAll(/[-_]/g, "x")}`;
}

/** Fails if a canary key is anywhere it must not be; stops the server to read its last words. */
async function expectNoCanary(stack: Stack): Promise<void> {
  const keys = Object.values(stack.keys);
  await Promise.all(stack.reading);
  const folder = await findKeysInFolder(keys, stack.relay.dataDir);
  expect(folder.files, "the data folder holds files").toBeGreaterThan(0);
  const tables = await stack.relay.database.tables();
  expect([
    ...folder.found,
    ...[...tables].flatMap(([name, rows]) => findKeys(keys, `the table ${name}`, rows)),
    ...findKeys(keys, "the server's log", stack.relay.log),
    ...stack.responses.flatMap((response) => findKeys(keys, response.split("\n")[0] ?? "", response)),
  ]).toEqual([]);
}

/** How a stack differs from the usual one. */
export interface StackOptions {
  /** What the server keeps its data in; SQLite when left out. */
  database?: DatabaseKind;
  /** What the server is told besides. */
  env?: Record<string, string>;
}

/** Starts a stack, lets it be used, stops it, and looks for the canaries. */
export async function withStack(
  use: (stack: Stack) => Promise<void>,
  { database, env }: StackOptions = {},
): Promise<void> {
  const keys = {
    openai: newKey("sk-proj-"),
    anthropic: newKey("sk-ant-api03-"),
    google: newKey("AIzaSy"),
  };
  const sim = await ProviderSim.start(keys);
  const relay = await RelayServer.start({ ...sim.hostUrls, ...env }, database);
  const site = await Site.start();
  const stack: Stack = { sim, relay, site, keys, responses: [], reading: [] };
  await use(stack);
  await relay.stop();
  await site.stop();
  await sim.stop();
  await expectNoCanary(stack);
  await relay.removeData();
}

export const test = base.extend<object, WorkerFixtures>({
  stack: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],

  relayKey: [
    async ({ stack }, use, workerInfo) => {
      await use(await stack.relay.tenantKey(`worker ${workerInfo.workerIndex}`));
    },
    { scope: "worker" },
  ],

  context: async ({ context, stack }, use) => {
    context.on("response", (response) => {
      if (!response.url().startsWith(stack.relay.url)) {
        return;
      }
      const read = async () => {
        const headers = JSON.stringify(await response.allHeaders());
        const body = await response.body();
        stack.responses.push(`${response.url()}\n${headers}\n${body.toString("latin1")}`);
      };
      // A response whose page went away has no body any more.
      stack.reading.push(read().catch(() => undefined));
    });
    await use(context);
    await Promise.all(stack.reading);
  },
});

/** `fetch` that notes what came back, for the check at the end. */
export function notingFetch(stack: Stack): (input: string, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const response = await fetch(input, init);
    const [kept, passed] = response.body?.tee() ?? [null, null];
    const headers = JSON.stringify([...response.headers]);
    const note = async () => stack.responses.push(`${input}\n${headers}\n${await new Response(kept).text()}`);
    // A body that broke off is noted by nobody.
    stack.reading.push(note().catch(() => undefined));
    return new Response(passed, response);
  };
}

/** A label for an end user that no other test uses. */
export function newUser(): string {
  return `user-${randomBytes(6).toString("hex")}`;
}
