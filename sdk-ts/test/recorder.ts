import type { Fetch } from "../src/index.js";

/** A call that a recorder received. */
export interface RecordedCall {
  method: string;
  url: string;
  headers: Headers;
  body: unknown;
  redirect: string | undefined;
}

/** An answer, or what makes one of the call: to fail, or to wait for its signal. */
export type Answer = Response | Error | ((init: RequestInit) => Promise<Response>);

/** A `fetch` that keeps what it is given and answers from a list. */
export function recorder(...answers: Answer[]): { fetch: Fetch; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const fetch: Fetch = async (input, init) => {
    const { body } = init;
    const text = body instanceof ArrayBuffer ? new TextDecoder().decode(body) : body;
    calls.push({
      method: init.method ?? "GET",
      url: input,
      headers: new Headers(init.headers),
      body: typeof text === "string" ? JSON.parse(text) : undefined,
      redirect: init.redirect,
    });
    const answer = answers.shift();
    if (answer === undefined) {
      throw new Error("the test did not expect another call");
    }
    if (answer instanceof Error) {
      throw answer;
    }
    return typeof answer === "function" ? answer(init) : answer;
  };
  return { fetch, calls };
}

/** Never answers, and fails when its signal says so, as `fetch` does. */
export const silence: Answer = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** A relay key no Relay has. */
export const KEY = "rly-test-0123456789abcdef";
/** Where no Relay is. */
export const BASE = "https://relay.example.com";
