// The widget in a closed shadow root of the page's own document.

import { hex } from "./colour.js";
import { SESSION, call } from "./relay.js";
import { onThemeChange, stage, themeOf } from "./stage.js";
import { load } from "./wasm.js";

/**
 * Draws the widget into a place of the page. `given` are the page's options, whole; `emit` is told what the page's
 * callbacks are told. Gives `update(changed options)` and `unmount()`.
 */
export const shadow = (place, given, emit) => {
  let options = { ...given };
  let widget;
  let alive = true;
  const drawn = stage(place, () => options);

  const read = () => ({
    registrationToken: String(options.registrationToken || ""),
    theme: themeOf(options),
    accentColor: hex(options.accentColor),
    locale: String(options.locale || "en"),
  });

  const start = async () => {
    drawn.skeleton();
    const { registrationToken: first } = read();
    // The session is asked for while the widget is still on its way.
    let early = first && call(SESSION, first);
    if (early) early.catch(() => {});
    const relay = (path, token, body) => {
      const promised = path === SESSION && token === first && early;
      early = undefined;
      return promised || call(path, token, body);
    };
    try {
      const glue = await load(options.nonce);
      if (!alive) return;
      drawn.dress(glue.stylesheet());
      drawn.root.replaceChildren();
      widget = glue.mount(drawn.root, read(), relay, emit);
    } catch (error) {
      if (!alive) return;
      console.error("Relay: the widget could not be loaded.", error);
      emit("error", { code: "load_failed", message: drawn.failed(start), requestId: "" });
    }
  };
  start();

  const refresh = () => {
    if (widget) widget.update(read());
    else drawn.root.dataset.theme = themeOf(options);
  };
  const leave = onThemeChange(refresh);

  return {
    update(changed) {
      options = { ...options, ...changed };
      refresh();
    },
    unmount() {
      alive = false;
      leave();
      if (widget) widget.unmount();
      drawn.remove();
    },
  };
};
