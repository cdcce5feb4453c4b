// The widget itself: WebAssembly and the glue that starts it. Both are named by their content, and checked against
// the hashes that were written into this script when it was packed: who pins this script pins them.

import { origin, script } from "./relay.js";

const GLUE = "__RELAY_GLUE__";
const GLUE_INTEGRITY = "__RELAY_GLUE_INTEGRITY__";
const WASM = "__RELAY_WASM__";
const WASM_INTEGRITY = "__RELAY_WASM_INTEGRITY__";

/** The smallest module there is. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Under Trusted Types a script's address has to be vouched for. Made once: a name may be taken only once. */
let policy;
const vouched = (address) => {
  if (!window.trustedTypes) return address;
  policy ||= window.trustedTypes.createPolicy("relay-widget", {
    createScriptURL(url) {
      if (url.startsWith(`${origin}/widget/assets/`)) return url;
      throw new TypeError("Relay: not a file of the widget's");
    },
  });
  return policy.createScriptURL(address);
};

/** Why this page cannot run the widget itself; empty where it can. */
export const refusal = () => {
  try {
    new WebAssembly.Module(EMPTY);
  } catch {
    return "WebAssembly: add 'wasm-unsafe-eval' to its script-src";
  }
  try {
    vouched(origin + GLUE);
  } catch {
    return "a Trusted Types policy: add relay-widget to its trusted-types";
  }
  return "";
};

/** `import()` takes no integrity; the element does, and the import then finds what it has fetched. */
const fetchGlue = (address, nonce) =>
  new Promise((done, failed) => {
    const element = document.createElement("script");
    element.type = "module";
    element.crossOrigin = "anonymous";
    element.integrity = GLUE_INTEGRITY;
    element.nonce = nonce || (script && script.nonce) || "";
    element.onload = () => done(import(address));
    element.onerror = () => failed(new Error(`${address} was refused, changed on its way, or did not arrive`));
    element.src = vouched(address);
    document.head.append(element);
  });

let module;
let failures = 0;

/** The widget's module, fetched once for all mounts, and again only after a failure. */
export const load = (nonce) =>
  (module ||= (async () => {
    // Browsers remember what an address had, also what they refused; the query makes it another one to them.
    const anew = failures ? `?${failures}` : "";
    // Both at once: the glue would ask for the other only when it runs.
    const wasm = fetch(origin + WASM + anew, { integrity: WASM_INTEGRITY, credentials: "omit" });
    wasm.catch(() => {});
    const glue = await fetchGlue(origin + GLUE + anew, nonce);
    await glue.default({ module_or_path: wasm });
    return glue;
  })().catch((error) => {
    failures += 1;
    module = undefined;
    throw error;
  }));
