import { checkedLabel, fitsInHeader } from "./labels.js";
import type { Fetch } from "./transport.js";

/** On whose behalf AI is called. */
export interface Bound {
  /** The end user whose own key is used; `null` for your own keys (the pool). */
  user: string | null;
  /** Whether this user pays (`true`) or is on the free tier (`false`), for your policies. */
  paid?: boolean | undefined;
}

/** Where the official clients put keys: theirs come from the environment and are not Relay's business. */
const KEY_HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "x-relay-user", "x-relay-paid"];

/**
 * A `fetch` that calls Relay, and nothing else, with the relay key on one user's behalf. It has the
 * last word: no header that a client or a caller adds names another user, or carries another key.
 */
export function boundFetch({ user, paid }: Bound, baseURL: string, key: string, fetch: Fetch): typeof globalThis.fetch {
  const own: Record<string, string> = { authorization: `Bearer ${key}` };
  if (user !== null) {
    if (fitsInHeader(checkedLabel(user))) {
      own["x-relay-user"] = user;
    } else {
      // Platforms differ in the bytes that they make of other characters in a header.
      own["authorization"] += `:user=${encodeURIComponent(user)}`;
    }
  }
  if (paid !== undefined) {
    own["x-relay-paid"] = String(paid);
  }
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = addressed(request?.url ?? String(input), baseURL);
    const headers = new Headers(init?.headers ?? request?.headers);
    KEY_HEADERS.forEach((name) => headers.delete(name));
    Object.entries(own).forEach(([name, value]) => headers.set(name, value));
    const { method, signal } = request ?? {};
    const body = request?.body ? await request.arrayBuffer() : null;
    // A redirect could lead anywhere, key in hand.
    return fetch(url, { ...(request && { method, signal, body }), ...init, headers, redirect: "manual" } as RequestInit);
  };
}

/** The absolute address of a call, which is Relay's: nobody else is to see a relay key. */
function addressed(text: string, baseURL: string): string {
  const { href } = new URL(/^\/(?!\/)/.test(text) ? baseURL + text : text);
  if (!href.startsWith(`${baseURL}/`)) {
    throw new TypeError(`This fetch calls Relay at ${baseURL} only, not ${new URL(href).origin}.`);
  }
  return href;
}
