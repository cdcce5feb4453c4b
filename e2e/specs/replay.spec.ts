/**
 * Recordings of real providers replayed to Relay: the provider is `../shared/tools/replay_upstream.py`, the callers are
 * the official clients, unchanged, each in its own dialect. They must read what `translations.spec.ts` has them read.
 */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { PYTHON, ROOT } from "../support/environment";
import { Process, freePort, run } from "../support/process";
import { RelayServer } from "../support/relay";
import { SHARED, hasRecordings, translationsIn } from "../support/shared";

const clients = [
  { language: "Node.js", half: "0", command: process.execPath, script: "e2e/clients/node/parse-translations.mjs" },
  { language: "Python", half: "1", command: PYTHON, script: "e2e/clients/python/parse_translations.py" },
];

const dialects = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"];

/** A host of each dialect. Each key brings an address of its own, which names the recording. */
function catalog(url: string): string {
  const host = (dialect: string) =>
    `[[host]]\nid = "replay-${dialect}"\nname = "Replay"\nbase_url = "${url}"\ndialects = ["${dialect}"]\ncheck = ""\n`;
  return dialects.map(host).join("\n");
}

/** A line of a file of translations. */
interface Translation {
  from: string;
  kind: string;
  /** The path below which the upstream has it, if it does. */
  replay?: string | null;
}

const paths: Record<string, (model: string, isStream: boolean) => string> = {
  "openai-chat": () => "/v1/chat/completions",
  "openai-responses": () => "/v1/responses",
  "anthropic-messages": () => "/v1/messages",
  gemini: (model, isStream) =>
    `/v1beta/models/${model}:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
};

/** Every recording of a whole answer or a whole stream that is replayed, once. */
async function whole(folder: string): Promise<Translation[]> {
  const found = new Map<string, Translation>();
  for (const dialect of dialects) {
    const lines = (await readFile(`${folder}/${dialect}.ndjson`, "utf8")).split("\n").filter(Boolean);
    for (const translation of lines.map((line) => JSON.parse(line) as Translation)) {
      if (translation.replay && ["whole", "stream"].includes(translation.kind)) {
        found.set(translation.replay, translation);
      }
    }
  }
  return [...found.values()];
}

if (hasRecordings) {
  let folder: string;
  let relay: RelayServer;
  let replay: Process;
  let environment: Record<string, string>;

  test.beforeAll(async () => {
    // The first build of the crate's tests takes its time.
    test.setTimeout(600_000);
    folder = await mkdtemp(join(tmpdir(), "relay-replay-"));
    await translationsIn(folder);
    const port = await freePort();
    replay = new Process("python3", [`${SHARED}/tools/replay_upstream.py`, `${SHARED}/fixtures`, String(port)]);
    const url = `http://127.0.0.1:${port}`;
    await expect.poll(async () => await fetch(`${url}/__log`).then(({ ok }) => ok, () => false)).toBe(true);
    await writeFile(`${folder}/catalog.toml`, catalog(url));
    relay = await RelayServer.start({ RELAY_CATALOG: `${folder}/catalog.toml`, RELAY_LOG: "warn" });
    const key = await relay.tenantKey("replay");
    environment = { RELAY_URL: relay.url, RELAY_KEY: key, REPLAY_URL: url };
  });

  test.afterAll(async () => {
    await relay?.stop();
    await relay?.removeData();
    await replay?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  // Each language reads half of them: `translations.spec.ts` has both read all.
  for (const { language, half, command, script } of clients) {
    test(`the official clients for ${language} read recordings of other dialects through Relay`, async () => {
      test.setTimeout(600_000);
      console.log(await run(command, [`${ROOT}/${script}`, folder], { ...environment, REPLAY_HALF: half }));
    });
  }

  test("a recording in the caller's own dialect passes byte for byte", async () => {
    test.setTimeout(240_000);
    const changed: string[] = [];
    const recordings = await whole(folder);
    for (const [index, { replay: path, from, kind }] of recordings.entries()) {
      const [user, provider] = [`own-${index}`, `replay-${from}`];
      const baseUrl = `${environment.REPLAY_URL}${path}`;
      await relay.client(environment.RELAY_KEY!).users.credentials(user).put(provider, { apiKey: "replayed", baseUrl });
      const isStream = kind === "stream";
      const body = {
        model: `${provider}/m`,
        messages: [],
        input: "hi",
        stream: isStream,
        // Asked for, so that nothing of it is withheld.
        stream_options: { include_usage: true },
      };
      const answer = await fetch(relay.url + paths[from]!(body.model, isStream), {
        method: "POST",
        headers: {
          authorization: `Bearer ${environment.RELAY_KEY}`,
          "content-type": "application/json",
          "x-relay-user": user,
        },
        body: JSON.stringify(body),
      });
      const [passed, recorded] = await Promise.all([answer.text(), fetch(baseUrl).then((direct) => direct.text())]);
      if (passed !== recorded) {
        changed.push(`${path}: ${answer.status} ${passed.slice(0, 200)}`);
      }
    }
    console.log(`${recordings.length} recordings passed through their own dialect`);
    expect(changed).toEqual([]);
    expect(recordings.length).toBeGreaterThan(0);
  });
} else {
  test.skip("skipped: ../shared is absent, so there are no recordings to replay", () => undefined);
}
