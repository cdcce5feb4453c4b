/**
 * Feeds every translated answer to the official Node.js clients, unchanged.
 *
 * usage: parse-translations.mjs FOLDER
 *
 * As `../python/parse_translations.py`: the same folder, the same table, the same end.
 */

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

import { READERS } from "./translation-readers.mjs";

const DIALECTS = ["openai-chat", "openai-responses", "anthropic-messages", "gemini"];
/** Characters of a value in a failure: answers hold pictures. */
const LONGEST = 500;

/** Answers every call with the translation shown last, whatever was asked. */
class Standin {
  key = "none";
  #current;
  #server = createServer((request, response) => {
    request.resume().on("end", () => {
      const type = this.#current.kind.includes("stream") ? "text/event-stream" : "application/json";
      response.writeHead(this.#current.status, { "content-type": type }).end(this.#current.body);
    });
  }).listen(0, "127.0.0.1");

  async ready() {
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async show(translation) {
    this.#current = translation;
    return true;
  }
}

/** Points Relay at a recording: a user of its own has the key of a host that replays it. */
class Relay {
  url = process.env.RELAY_URL;
  key = process.env.RELAY_KEY;
  #users = 0;

  async ready() {
    return this;
  }

  async show({ replay, from }, reader) {
    this.#users += 1;
    // Which half of them, 0 or 1.
    if (this.#users % 2 !== Number(process.env.REPLAY_HALF) || !replay) {
      return false;
    }
    const user = `replay-node-${this.#users}`;
    const provider = `replay-${from}`;
    const baseUrl = process.env.REPLAY_URL + replay;
    const answer = await fetch(`${this.url}/v1/users/${user}/credentials/${provider}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      body: JSON.stringify({ apiKey: "replayed", baseUrl }),
    });
    if (!answer.ok) {
      throw new Error(`${answer.status} ${await answer.text()}`);
    }
    reader.model = `${provider}/m`;
    reader.headers = { "x-relay-user": user };
    return true;
  }
}

/** Reads one translation; gives what is wrong, or nothing. */
async function check(reader, { expected, kind, ...translation }) {
  const mustFail = !("finish" in expected);
  try {
    const told = kind.includes("stream") ? await reader.stream() : await reader.whole();
    return mustFail ? "was read as if it were whole" : difference(expected, told);
  } catch (error) {
    return mustFail ? wrongError(reader, error, expected, kind) : short(String(error.stack));
  }
}

/** An error must be the client's own, with the status and the upstream's words. */
function wrongError(reader, error, expected, kind) {
  if (!(error instanceof reader.error)) {
    return short(`threw ${error?.name}, not the client's own error: ${error}`);
  }
  // Relay names the provider where the wire cannot.
  const message = expected.message.replace("the upstream's stream ", "");
  // Some clients show the body, in which the words stand as JSON.
  const words = [message, JSON.stringify(message).slice(1, -1)];
  if (!words.some((text) => error.message.includes(text))) {
    return short(`${expected.message} is not in ${error}`);
  }
  const wrongStatus = kind === "error" && error.status !== expected.status;
  return wrongStatus ? `status ${error.status}, not ${expected.status}` : undefined;
}

function difference(expected, told) {
  for (let [field, value] of Object.entries(expected)) {
    let other = told[field];
    if (field === "usage" && value === null && other) {
      // Where the upstream told nothing, some dialects must say zero.
      value = Object.fromEntries(Object.keys(other).map((name) => [name, 0]));
    }
    if (field === "calls" && !value.every((call) => isObject(call.arguments))) {
      // Arguments that are no object can be told in OpenAI's dialects alone.
      [value, other] = [value, other].map((calls) => calls.map((call) => call.name));
    }
    if (!isDeepStrictEqual(value, other)) {
      return `${field}: expected ${short(JSON.stringify(value))}\n  but was told ${short(JSON.stringify(other))}`;
    }
  }
  return undefined;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const short = (text) => String(text).slice(0, LONGEST);

/** As it stands in `docs/wire.md`. */
function table(counts) {
  const cell = (count) => (count ? `${count.read}/${count.total}` : "-");
  console.log(`| Provider | from | ${DIALECTS.map((to) => `read as ${to}`).join(" | ")} |`);
  console.log(`|${" --- |".repeat(DIALECTS.length + 2)}`);
  const rows = [...counts.keys()].sort((one, two) => {
    const [[oneProvider, oneFrom], [twoProvider, twoFrom]] = [one.split(" "), two.split(" ")];
    const byProvider = oneProvider < twoProvider ? -1 : Number(oneProvider > twoProvider);
    return byProvider || DIALECTS.indexOf(oneFrom) - DIALECTS.indexOf(twoFrom);
  });
  const sums = {};
  for (const row of rows) {
    const of = counts.get(row);
    console.log(`| ${row.replace(" ", " | ")} | ${DIALECTS.map((to) => cell(of[to])).join(" | ")} |`);
    for (const [to, { read, total }] of Object.entries(of)) {
      sums[to] ??= { read: 0, total: 0 };
      sums[to].read += read;
      sums[to].total += total;
    }
  }
  console.log(`| total |  | ${DIALECTS.map((to) => cell(sums[to])).join(" | ")} |`);
}

const upstream = await (process.env.RELAY_URL ? new Relay() : new Standin()).ready();
const counts = new Map();
const failures = [];
// What the clients warn of is checked as values.
console.warn = () => {};
for (const to of DIALECTS) {
  const reader = new READERS[to](upstream.url, upstream.key);
  const file = createReadStream(`${process.argv[2]}/${to}.ndjson`);
  for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
    const current = JSON.parse(line);
    if (!(await upstream.show(current, reader))) {
      continue;
    }
    const row = `${current.provider} ${current.from}`;
    counts.set(row, counts.get(row) ?? {});
    const count = (counts.get(row)[to] ??= { read: 0, total: 0 });
    count.total += 1;
    const wrong = await check(reader, current);
    if (wrong) {
      failures.push(`${current.provider} ${current.recording} (${current.kind}) from ${current.from} to ${to}: ${wrong}`);
    } else {
      count.read += 1;
    }
  }
}
table(counts);
if (counts.size === 0) {
  failures.push("no translations");
}
failures.forEach((failure) => console.log(failure));
process.exit(failures.length > 0 ? 1 : 0);
