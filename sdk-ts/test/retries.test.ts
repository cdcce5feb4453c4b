import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Relay, RelayRateLimitError, RelayServerError, RelayTimeoutError } from "../src/index.js";
import { type Answer, BASE, KEY, json, recorder, silence } from "./recorder.js";

const broken = () => json(503, { error: { code: "internal_error", message: "Broken." } });
const page = () => json(200, { data: [] });
const gone = () => json(404, { error: { code: "not_found", message: "No such user." } });

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function relayWith(...answers: Answer[]) {
  const { fetch, calls } = recorder(...answers);
  return { relay: new Relay({ key: KEY, baseURL: BASE, fetch }), calls };
}

/** How a promise ended, once all the time that it waits for has passed. */
async function settled<T>(promise: PromiseLike<T>): Promise<{ value?: T; error?: unknown; waited: number }> {
  const start = Date.now();
  const outcome = Promise.resolve(promise).then(
    (value) => ({ value, waited: Date.now() - start }),
    (error: unknown) => ({ error, waited: Date.now() - start }),
  );
  await vi.runAllTimersAsync();
  return outcome;
}

describe("what does no harm when it is done twice", () => {
  it.each([
    ["a list", (relay: Relay) => relay.users.list()],
    ["a change in place", (relay: Relay) => relay.users.credentials("u").put("openai", { apiKey: "sk" })],
    ["a registration token", (relay: Relay) => relay.createRegistrationToken({ user: "u" })],
  ])("is tried again after a failure and no answer: %s", async (_name, act) => {
    const { relay, calls } = relayWith(broken(), new TypeError("fetch failed"), page());
    const { value, waited } = await settled<unknown>(act(relay));
    expect(value).toEqual({ data: [] });
    expect(calls).toHaveLength(3);
    // Half a second and one, each between its half and its whole: three quarters.
    expect(waited).toBe(375 + 750);
    // A key would only have Relay remember what nobody asks for again.
    expect(calls.some(({ headers }) => headers.has("idempotency-key"))).toBe(false);
  });

  it("is given up after two more tries, or as many as are wished", async () => {
    const first = relayWith(broken(), broken(), broken());
    expect((await settled(first.relay.users.list())).error).toBeInstanceOf(RelayServerError);
    expect(first.calls).toHaveLength(3);
    const never = relayWith(broken());
    expect((await settled(never.relay.users.list({}, { maxRetries: 0 }))).error).toBeInstanceOf(RelayServerError);
    expect(never.calls).toHaveLength(1);
  });

  it("has been done when what was to be removed is gone after an answer got lost", async () => {
    const lost = relayWith(new TypeError("fetch failed"), gone());
    expect(await settled(lost.relay.users.delete("u"))).toMatchObject({ value: undefined, waited: 375 });
    expect(lost.calls).toHaveLength(2);
    const never = relayWith(gone());
    expect((await settled(never.relay.users.delete("u"))).error).toMatchObject({ status: 404 });
  });
});

describe("what would be done twice", () => {
  const inProgress = () => json(409, { error: { code: "idempotency_in_progress" } }, { "retry-after": "1" });
  const made = () => json(201, { id: "made" });

  it.each([
    ["making a relay key", (relay: Relay) => relay.relayKeys.create({ name: "n" })],
    ["rotating one", (relay: Relay) => relay.relayKeys.rotate("id")],
    ["making a policy", (relay: Relay) => relay.policies.create({ name: "n" })],
  ])("is tried again by the same key, whatever became of the try before: %s", async (_name, act) => {
    for (const answer of [broken(), json(408, {}), new TypeError("fetch failed"), silence]) {
      const { relay, calls } = relayWith(answer, inProgress(), made());
      expect((await settled<unknown>(act(relay))).value).toEqual({ id: "made" });
      const keys = calls.map(({ headers }) => headers.get("idempotency-key"));
      expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
      expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    }
  });

  it("is waited for while it is under way, as long as Relay says", async () => {
    const { relay } = relayWith(inProgress(), made());
    expect(await settled(relay.relayKeys.create({ name: "n" }))).toMatchObject({ value: { id: "made" }, waited: 1000 });
    const still = relayWith(inProgress(), inProgress(), inProgress());
    expect((await settled(still.relay.relayKeys.create({ name: "n" }))).error).toMatchObject({
      status: 409,
      code: "idempotency_in_progress",
    });
    expect(still.calls).toHaveLength(3);
  });

  it("has another key each time it is asked for", async () => {
    const { relay, calls } = relayWith(made(), made());
    await relay.relayKeys.create({ name: "n" });
    await relay.relayKeys.create({ name: "n" });
    const keys = new Set(calls.map(({ headers }) => headers.get("idempotency-key")));
    expect(keys.size).toBe(2);
  });

  it("may be named by the caller", async () => {
    const { relay, calls } = relayWith(json(201, {}));
    await relay.policies.create({ name: "n" }, { idempotencyKey: "order-1" });
    expect(calls[0]?.headers.get("idempotency-key")).toBe("order-1");
  });
});

describe("Retry-After", () => {
  it("is kept to", async () => {
    const { relay } = relayWith(json(429, {}, { "retry-after": "30" }), page());
    expect((await settled(relay.users.list())).waited).toBe(30_000);
  });

  it("that is longer than a minute is the caller's to decide on", async () => {
    const { relay, calls } = relayWith(json(429, {}, { "retry-after": "86400" }));
    const { error, waited } = await settled(relay.users.list());
    expect(error).toBeInstanceOf(RelayRateLimitError);
    expect(error).toMatchObject({ retryAfter: 86400 });
    expect(waited).toBe(0);
    expect(calls).toHaveLength(1);
  });
});

it.each([400, 401, 403, 404, 409, 422])("what is refused with %i stays refused", async (status) => {
  const { relay, calls } = relayWith(json(status, {}));
  expect((await settled(relay.users.get("u"))).error).toMatchObject({ status });
  expect(calls).toHaveLength(1);
});

describe("time", () => {
  it("is up for each try after thirty seconds, or as many as are wished", async () => {
    const { relay, calls } = relayWith(silence, silence, silence);
    const { error, waited } = await settled(relay.users.list());
    expect(error).toBeInstanceOf(RelayTimeoutError);
    expect(error).toMatchObject({ status: 0, code: "timeout" });
    expect(waited).toBe(3 * 30_000 + 375 + 750);
    expect(calls).toHaveLength(3);
    const short = relayWith(silence);
    expect(await settled(short.relay.users.list({}, { timeout: 50, maxRetries: 0 }))).toMatchObject({ waited: 50 });
  });

  it("leaves no timer behind", async () => {
    const { relay } = relayWith(page());
    await relay.users.list();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a signal", () => {
  it("ends a call with the signal's own reason, and no other try", async () => {
    const { relay, calls } = relayWith(silence);
    const ending = new AbortController();
    const call = settled(relay.users.get("u", { signal: ending.signal }));
    ending.abort(new Error("enough"));
    expect((await call).error).toEqual(new Error("enough"));
    expect(calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends the wait between tries", async () => {
    const { relay, calls } = relayWith(json(429, {}, { "retry-after": "30" }));
    const ending = new AbortController();
    const call = relay.users.get("u", { signal: ending.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1000);
    ending.abort();
    expect(await call).toMatchObject({ name: "AbortError" });
    expect(calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is over keeps a call from being made", async () => {
    const { relay, calls } = relayWith();
    await expect(relay.users.get("u", { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(calls).toHaveLength(0);
  });

  it("ends what is still being read of an export", async () => {
    let inner: AbortSignal | null | undefined;
    const { relay } = relayWith(async ({ signal }) => {
      inner = signal;
      return new Response("id\n");
    });
    const ending = new AbortController();
    const answer = await relay.requests.export({ format: "csv" }, { signal: ending.signal });
    expect(await answer.text()).toBe("id\n");
    ending.abort();
    expect(inner?.aborted).toBe(true);
  });
});
