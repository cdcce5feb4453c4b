// /connect: the widget on a page of Relay's own. In a frame it is told by the page around it what to show and with
// which token (iframe.js says how); on its own, as a link or in an app's WebView, by its own address: the token after
// the `#`, which no server sees, and the looks before it.

import { alwaysSend } from "./relay.js";
import { shadow } from "./shadow.js";

const place = document.getElementById("connect");
const page = document.documentElement;

/** What the page around it, or the address, may decide. */
const LOOKS = ["theme", "accentColor", "appearance", "locale", "strings", "provider", "mode", "exits"];

const looks = (given) => Object.fromEntries(LOOKS.filter((name) => name in given).map((name) => [name, given[name]]));

/** Which page this one is in: the server holds it against the origins that the token and the tenant allow. */
const inPage = (origin) => alwaysSend("x-relay-framed-by", origin);

/** The token in the address, taken out of it before anything else can read, bookmark or send it. */
const takeToken = () => {
  const token = location.hash.slice(1);
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
};

/** In a frame: waits for one hello of the page around it, and hears nobody else from then on. */
const inFrame = (token) => {
  page.className = "framed";
  const hear = ({ source, origin, data, ports: [port] }) => {
    if (source !== window.parent || origin === "null" || !port || !data || data.relay !== 1 || data.type !== "hello") return;
    removeEventListener("message", hear);
    inPage(origin);
    speak(port, token, looks(data.options));
  };
  addEventListener("message", hear);
};

const speak = (port, token, options) => {
  const asked = new Map();
  let asks = 0;
  const registrationToken = () =>
    token ||
    new Promise((answer) => {
      asked.set((asks += 1), answer);
      port.postMessage({ type: "token", id: asks });
    });
  const emit = (name, detail) => port.postMessage({ type: "event", name, detail });
  const drawn = shadow(place, { ...options, registrationToken }, emit);

  port.onmessage = ({ data }) => {
    if (data.type === "update") {
      drawn.update(looks(data.options), data.renewed === true);
    } else if (data.type === "token" && asked.has(data.id)) {
      asked.get(data.id)(data.token);
      asked.delete(data.id);
    }
  };
  const measure = () => port.postMessage({ type: "height", height: Math.ceil(place.getBoundingClientRect().height) });
  // At once, for out of sight a frame may not be painted, and then nothing is observed in it.
  measure();
  new ResizeObserver(measure).observe(place);
};

/** On its own: what happens is told to the app around it, if there is one. */
const onItsOwn = (token) => {
  const emit = (name, detail) => {
    const message = { source: "relay", version: 1, name, detail };
    const text = JSON.stringify(message);
    const handlers = window.webkit && window.webkit.messageHandlers;
    if (window.ReactNativeWebView) window.ReactNativeWebView.postMessage(text);
    if (handlers && handlers.relay) handlers.relay.postMessage(message);
    if (window.RelayAndroid) window.RelayAndroid.postMessage(text);
  };
  inPage("nobody");
  const { layout, theme = "auto", locale = "auto", accentColor, provider, mode } = Object.fromEntries(
    new URLSearchParams(location.search),
  );
  const options = { theme, locale, accentColor, provider, mode, appearance: { layout }, registrationToken: token };
  page.dataset.theme = theme;
  shadow(place, options, emit);
};

const token = takeToken();
if (window.parent === window) onItsOwn(token);
else inFrame(token);
