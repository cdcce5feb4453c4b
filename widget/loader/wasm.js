// The widget itself: WebAssembly and the glue that starts it.

import { origin } from "./relay.js";

const GLUE = "__RELAY_GLUE__";
const WASM = "__RELAY_WASM__";

/** The widget's module, fetched once for all mounts, and again only after a failure. */
let module;

export const load = () =>
  (module ||= (async () => {
    // Both at once: the glue would ask for the other only when it runs.
    const wasm = fetch(origin + WASM);
    wasm.catch(() => {});
    const glue = await import(origin + GLUE);
    await glue.default({ module_or_path: wasm });
    return glue;
  })().catch((error) => {
    module = undefined;
    throw error;
  }));
