// Where Relay is: the origin this script came from. The names of its files are filled in by `cargo xtask wasm`.

/**
 * This script, by the browser's own getter: an element that somebody got into the page with the name `currentScript`
 * would stand in its place on `document`, and say where keys are sent.
 */
export const script = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript").get.call(document);

export const origin = new URL(script && script.src ? script.src : location.href).origin;

/** What the widget asks first. */
export const SESSION = "/v1/widget/session";

/** What every call carries besides the token. */
const standing = {};

/** Adds a header to every call from here on: for Relay's own pages, other pages may send none. */
export const alwaysSend = (name, value) => {
  standing[name] = value;
};

/**
 * Calls Relay: `{ ok, body }`, the body null if it is no JSON. No cookies; the token is the only
 * credential. Connecting may take longer, as Relay asks the provider meanwhile.
 */
export const call = async (path, token, body, method = body ? "POST" : "GET") => {
  const response = await fetch(origin + path, {
    method,
    headers: { ...standing, authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    body,
    credentials: "omit",
    cache: "no-store",
    signal: AbortSignal.timeout ? AbortSignal.timeout(body ? 45e3 : 15e3) : undefined,
  });
  return { ok: response.ok, body: await response.json().catch(() => null) };
};
