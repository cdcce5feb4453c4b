// The widget in a frame of Relay's own origin, which the page cannot look into. The page's side of what is said:
//
//   page -> frame   once a load, to Relay's exact origin: { relay: 1, type: "hello", options } with a port
//   frame -> page   over the port: { type: "token", id }, { type: "height", height }, { type: "event", name, detail }
//   page -> frame   over the port: { type: "token", id, token }, { type: "update", options, renewed }
//
// The token leaves the page only over the port, and the port only to Relay's origin: wherever else the frame may have
// been sent, the hello is not delivered there. Nothing is heard on `window`, where anybody may speak.

import { origin } from "./relay.js";
import { stage } from "./stage.js";

/** How long a frame may take to load, and then to say something: what a browser puts in place of a refused one is mute. */
const LOAD = 15e3;
const SPEAK = 4e3;

/** The tenant that issued a token, as the token says: whose page to ask for. Who it really is, the server checks. */
const tenantOf = (token) => {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).tid || "";
  } catch {
    return "";
  }
};

/** The options that may cross: plain data, and no token. */
const plain = ({ registrationToken, ...options }) => JSON.parse(JSON.stringify(options));

/** As `shadow`: draws into a place, gives `update(changed options)` and `unmount()`. */
export const iframe = (place, given, emit) => {
  let options = { ...given };
  let alive = true;
  let port;
  let patience;
  const drawn = stage(place, () => options);

  const token = async () => {
    const { registrationToken } = options;
    return String((await (typeof registrationToken === "function" ? registrationToken() : registrationToken)) || "");
  };

  const stop = () => {
    clearTimeout(patience);
    if (port) port.close();
    port = undefined;
  };
  const fail = (code, why) => {
    if (!alive) return;
    stop();
    console.error(`Relay: ${why}`);
    emit("error", { code, message: drawn.failed(start), requestId: "" });
  };

  const hear = async (frame, heard, data) => {
    // The frame has begun to draw: its own skeleton takes the place of this one.
    if (data.type === "height" && data.height > 0) {
      patience = clearTimeout(patience);
      if (frame.previousSibling) frame.previousSibling.remove();
      frame.style.cssText = `display:block;border:0;width:100%;color-scheme:light;height:${Math.min(+data.height, 5e3)}px`;
    } else if (data.type === "event") {
      emit(data.name, data.detail);
    } else if (data.type === "token") {
      const answer = await token().catch(() => "");
      heard.postMessage({ type: "token", id: data.id, token: answer });
    }
  };

  const greet = (frame) => {
    if (port) port.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => alive && hear(frame, channel.port1, data);
    frame.contentWindow.postMessage({ relay: 1, type: "hello", options: plain(options) }, origin, [channel.port2]);
  };

  const start = async () => {
    drawn.skeleton();
    let address = options.connectUrl;
    if (!address) {
      const tenant = tenantOf(await token().catch(() => ""));
      if (!alive) return;
      if (!tenant) return fail("token_invalid", "this is no registration token, so nobody's form can be shown.");
      address = `${origin}/connect/${encodeURIComponent(tenant)}`;
    }
    const frame = document.createElement("iframe");
    const wait = (time) => {
      clearTimeout(patience);
      patience = setTimeout(
        fail,
        time,
        "load_failed",
        `the frame does not answer. The tenant's allowed origins (Relay's console, Settings) need ${location.origin}, and ` +
          `this page's Content-Security-Policy needs frame-src ${origin}.`,
      );
    };
    frame.title = "Relay";
    frame.style.cssText = "display:block;border:0;width:100%;height:0;visibility:hidden";
    frame.onload = () => {
      greet(frame);
      if (patience) wait(SPEAK);
    };
    frame.src = address;
    drawn.root.append(frame);
    wait(LOAD);
  };
  start();

  return {
    update(changed) {
      const { registrationToken } = changed;
      // A page that renders anew gives a function anew, which means no other token.
      const renewed = typeof registrationToken === "string" && registrationToken !== options.registrationToken;
      options = { ...options, ...changed };
      drawn.look();
      if (port) port.postMessage({ type: "update", options: plain(changed), renewed });
    },
    unmount() {
      alive = false;
      stop();
      drawn.remove();
    },
  };
};
