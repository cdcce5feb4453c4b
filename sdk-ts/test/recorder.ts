import type { Fetch } from "../src/index.js";

/** A call that a recorder received. */
export interface RecordedCall {
  method: string;
  url: string;
  headers: Headers;
  body: unknown;
}

/** A `fetch` that keeps what it is given and answers from a list. */
export function recorder(...answers: Array<Response | Error>): { fetch: Fetch; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const fetch: Fetch = async (input, init) => {
    calls.push({
      method: init.method ?? "GET",
      url: String(input),
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    });
    const answer = answers.shift();
    if (answer === undefined) {
      throw new Error("the test did not expect another call");
    }
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  return { fetch, calls };
}

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** A relay key no Relay has. */
export const KEY = "rly-test-0123456789abcdef";
