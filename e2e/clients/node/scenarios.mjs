// What every Node.js client script shares: the story they all tell, and the runner.
//
// The client under test is told a base URL, a key and one header, as anybody would tell it. What else
// stands in the environment is between the spec and this file: SIM_URL and REPLIES (what the simulated
// provider is to say, by scenario), WITHOUT (scenarios to leave out).

import { readFileSync } from "node:fs";

export const story = JSON.parse(readFileSync(new URL("../story.json", import.meta.url), "utf8"));

export const { BASE_URL, API_KEY, MODEL, EMBEDDING_MODEL, OTHER_BASE_URL, OTHER_KEY } = process.env;

/** The end user's header; none when the provider itself is called. */
export const headersFor = (user) => (user ? { "X-Relay-User": user } : {});
export const HEADERS = headersFor(process.env.RELAY_USER);

/** What a tool answers: enough to tell which call it answers. */
export const toolAnswer = (name, args) => [name, ...Object.values(args)].join(" ");

/** Fields that are not told are left out. */
export const told = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));

/**
 * Runs scenarios one after another and prints one JSON: what each gave (`value`) or threw (`error`, in
 * the client's own words by `describe`), and the requests that reached the provider (`upstream`).
 */
export async function run(scenarios, describe) {
  const { SIM_URL, REPLIES = "{}", WITHOUT = "" } = process.env;
  const replies = JSON.parse(REPLIES);
  const unwanted = WITHOUT.split(",");
  const sim = (method, path, body) =>
    fetch(`${SIM_URL}/__sim/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
  const result = {};
  for (const [name, scenario] of Object.entries(scenarios).filter(([name]) => !unwanted.includes(name))) {
    await sim("DELETE", "script");
    await sim("DELETE", "requests");
    for (const reply of replies[name] ?? []) {
      await sim("POST", "script", reply);
    }
    // A stream that breaks off throws; what came before it is told all the same.
    const seen = {};
    try {
      result[name] = { value: await scenario(seen) };
    } catch (error) {
      const { name: type, message } = error;
      result[name] = { error: { class: error.constructor?.name ?? type, message, ...describe(error), ...seen } };
    }
    const received = await (await sim("GET", "requests")).json();
    result[name].upstream = received.map(({ method, path, body }) => ({ method, path, body }));
  }
  console.log(JSON.stringify(result));
}
