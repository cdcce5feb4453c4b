import { createHmac } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { RelayWebhookError, verifyWebhook } from "../src/index.js";

const SECRET = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;
const NOW = new Date("2026-11-21T12:00:00.000Z");
const EVENT = { type: "credential.broken", timestamp: "2026-11-21T11:59:59.000Z", data: { user: "ada", provider: "오픈" } };
const BODY = JSON.stringify(EVENT);

beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

/** A signature by Node's own HMAC, not by the code under test. */
function sign(body: string, { id = "msg_1", at = NOW.getTime() / 1000, secret = SECRET } = {}) {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${signature}` };
}

describe("a webhook of Relay's", () => {
  it("is what it tells, whatever the body and the headers came as", async () => {
    const bytes = new TextEncoder().encode(BODY);
    for (const body of [BODY, bytes, bytes.buffer, Buffer.from(BODY)]) {
      expect(await verifyWebhook(body, sign(BODY), SECRET)).toEqual(EVENT);
    }
    const headers = sign(BODY);
    expect(await verifyWebhook(BODY, new Headers(headers), SECRET)).toEqual(EVENT);
    const loud = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    expect(await verifyWebhook(BODY, loud, SECRET)).toEqual(EVENT);
  });

  it("is that of the specification's own example", async () => {
    // https://github.com/standard-webhooks/standard-webhooks: the example its libraries are tested with.
    vi.setSystemTime(1_614_265_330_000);
    const headers = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    expect(await verifyWebhook('{"test": 2432232314}', headers, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toEqual({
      test: 2432232314,
    });
  });

  it("may have several signatures, of keys that come and go", async () => {
    const other = `whsec_${Buffer.from("another secret, just as long.").toString("base64")}`;
    const { "webhook-signature": old, ...headers } = sign(BODY);
    const { "webhook-signature": fresh } = sign(BODY, { secret: other });
    const both = { ...headers, "webhook-signature": `v1a,unknown ${fresh} ${old}` };
    expect(await verifyWebhook(BODY, both, SECRET)).toEqual(EVENT);
    expect(await verifyWebhook(BODY, both, other)).toEqual(EVENT);
    expect(await verifyWebhook(BODY, sign(BODY), [other, SECRET])).toEqual(EVENT);
  });

  it("may be five minutes old, or ahead", async () => {
    for (const seconds of [-300, 300]) {
      expect(await verifyWebhook(BODY, sign(BODY, { at: NOW.getTime() / 1000 + seconds }), SECRET)).toEqual(EVENT);
    }
    const old = sign(BODY, { at: NOW.getTime() / 1000 - 900 });
    expect(await verifyWebhook(BODY, old, SECRET, { tolerance: 1000 })).toEqual(EVENT);
  });
});

describe("refused is", () => {
  const headers = sign(BODY);
  const signature = headers["webhook-signature"];
  const late = (seconds: number) => sign(BODY, { at: NOW.getTime() / 1000 + seconds });
  it.each<[string, string, Record<string, string>, string, string]>([
    ["another body", `${BODY} `, headers, SECRET, "wrong_signature"],
    ["another id", BODY, { ...headers, "webhook-id": "msg_2" }, SECRET, "wrong_signature"],
    ["another time", BODY, { ...headers, "webhook-timestamp": String(NOW.getTime() / 1000 - 1) }, SECRET, "wrong_signature"],
    ["another secret", BODY, headers, "whsec_c29tZXRoaW5nIGVsc2U=", "wrong_signature"],
    ["another version", BODY, { ...headers, "webhook-signature": signature.replace("v1,", "v2,") }, SECRET, "wrong_signature"],
    ["a part of the signature", BODY, { ...headers, "webhook-signature": signature.slice(0, 12) }, SECRET, "wrong_signature"],
    ["no base64", BODY, { ...headers, "webhook-signature": "v1,%%%" }, SECRET, "wrong_signature"],
    ["an old one", BODY, late(-301), SECRET, "timestamp_out_of_range"],
    ["one from the future", BODY, late(301), SECRET, "timestamp_out_of_range"],
    ["no time", BODY, { ...headers, "webhook-timestamp": "now" }, SECRET, "timestamp_out_of_range"],
    ["no signature", BODY, { ...headers, "webhook-signature": "" }, SECRET, "missing_header"],
    ["no secret", BODY, headers, "whsec_", "invalid_secret"],
    ["no base64 for a secret", BODY, headers, "whsec_%%%", "invalid_secret"],
    ["no JSON", "hello", sign("hello"), SECRET, "not_json"],
  ])("%s", async (_name, body, given, secret, code) => {
    const error: unknown = await verifyWebhook(body, given, secret).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RelayWebhookError);
    expect(error).toMatchObject({ name: "RelayWebhookError", code });
    expect((error as Error).message).not.toContain(secret.slice(6) || "\0");
  });
});
