/*! Relay widget: https://github.com/relayservice/relay (Apache-2.0) */
// Served as /widget.js. Defines `Relay.mount` at once, paints a skeleton at once, and fetches the widget itself
// (WebAssembly and its glue) from its own origin.

import { iframe } from "./iframe.js";
import { origin } from "./relay.js";
import { shadow } from "./shadow.js";
import { refusal } from "./wasm.js";

/** What is mounted where, so that mounting again replaces. */
const mounted = new WeakMap();

/** What a page may listen for: by `on`, or by an option (`onReady`, ...). */
const EVENTS = ["ready", "change", "success", "error", "exit"];
const option = (name) => "on" + name[0].toUpperCase() + name.slice(1);

export const mount = (target, given) => {
  const place = typeof target === "string" ? document.querySelector(target) : target;
  if (!(place instanceof Element)) throw new TypeError(`Relay.mount: no element matches ${target}`);
  const before = mounted.get(place);
  if (before) before.unmount();

  let options = { ...given };
  let alive = true;

  const listeners = {};

  const heard = (name) => [options[option(name)], ...(listeners[name] || [])].filter((one) => typeof one === "function");

  /** Calls the page's own functions after this turn, each in a turn of its own: whatever one does or throws is its own. */
  const emit = (name, details) => {
    for (const callback of EVENTS.includes(name) ? heard(name) : []) {
      queueMicrotask(() => {
        if (alive) name === "ready" ? callback() : callback(details);
      });
    }
  };

  /** The options with what follows from them: whoever listens for the exit is given a way out. */
  const whole = () => ({ ...options, exits: heard("exit").length > 0 });

  const refused = options.isolation !== "iframe" && refusal();
  if (refused) {
    console.error(
      `Relay: this page's Content-Security-Policy refuses ${refused}. Until then the widget is drawn in a frame, which ` +
        `needs frame-src ${origin}.`,
    );
  }
  const draw = refused || options.isolation === "iframe" ? iframe : shadow;
  const drawn = draw(place, whole(), emit);
  const handle = {
    update(changed) {
      if (!alive) return;
      options = { ...options, ...changed };
      drawn.update({ ...changed, exits: whole().exits });
    },
    on(name, callback) {
      if (!EVENTS.includes(name)) throw new TypeError(`Relay: there is no event ${name}, only ${EVENTS.join(", ")}`);
      const list = (listeners[name] ||= []);
      const one = (details) => callback(details);
      list.push(one);
      const tell = () => name === "exit" && handle.update({});
      tell();
      return () => {
        listeners[name] = listeners[name].filter((other) => other !== one);
        tell();
      };
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
