import { RelayConnectionError, RelayError, RelayTimeoutError, errorOfStatus } from "./errors.js";

/** `fetch`, or what stands in for it. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What every call of one of Relay's own routes takes. */
export interface CallOptions {
  /** Ends the call, and the wait between tries; the promise fails with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The longest to wait for an answer, each time it is tried, in milliseconds. */
  timeout?: number | undefined;
  /** How often a call is tried again. */
  maxRetries?: number | undefined;
  /** Sent as `Idempotency-Key`, by which Relay does a `POST` once; one is made when left out. */
  idempotencyKey?: string | undefined;
}

/** A value of a query: what is `undefined` or `null` is left out. */
export type QueryValue = string | number | boolean | Date | undefined | null;

/** A call of one of Relay's own routes. */
export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: object | undefined;
  body?: unknown;
  /** A `POST` that does no harm when it is done twice, and so needs no `Idempotency-Key`. */
  repeatable?: boolean;
  /** Whether the answer's body is read later, by the caller. */
  streamed?: boolean;
}

/** How calls are made, unless one says otherwise. */
export interface Defaults {
  baseURL: string;
  key: string;
  fetch: Fetch;
  timeout: number;
  maxRetries: number;
}

/** The longest that a call waits for its next try: beyond, the caller is told to. */
const LONGEST_WAIT_S = 60;
const FIRST_WAIT_S = 0.5;
const LONGEST_BACKOFF_S = 8;

/** Sends calls with the relay key, and turns every failure into a {@link RelayError}. */
export class Transport {
  readonly #defaults: Defaults;

  constructor(defaults: Defaults) {
    this.#defaults = defaults;
  }

  /** Sends a call and gives the JSON of its answer; `undefined` when the answer is empty. */
  send<T>(call: Call, options?: CallOptions): Promise<T> {
    return this.#tryOften(call, options, async (response) => {
      const text = await response.text();
      if (text === "") {
        return undefined as T;
      }
      try {
        return JSON.parse(text) as T;
      } catch {
        throw errorOfStatus({
          status: response.status,
          code: "not_json",
          message: `The answer from ${this.#defaults.baseURL} is not JSON. Is this the address of a Relay?`,
          requestId: requestId(response),
        });
      }
    });
  }

  /** Sends a call and gives its answer as it is, to be read bit by bit. */
  stream(call: Call, options?: CallOptions): Promise<Response> {
    return this.#tryOften({ ...call, streamed: true }, options, async (response) => response);
  }

  async #tryOften<T>(call: Call, options: CallOptions = {}, read: (answer: Response) => Promise<T>): Promise<T> {
    const { maxRetries = this.#defaults.maxRetries, signal } = options;
    const named = call.method === "POST" && !call.repeatable;
    const idempotencyKey = options.idempotencyKey ?? (named ? crypto.randomUUID() : undefined);
    let mayBeDone = false;
    for (let tried = 0; ; tried += 1) {
      try {
        return await this.#tryOnce(call, options, idempotencyKey, read);
      } catch (error) {
        signal?.throwIfAborted();
        const { status, retryAfter, code } = error as RelayError;
        if (mayBeDone && call.method === "DELETE" && status === 404) {
          // The try before, whose answer was lost, did it.
          return undefined as T;
        }
        mayBeDone ||= status !== 429;
        const seconds = retryAfter ?? backoff(tried);
        if (tried >= maxRetries || code === "not_json" || !mayRepeat(status, code) || seconds > LONGEST_WAIT_S) {
          throw error;
        }
        await wait(seconds * 1000, signal);
      }
    }
  }

  async #tryOnce<T>(
    call: Call,
    { signal, timeout = this.#defaults.timeout }: CallOptions,
    idempotencyKey: string | undefined,
    read: (answer: Response) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const ending = new AbortController();
    const init = this.#init(call, ending.signal, idempotencyKey);
    const end = () => ending.abort(signal?.reason);
    signal?.addEventListener("abort", end, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      ending.abort();
    }, timeout);
    try {
      const response = await this.#defaults.fetch(this.#url(call), init);
      if (!response.ok) {
        throw this.#refused(response, await response.text());
      }
      return await read(response);
    } catch (error) {
      throw error instanceof RelayError ? error : this.#unreachable(error, late ? timeout : undefined);
    } finally {
      clearTimeout(timer);
      if (!call.streamed) {
        signal?.removeEventListener("abort", end);
      }
    }
  }

  #url({ path, query = {} }: Call): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query as Record<string, QueryValue>)) {
      if (value !== undefined && value !== null) {
        search.set(name, value instanceof Date ? value.toISOString() : String(value));
      }
    }
    const text = search.toString();
    return `${this.#defaults.baseURL}${path}${text && `?${text}`}`;
  }

  #init({ method, body }: Call, signal: AbortSignal, idempotencyKey: string | undefined): RequestInit {
    const headers: Record<string, string> = {
      accept: "application/json",
      authorization: `Bearer ${this.#defaults.key}`,
    };
    // Not "error", which Cloudflare's Workers do not know; Relay itself never redirects.
    const init: RequestInit = { method, headers, redirect: "manual", signal };
    if (idempotencyKey !== undefined) {
      headers["idempotency-key"] = idempotencyKey;
    }
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    return init;
  }

  /** The cause is put into words but not attached: a `fetch` may leave request headers on it. */
  #unreachable(cause: unknown, timeout: number | undefined): RelayError {
    const { baseURL } = this.#defaults;
    if (timeout !== undefined) {
      const message = `Relay at ${baseURL} did not answer within ${timeout} ms.`;
      return new RelayTimeoutError({ status: 0, code: "timeout", message });
    }
    const message = this.#withoutKey(`Relay at ${baseURL} cannot be reached: ${reason(cause)}.`);
    return new RelayConnectionError({ status: 0, code: "connection_failed", message });
  }

  #refused(response: Response, text: string): RelayError {
    const { code, message, requestId: named } = errorBody(text);
    const { status } = response;
    const redirected = response.type === "opaqueredirect" || (status >= 300 && status < 400);
    const otherwise = redirected
      ? `${this.#defaults.baseURL} answers with a redirect. Give the address of Relay itself as baseURL.`
      : `Relay answered ${status}.`;
    return errorOfStatus({
      status: status || 302,
      code: code ?? (redirected ? "redirected" : "unknown_error"),
      message: this.#withoutKey(message ?? otherwise),
      requestId: requestId(response) ?? named,
      retryAfter: retryAfter(response.headers.get("retry-after")),
    });
  }

  #withoutKey(text: string): string {
    return text.replaceAll(this.#defaults.key, "rly-…");
  }
}

/**
 * Whether a call is made again after an answer (0: none) that does not tell whether it was done. What may
 * not be done twice carries a key, the same at each try, by which Relay knows it again.
 */
function mayRepeat(status: number, code: string): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500 || code === "idempotency_in_progress";
}

/** Seconds to wait when Relay does not say: doubling, and never all callers at once. */
function backoff(tried: number): number {
  return Math.min(FIRST_WAIT_S * 2 ** tried, LONGEST_BACKOFF_S) * (0.5 + Math.random() / 2);
}

/** Resolves in a while, or fails as soon as the signal says so. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** `Retry-After` in seconds, whether it is a number of them or a date. */
function retryAfter(header: string | null): number | undefined {
  if (!header) {
    return undefined;
  }
  const seconds = /^\d+(\.\d+)?$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function requestId(response: Response): string | undefined {
  return response.headers.get("x-relay-request-id") ?? undefined;
}

/** Node's `fetch` says only "fetch failed"; what failed is in the cause. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return "unknown reason";
  }
  const inner = cause.cause;
  return inner instanceof Error && inner.message ? `${cause.message} (${inner.message})` : cause.message;
}

interface ErrorBody {
  code?: string | undefined;
  message?: string | undefined;
  requestId?: string | undefined;
}

function errorBody(text: string): ErrorBody {
  try {
    const { error = {} } = JSON.parse(text) as { error?: Record<string, unknown> };
    const word = (name: string) => {
      const value = error[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    return { code: word("code"), message: word("message"), requestId: word("requestId") };
  } catch {
    return {};
  }
}
