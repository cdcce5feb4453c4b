/*! Relay widget: https://github.com/relayservice/relay (Apache-2.0) */
// Served as /widget.js. Defines `Relay.mount` at once, paints a skeleton at once, and fetches the widget itself
// (WebAssembly and its glue) from its own origin.

import { iframe } from "./iframe.js";
import { origin } from "./relay.js";
import { shadow } from "./shadow.js";
import { refusal } from "./wasm.js";

/** What is mounted where, so that mounting again replaces. */
const mounted = new WeakMap();

export const mount = (target, given) => {
  const place = typeof target === "string" ? document.querySelector(target) : target;
  if (!(place instanceof Element)) throw new TypeError(`Relay.mount: no element matches ${target}`);
  const before = mounted.get(place);
  if (before) before.unmount();

  let options = { ...given };
  let alive = true;

  /** Calls the page's own function after this turn, so that whatever it does or throws is its own. */
  const emit = (name, details) => {
    const callback = options["on" + name[0].toUpperCase() + name.slice(1)];
    queueMicrotask(() => {
      if (alive && typeof callback === "function") name === "ready" ? callback() : callback(details);
    });
  };

  const refused = options.isolation !== "iframe" && refusal();
  if (refused) {
    console.error(
      `Relay: this page's Content-Security-Policy refuses ${refused}. Until then the widget is drawn in a frame, which ` +
        `needs frame-src ${origin}.`,
    );
  }
  const draw = refused || options.isolation === "iframe" ? iframe : shadow;
  const drawn = draw(place, options, emit);
  const handle = {
    update(changed) {
      if (!alive) return;
      options = { ...options, ...changed };
      drawn.update(changed);
    },
    unmount() {
      if (!alive) return;
      alive = false;
      if (mounted.get(place) === handle) mounted.delete(place);
      drawn.unmount();
    },
  };
  mounted.set(place, handle);
  return handle;
};

// A page may have loaded the script twice: the first stays.
if (!window.Relay || !window.Relay.mount) window.Relay = Object.assign(window.Relay || {}, { mount });
