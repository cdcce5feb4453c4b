import { describe, expect, it } from "vitest";

import * as sdk from "../src/index.js";
import { Relay, RelayError } from "../src/index.js";
import { type Answer, KEY, json, recorder } from "./recorder.js";

async function failure(answer: Answer): Promise<RelayError> {
  const { fetch } = recorder(answer);
  const relay = new Relay({ key: KEY, fetch, maxRetries: 0 });
  const error: unknown = await relay.createRegistrationToken({ user: "u" }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RelayError);
  return error as RelayError;
}

describe("a refused call", () => {
  it("is an error with status, code, message and request id", async () => {
    const body = { error: { code: "missing_scope", message: "This key may not issue tokens.", requestId: "r-1" } };
    const error = await failure(json(403, body, { "x-relay-request-id": "r-1" }));
    expect(error).toMatchObject({
      name: "RelayPermissionError",
      status: 403,
      code: "missing_scope",
      message: "This key may not issue tokens.",
      requestId: "r-1",
      retryAfter: undefined,
    });
  });

  it.each([
    [400, "BadRequest"],
    [401, "Authentication"],
    [403, "Permission"],
    [404, "NotFound"],
    [409, "Conflict"],
    [413, ""],
    [422, "Unprocessable"],
    [429, "RateLimit"],
    [500, "Server"],
    [503, "Server"],
  ])("with status %i has its own class", async (status, word) => {
    const error = await failure(json(status, {}));
    const name = `Relay${word}Error`;
    expect(error.name).toBe(name);
    expect(error.constructor).toBe(sdk[name as "RelayError"]);
  });

  it("says how long to wait, in seconds, whether it is told a number or a date", async () => {
    expect((await failure(json(429, {}, { "retry-after": "7" }))).retryAfter).toBe(7);
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const { retryAfter } = await failure(json(503, {}, { "retry-after": inAMinute }));
    expect(retryAfter).toBeGreaterThan(50);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect((await failure(json(429, {}, { "retry-after": "soon" }))).retryAfter).toBeUndefined();
  });

  it("is understood without a JSON body", async () => {
    const error = await failure(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(error).toMatchObject({ status: 502, code: "unknown_error", requestId: undefined });
  });

  it("that is a redirect is not followed, and asks for the address", async () => {
    const error = await failure(new Response(null, { status: 301, headers: { location: "https://evil.example" } }));
    expect(error).toMatchObject({ status: 301, code: "redirected" });
    expect(error.message).toContain("baseURL");
  });

  it("never repeats the key, whatever the answer says", async () => {
    const error = await failure(json(401, { error: { code: "x", message: `no key ${KEY} here` } }));
    expect(error.message).toBe("no key rly-… here");
  });
});

describe("a call without an answer", () => {
  it("is a connection error that says what failed", async () => {
    const cause = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:8787") });
    const error = await failure(cause);
    expect(error).toMatchObject({ name: "RelayConnectionError", status: 0, code: "connection_failed" });
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.cause).toBeUndefined();
  });

  it("never repeats the key, whatever fetch says", async () => {
    const error = await failure(new Error(`bad header Bearer ${KEY}`));
    expect(error.message + JSON.stringify(error)).not.toContain(KEY);
  });
});

it("an answer that is not JSON is an error that asks for the address", async () => {
  const error = await failure(new Response("<!doctype html>", { status: 200 }));
  expect(error).toMatchObject({ code: "not_json", status: 200 });
});
