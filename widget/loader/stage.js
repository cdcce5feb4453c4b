// What is on the page before the widget is, or instead of it: a closed shadow root with a skeleton, or with why not.

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

const dark = matchMedia("(prefers-color-scheme: dark)");

/** `light` or `dark`, as the options' theme comes out at the moment. */
export const themeOf = ({ theme }) => (theme === "auto" ? (dark.matches ? "dark" : "light") : theme) || "light";

/** Calls back when what `auto` means changes; gives what ends that. */
export const onThemeChange = (changed) => {
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
};

const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

/**
 * A stage in a place of the page. `options` gives the page's options as they are now. The stage has `root`, in which
 * everything is drawn; `dress(css)`, which gives it another style sheet; `skeleton()`; `failed(again)`, which says that
 * the form could not be loaded, offers to try again, and gives its words; and `remove()`.
 */
export const stage = (place, options) => {
  const host = element("div");
  // The page's own rules, however loud, must not reach the host.
  host.style.cssText = "all:initial!important;display:block!important";
  const shadow = host.attachShadow({ mode: "closed" });
  const root = element("div", "relay");
  shadow.append(root);

  /** Without a `<style>` element where that can be, because a page's CSP may refuse those. */
  const dress = (css) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      const style = shadow.querySelector("style") || element("style");
      if (options().nonce) style.nonce = options().nonce;
      style.textContent = css;
      shadow.prepend(style);
    }
  };
  const card = (...parts) => {
    const section = element("section", "card");
    section.append(...parts);
    root.dataset.theme = themeOf(options());
    root.replaceChildren(section);
    return section;
  };
  dress(SHEET);
  place.append(host);

  return {
    root,
    dress,
    skeleton() {
      const bars = element("div", "skeleton");
      bars.append(...["title", "line", "tiles", "line", "field", "field"].map((bar) => element("div", "s-" + bar)));
      const section = card(bars);
      section.setAttribute("aria-busy", "true");
      section.setAttribute("aria-label", words(options().locale)[0]);
    },
    failed(again) {
      const [, message, retry] = words(options().locale);
      const text = element("p", "", message);
      const button = element("button", "", retry);
      text.setAttribute("role", "alert");
      button.onclick = again;
      card(text, button);
      return message;
    },
    remove() {
      host.remove();
    },
  };
};
