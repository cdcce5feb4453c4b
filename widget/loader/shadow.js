// The widget in a closed shadow root of the page's own document.

import { hex } from "./colour.js";
import { SESSION, call } from "./relay.js";
import { load } from "./wasm.js";
import { words } from "./words.js";

// The card and the skeleton as in style.css, which arrives with the widget.
const SHEET =
  ":host{all:initial;display:block}" +
  ".relay{--bg:#fff;--line:#e4e6eb;--text:#17181c;max-width:440px;color:var(--text);font:15px/1.47 ui-sans-serif,system-ui,sans-serif}" +
  ".relay[data-theme=dark]{--bg:#17181c;--line:#2c2f37;--text:#eceef2}" +
  ".card{box-sizing:border-box;padding:24px;background:var(--bg);border:1px solid var(--line);border-radius:16px}" +
  ".skeleton div{background:var(--line);border-radius:8px;animation:p 1.4s ease-in-out infinite}" +
  ".s-title{width:62%;height:22px}.s-line{width:44%;height:14px;margin-top:12px}" +
  ".s-tiles{height:84px;margin:24px 0}.s-field{height:46px;margin-top:12px}" +
  ".card p{margin:0 0 16px}.card button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:8px;padding:8px 18px;cursor:pointer}" +
  "@keyframes p{50%{opacity:.45}}@media(prefers-reduced-motion:reduce){.skeleton div{animation:none}}";

export const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

/** Gives a style sheet to a root, in place of the one before; without a `<style>` element where that
 * can be, because a page's CSP may refuse those. */
const dress = (shadow, css, nonce) => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    const style = shadow.querySelector("style") || element("style");
    if (nonce) style.nonce = nonce;
    style.textContent = css;
    shadow.prepend(style);
  }
};

const dark = matchMedia("(prefers-color-scheme: dark)");

/**
 * Draws the widget into a place of the page. `given` are the page's options, whole; `emit` is told what the page's
 * callbacks are told. Gives `update(changed options)` and `unmount()`.
 */
export const shadow = (place, given, emit) => {
  let options = { ...given };
  let widget;
  let alive = true;
  const host = element("div");
  // The page's own rules, however loud, must not reach the host.
  host.style.cssText = "all:initial!important;display:block!important";
  const inside = host.attachShadow({ mode: "closed" });
  dress(inside, SHEET, options.nonce);
  const root = element("div", "relay");
  inside.append(root);
  place.append(host);

  const theme = () => (options.theme === "auto" ? (dark.matches ? "dark" : "light") : options.theme);
  const read = () => ({
    registrationToken: String(options.registrationToken || ""),
    theme: theme() || "light",
    accentColor: hex(options.accentColor),
    locale: String(options.locale || "en"),
  });

  const card = (...parts) => {
    const section = element("section", "card");
    section.append(...parts);
    root.dataset.theme = read().theme;
    root.replaceChildren(section);
    return section;
  };
  const skeleton = () => {
    const bars = element("div", "skeleton");
    bars.append(...["title", "line", "tiles", "line", "field", "field"].map((bar) => element("div", "s-" + bar)));
    const section = card(bars);
    section.setAttribute("aria-busy", "true");
    section.setAttribute("aria-label", words(read().locale)[0]);
  };

  const start = async () => {
    skeleton();
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
      const glue = await load();
      if (!alive) return;
      dress(inside, glue.stylesheet(), options.nonce);
      root.replaceChildren();
      widget = glue.mount(root, read(), relay, emit);
    } catch (error) {
      if (!alive) return;
      console.error("Relay: the widget could not be loaded.", error);
      const [, message, again] = words(read().locale);
      const text = element("p", "", message);
      const button = element("button", "", again);
      text.setAttribute("role", "alert");
      button.onclick = start;
      card(text, button);
      emit("error", { code: "load_failed", message, requestId: "" });
    }
  };
  start();

  const refresh = () => {
    if (widget) widget.update(read());
    else root.dataset.theme = read().theme;
  };
  dark.addEventListener("change", refresh);

  return {
    update(changed) {
      options = { ...options, ...changed };
      refresh();
    },
    unmount() {
      alive = false;
      dark.removeEventListener("change", refresh);
      if (widget) widget.unmount();
      host.remove();
    },
  };
};
