import { RelayConnectionError, type RelayError, errorOfStatus } from "./errors.js";

/** `fetch`, or what stands in for it. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** A call of one of Relay's own routes. */
export interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
}

/** Sends calls with the relay key, and turns every failure into a {@link RelayError}. */
export class Transport {
  readonly baseURL: string;
  readonly #key: string;
  readonly #fetch: Fetch;
  readonly #timeout: number;

  constructor(baseURL: string, key: string, fetch: Fetch, timeout: number) {
    this.baseURL = baseURL;
    this.#key = key;
    this.#fetch = fetch;
    this.#timeout = timeout;
  }

  /** Sends a call and gives the JSON of its answer; `undefined` when the answer is empty. */
  async send<T>(call: Call): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#url(call), this.#init(call));
      text = await response.text();
    } catch (cause) {
      throw this.#unreachable(cause);
    }
    if (!response.ok) {
      throw this.#refused(response, text);
    }
    if (text === "") {
      return undefined as T;
    }
    try {
      return JSON.parse(text) as T;
    } catch {
      throw errorOfStatus({
        status: response.status,
        code: "not_json",
        message: `The answer from ${this.baseURL} is not JSON. Is this the address of a Relay?`,
        requestId: requestId(response),
      });
    }
  }

  #url({ path, query = {} }: Call): string {
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const search = new URLSearchParams(pairs).toString();
    return `${this.baseURL}${path}${search && `?${search}`}`;
  }

  #init({ method, body }: Call): RequestInit {
    const headers: Record<string, string> = {
      accept: "application/json",
      authorization: `Bearer ${this.#key}`,
    };
    const init: RequestInit = {
      method,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(this.#timeout),
    };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    return init;
  }

  /** The cause is put into words but not attached: a `fetch` may leave request headers on it. */
  #unreachable(cause: unknown): RelayError {
    const timedOut = cause instanceof Error && cause.name === "TimeoutError";
    const message = timedOut
      ? `Relay at ${this.baseURL} did not answer within ${this.#timeout} ms.`
      : `Relay at ${this.baseURL} cannot be reached: ${reason(cause)}.`;
    return new RelayConnectionError({
      status: 0,
      code: timedOut ? "timeout" : "connection_failed",
      message: this.#withoutKey(message),
    });
  }

  #refused(response: Response, text: string): RelayError {
    const { code, message, requestId: named } = errorBody(text);
    return errorOfStatus({
      status: response.status,
      code: code ?? "unknown_error",
      message: this.#withoutKey(message ?? `Relay answered ${response.status}.`),
      requestId: requestId(response) ?? named,
    });
  }

  #withoutKey(text: string): string {
    return text.replaceAll(this.#key, "rly-…");
  }
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
