import { describe, expect, it } from "vitest";

import * as sdk from "../src/index.js";
import { Relay, RelayError } from "../src/index.js";
import { KEY, json, recorder } from "./recorder.js";

async function failure(answer: Response | Error): Promise<RelayError> {
  const { fetch } = recorder(answer);
  const relay = new Relay({ key: KEY, fetch });
  const error: unknown = await relay.createRegistrationToken({ user: "u" }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RelayError);
  return error as RelayError;
}

describe("a refused call", () => {
  it("is an error with status, code, message and request id", async () => {
    const body = { error: { code: "scope_missing", message: "This key may not issue tokens.", requestId: "r-1" } };
    const error = await failure(json(403, body, { "x-relay-request-id": "r-1" }));
    expect(error).toMatchObject({
      name: "RelayPermissionError",
      status: 403,
      code: "scope_missing",
      message: "This key may not issue tokens.",
      requestId: "r-1",
    });
  });

  it.each([
    [400, sdk.RelayBadRequestError],
    [401, sdk.RelayAuthenticationError],
    [403, sdk.RelayPermissionError],
    [404, sdk.RelayNotFoundError],
    [422, sdk.RelayBadRequestError],
    [429, sdk.RelayRateLimitError],
    [500, sdk.RelayServerError],
    [503, sdk.RelayServerError],
  ])("with status %i has its own class", async (status, expected) => {
    expect(await failure(json(status, {}))).toBeInstanceOf(expected);
  });

  it("is understood without a JSON body", async () => {
    const error = await failure(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(error).toMatchObject({ status: 502, code: "unknown_error", requestId: undefined });
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

  it("is told apart when it took too long", async () => {
    const error = await failure(new DOMException("too long", "TimeoutError") as unknown as Error);
    expect(error.code).toBe("timeout");
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
