/*! Relay widget: https://github.com/relayservice/relay (Apache-2.0) */
(() => {
  "use strict";
  // Served as /widget.js. Defines `Relay.mount` at once, paints a skeleton at once, and fetches the
  // widget itself (WebAssembly and its glue) from its own origin. The two names below are filled in
  // by `cargo xtask wasm`.
  const GLUE = "__RELAY_GLUE__";
  const WASM = "__RELAY_WASM__";
  const SESSION = "/v1/widget/session";

  if (window.Relay && window.Relay.mount) return;

  // A script that another script inserted has a `currentScript` too; one bundled elsewhere has none.
  const self = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  const origin = new URL(self && self.src ? self.src : location.href).origin;

  const WORDS = {
    en: ["Loading…", "The form could not be loaded. Check your connection.", "Try again"],
    ko: ["불러오는 중…", "입력 화면을 불러오지 못했습니다. 인터넷 연결을 확인해 주세요.", "다시 시도"],
  };

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

  /** What is mounted where, so that mounting again replaces. */
  const mounted = new WeakMap();

  /** The widget's module, fetched once for all mounts, and again only after a failure. */
  let module;
  const load = () =>
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

  /**
   * Calls Relay: `{ ok, body }`, the body null if it is no JSON. No cookies; the token is the only
   * credential. Connecting may take longer, as Relay asks the provider meanwhile.
   */
  const call = async (path, token, body) => {
    const response = await fetch(origin + path, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      body,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout ? AbortSignal.timeout(body ? 45e3 : 15e3) : undefined,
    });
    return { ok: response.ok, body: await response.json().catch(() => null) };
  };

  const element = (name, className, text) => {
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

  /** Any CSS colour as #rrggbb, or "" if it is none; transparency is ignored. */
  const hex = (colour) => {
    if (!colour || !CSS.supports("color", colour)) return "";
    const context = element("canvas").getContext("2d");
    context.fillStyle = colour;
    const read = String(context.fillStyle);
    if (read[0] === "#") return read;
    const parts = /^rgba?\((\d+), (\d+), (\d+)/.exec(read);
    if (parts) return "#" + parts.slice(1).map((part) => (+part).toString(16).padStart(2, "0")).join("");
    // A colour space that fillStyle keeps as it is: paint a pixel and look.
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const mount = (target, given) => {
    const place = typeof target === "string" ? document.querySelector(target) : target;
    if (!(place instanceof Element)) throw new TypeError(`Relay.mount: no element matches ${target}`);
    const before = mounted.get(place);
    if (before) before.unmount();

    let options = { ...given };
    let widget;
    let alive = true;
    const host = element("div");
    // The page's own rules, however loud, must not reach the host.
    host.style.cssText = "all:initial!important;display:block!important";
    const shadow = host.attachShadow({ mode: "closed" });
    dress(shadow, SHEET, options.nonce);
    const root = element("div", "relay");
    shadow.append(root);
    place.append(host);

    /** Calls the page's own function after this turn, so that whatever it does or throws is its own. */
    const emit = (name, details) => {
      const callback = options["on" + name[0].toUpperCase() + name.slice(1)];
      queueMicrotask(() => {
        if (alive && typeof callback === "function") name === "ready" ? callback() : callback(details);
      });
    };

    const theme = () => (options.theme === "auto" ? (dark.matches ? "dark" : "light") : options.theme);
    const read = () => ({
      registrationToken: String(options.registrationToken || ""),
      theme: theme() || "light",
      accentColor: hex(options.accentColor),
      locale: String(options.locale || "en"),
    });
    const words = () => WORDS[String(options.locale).slice(0, 2)] || WORDS.en;

    const card = (...inside) => {
      const section = element("section", "card");
      section.append(...inside);
      root.dataset.theme = read().theme;
      root.replaceChildren(section);
      return section;
    };
    const skeleton = () => {
      const bars = element("div", "skeleton");
      bars.append(...["title", "line", "tiles", "line", "field", "field"].map((bar) => element("div", "s-" + bar)));
      const section = card(bars);
      section.setAttribute("aria-busy", "true");
      section.setAttribute("aria-label", words()[0]);
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
        dress(shadow, glue.stylesheet(), options.nonce);
        root.replaceChildren();
        widget = glue.mount(root, read(), relay, emit);
      } catch (error) {
        if (!alive) return;
        console.error("Relay: the widget could not be loaded.", error);
        const [, message, again] = words();
        const text = element("p", "", message);
        const button = element("button", "", again);
        text.setAttribute("role", "alert");
        button.onclick = start;
        card(text, button);
        emit("error", { code: "load_failed", message, requestId: "" });
      }
    };

    const refresh = () => {
      if (widget) widget.update(read());
      else root.dataset.theme = read().theme;
    };
    dark.addEventListener("change", refresh);

    const handle = {
      update(changed) {
        if (!alive) return;
        options = { ...options, ...changed };
        refresh();
      },
      unmount() {
        if (!alive) return;
        alive = false;
        dark.removeEventListener("change", refresh);
        if (mounted.get(place) === handle) mounted.delete(place);
        if (widget) widget.unmount();
        host.remove();
      },
    };
    mounted.set(place, handle);
    start();
    return handle;
  };

  window.Relay = Object.assign(window.Relay || {}, { mount });
})();
