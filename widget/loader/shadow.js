// The widget in a closed shadow root of the page's own document.

import { complain, looks } from "./options.js";
import { SESSION, call } from "./relay.js";
import { onThemeChange, stage, themeOf } from "./stage.js";
import { load } from "./wasm.js";
import { langOf, sentences, tagOf, worded } from "./words.js";

/** An answer that no server gave. */
const refused = (code) => ({ ok: false, body: { error: { code } } });

/**
 * The page's registration tokens. `session(fresh)` opens a session with the one at hand, or with another when `fresh`
 * and the page can give one; `call` goes on with that.
 */
const desk = (options) => {
  let asked;
  let token = "";
  const ask = (fresh) => {
    const source = options().registrationToken;
    if (typeof source !== "function") return source;
    if (fresh || !asked) asked = Promise.resolve().then(source);
    return asked;
  };
  return {
    forget() {
      asked = undefined;
    },
    async session(fresh) {
      try {
        token = await ask(fresh);
      } catch (error) {
        asked = undefined;
        console.error("Relay: registrationToken() gave no token.", error);
        return refused("token_unavailable");
      }
      // An empty one would be sent as none at all.
      return token && typeof token === "string" ? call(SESSION, token) : refused("token_invalid");
    },
    call: (method, path, body) => call(path, token, body, method),
  };
};

/**
 * Draws the widget into a place of the page. `given` are the page's options, whole; `emit` is told what the page's
 * callbacks are told. Gives `update(changed options, anew)` and `unmount()`; a token that is another text, another
 * mode, another provider or `anew` start the widget over.
 */
export const shadow = (place, given, emit) => {
  let options = { ...given };
  let said = {};
  let branding;
  let widget;
  let alive = true;
  const drawn = stage(place, () => options);
  const relay = desk(() => options);

  const read = () => ({
    mode: String(options.mode || ""),
    provider: String(options.provider || ""),
    theme: themeOf(options),
    lang: langOf(options),
    tag: tagOf(options),
    renewable: typeof options.registrationToken === "function",
    leaves: Boolean(options.exits),
    words: worded(said, options),
    ...looks(options, branding).colours,
  });

  const open = async (fresh) => {
    const answer = await relay.session(fresh);
    const accent = answer.ok && answer.body && answer.body.branding && answer.body.branding.accentColor;
    if (accent && accent !== branding) {
      branding = accent;
      if (widget) widget.update(read(), false);
    }
    return answer;
  };

  /** What the widget asks of the page: see `Host` in src/host.rs. */
  const host = (early) => ({
    session(fresh) {
      const promised = !fresh && early;
      early = undefined;
      return promised || open(fresh);
    },
    call: relay.call,
    emit,
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  });

  const start = async () => {
    drawn.skeleton();
    // The session and the words are asked for while the widget is still on its way.
    const early = open(false);
    early.catch(() => {});
    try {
      const [glue, words] = await Promise.all([load(options.nonce), sentences(options)]);
      if (!alive) return;
      said = words;
      drawn.dress(glue.stylesheet());
      drawn.root.replaceChildren();
      widget = glue.mount(drawn.root, read(), host(early));
    } catch (error) {
      if (!alive) return;
      console.error("Relay: the widget could not be loaded.", error);
      emit("error", { code: "load_failed", message: drawn.failed(start), requestId: "" });
    }
  };

  const refresh = async (anew) => {
    drawn.look();
    if (!widget) return;
    try {
      const words = await sentences(options);
      if (alive) said = words;
    } catch {
      complain("the words of this locale could not be loaded; the ones before stay.");
    }
    if (alive) widget.update(read(), anew === true);
  };

  const left = [onThemeChange(refresh)];
  const listen = (name, heard) => {
    addEventListener(name, heard);
    left.push(() => removeEventListener(name, heard));
  };
  // A page that is left may be come back to as it was: without what was typed, and with a session that is good.
  listen("pagehide", () => widget && widget.pause());
  listen("pageshow", ({ persisted }) => persisted && widget && widget.resume(false));
  listen("online", () => widget && widget.resume(true));
  start();

  return {
    update(changed, anew) {
      const before = options;
      options = { ...options, ...changed };
      const is = (name) => options[name] !== before[name];
      const token = is("registrationToken") && [options, before].some((one) => typeof one.registrationToken !== "function");
      const another = anew || token || is("mode") || is("provider");
      if (anew || token) relay.forget();
      refresh(another);
    },
    unmount() {
      alive = false;
      for (const leave of left) leave();
      if (widget) widget.unmount();
      widget = undefined;
      drawn.remove();
    },
  };
};
