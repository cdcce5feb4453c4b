// What is on the page before the widget is, or instead of it: a closed shadow root with a skeleton, or with why not.

import { looks } from "./options.js";
import { langOf, words } from "./words.js";

// The measures, the card and the skeleton. style.css, which arrives with the widget, comes after it.
const SHEET =
  ":host{all:initial;display:block}" +
  ".relay{--bg:#fff;--text:#17181c;--line:#e4e6eb;--s:var(--size,15px);--r:var(--radius,11px);--u:var(--unit,4px);--field:calc(var(--s)*1.4 + var(--u)*6.25);--gap:calc(var(--u)*5);--pad:calc(var(--u)*6);" +
  "container-type:inline-size;max-width:440px;color:var(--text);font:var(--s)/1.47 var(--font,ui-sans-serif,system-ui,sans-serif);color-scheme:light}" +
  ".relay[data-theme=dark]{--bg:#17181c;--text:#eceef2;--line:#2c2f37;color-scheme:dark}" +
  ".relay[data-layout=compact]{--gap:calc(var(--u)*3.5);--pad:calc(var(--u)*4);--field:calc(var(--s)*1.4 + var(--u)*4.25)}" +
  ".card{box-sizing:border-box;padding:var(--pad);background:var(--bg);border:1px solid var(--line);border-radius:calc(var(--r)*1.45)}" +
  ".skeleton{display:flex;flex-direction:column}" +
  ".skeleton div{box-sizing:border-box;background:var(--line);border:solid var(--bg);border-width:2px 0;border-radius:8px;animation:p 1.4s ease-in-out infinite}" +
  ".s-title{width:62%;height:1.56em}.s-line{width:80%;height:1.47em;margin-top:3px}" +
  ".s-label{width:24%;height:1.32em;margin:var(--gap) 0 calc(var(--u)*2)}" +
  ".s-tiles{height:calc(32px + 1.21em + var(--u)*8.5)}.s-row{height:calc(var(--u)*17 + 8em);margin-top:var(--gap)}" +
  ".s-field,.s-main{height:var(--field)}.s-main{margin-top:var(--gap)}" +
  ".s-foot{width:56%;height:1.17em;margin:calc(var(--gap) - var(--u)) auto 0}" +
  ".card>p{margin:0 0 16px}.card>button{font:inherit;color:inherit;background:none;border:1px solid;border-radius:8px;padding:8px 18px;cursor:pointer}" +
  "@container(max-width:399px){.card{padding:calc(var(--pad)*.84)}.s-line{height:2.94em;border-bottom-width:1.5em}.s-tiles{height:calc(90px + var(--u)*17.5)}}" +
  ".relay[data-layout=compact] .s-tiles{height:calc(24px + var(--u)*4)}" +
  "@container(max-width:319px){.card{padding:calc(var(--u)*4)}}" +
  "@keyframes p{50%{opacity:.45}}@media(prefers-reduced-motion:reduce){.skeleton div{animation:none}}";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** `light` or `dark`, as the options' theme comes out at the moment. */
export const themeOf = ({ theme }) => (theme === "auto" ? dark.matches : theme === "dark") ? "dark" : "light";

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

/** The shapes of what is about to appear. */
const bars = ({ mode, provider }) => {
  if (mode === "manage") return ["title", "line", "row"];
  return ["title", "line", "label", ...(provider ? [] : ["tiles", "label"]), "field", "main", "foot"];
};

/**
 * A stage in a place of the page. `options` gives the page's options as they are now. The stage has `root`, in which
 * everything is drawn; `dress(css)`, which adds a style sheet to its own; `look()`, which puts the page's looks on it;
 * `skeleton()`; `failed(again)`, which says that the form could not be loaded, offers to try again, and gives its words;
 * and `remove()`.
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
    css = SHEET + (css || "");
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
  const look = () => {
    const { properties, layout } = looks(options());
    root.dataset.theme = themeOf(options());
    root.dataset.layout = layout;
    root.lang = langOf(options());
    for (const name of ["--font", "--size", "--radius", "--unit"]) root.style.setProperty(name, properties[name] || "");
  };
  const card = (...parts) => {
    const section = element("section", "card");
    section.append(...parts);
    look();
    const { background, text } = looks(options()).colours;
    root.style.setProperty("--bg", background || "");
    root.style.setProperty("--text", text || "");
    root.replaceChildren(section);
    return section;
  };
  dress();
  place.append(host);

  return {
    root,
    dress,
    look,
    skeleton() {
      const shapes = element("div", "skeleton");
      shapes.append(...bars(options()).map((bar) => element("div", "s-" + bar)));
      const section = card(shapes);
      section.setAttribute("aria-busy", "true");
      section.setAttribute("aria-label", words(options())[0]);
    },
    failed(again) {
      const [, message, retry] = words(options());
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
