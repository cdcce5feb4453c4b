import type { RelayGlobal } from "./options.js";

export type * from "./options.js";

/** Where the widget comes from. */
export interface LoadOptions {
  /** Where Relay is, e.g. `https://relay.example.com`. */
  baseURL: string;
  /** The hash that Relay publishes at `/widget/integrity.json`: the browser runs this very script or none. */
  integrity?: string | undefined;
  /** The nonce of the page's Content-Security-Policy. */
  nonce?: string | undefined;
}

/** The widget's script could not be loaded, or is not what it should be. */
export class RelayLoadError extends Error {
  override readonly name = "RelayLoadError";
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** What is being loaded, by address. It is the page's and not this module's, of which there may be several. */
interface Shared {
  loading: Map<string, Promise<RelayGlobal>>;
  policy?: ReturnType<TrustedTypes["createPolicy"]>;
}
const SHARED = Symbol.for("@relayservice/widget");

/**
 * Gives the page's `Relay`, whose `mount` draws the widget: the one that is there, else that of the
 * script at `baseURL`, which is put into the page once. After a failure it may be called again.
 */
export function loadRelay({ baseURL, integrity, nonce }: LoadOptions): Promise<RelayGlobal> {
  if (typeof document === "undefined") {
    const nowhere = Promise.reject(new RelayLoadError("There is no page here: call loadRelay in the browser."));
    // Called on a server beside everything else, it must not end the process.
    nowhere.catch(() => {});
    return nowhere;
  }
  if (window.Relay?.mount) {
    return Promise.resolve(window.Relay);
  }
  const address = scriptAddress(baseURL);
  const { loading } = shared();
  let promise = loading.get(address);
  if (!promise) {
    promise = inserted(address, integrity, nonce);
    loading.set(address, promise);
    promise.catch(() => loading.delete(address));
  }
  return promise;
}

function shared(): Shared {
  const page = window as { [SHARED]?: Shared };
  return (page[SHARED] ??= { loading: new Map() });
}

function scriptAddress(baseURL: string): string {
  let url: URL;
  try {
    url = new URL(baseURL, location.href);
  } catch {
    throw new TypeError("baseURL: give the address of Relay, e.g. https://relay.example.com");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}/widget/v1.js`;
}

function inserted(address: string, integrity: string | undefined, nonce: string | undefined): Promise<RelayGlobal> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = (why: string) => {
      script.remove();
      reject(new RelayLoadError(`${address} ${why}`));
    };
    script.onload = () =>
      window.Relay?.mount ? resolve(window.Relay) : fail("is not the script of a Relay's widget. Is baseURL right?");
    script.onerror = () =>
      fail("could not be loaded: the network, this page's Content-Security-Policy, or another integrity than its own.");
    script.async = true;
    // Asked for like this, it can be checked, and errors in it are told.
    script.crossOrigin = "anonymous";
    if (integrity) {
      script.integrity = integrity;
    }
    if (nonce) {
      script.nonce = nonce;
    }
    script.src = vouched(address);
    document.head.append(script);
  });
}

/** Under Trusted Types a script's address has to be vouched for, by a policy whose name may be taken once. */
function vouched(address: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) {
    return address;
  }
  const page = shared();
  page.policy ??= trustedTypes.createPolicy("relay-widget-loader", { createScriptURL: (url) => url });
  return page.policy.createScriptURL(address);
}
