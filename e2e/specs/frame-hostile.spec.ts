/** A hostile page around the frame, beside it, and in its place: none gets the field, the key or a token. */

import type { Frame, Page } from "@playwright/test";

import { findKeys } from "../support/canary";
import { ConnectForm, type OwnTenant, openRelaysShadows, ownTenant, relaysFrame } from "../support/frame";
import { Site, widgetPage } from "../support/site";
import { type Stack, expect, newKey, test as base } from "../support/test";

/** A second site, of another origin than the tenant's. */
const test = base.extend<object, { evil: Site }>({
  evil: [
    async ({}, use) => {
      const evil = await Site.start();
      await use(evil);
      await evil.stop();
    },
    { scope: "worker" },
  ],
});

/**
 * What a hostile script does before the loader is there: it stands in the way of everything that a page can hear,
 * send or be called with, and writes it all down.
 */
const SPY = `<script>
  window.heard = [];
  const seen = new WeakSet();
  const note = (how, what) => {
    let text;
    try { text = JSON.stringify(what, (key, value) => (value instanceof Node || value === window ? "" : value)); }
    catch { text = String(what); }
    window.heard.push(how + " " + text);
  };
  addEventListener("message", ({ data, origin }) => note("window " + origin, data), true);
  for (const kind of ["keydown", "keyup", "keypress", "beforeinput", "input", "change", "paste", "copy", "submit"]) {
    document.addEventListener(kind, (event) => note(kind, [event.key, event.data, event.target.value]), true);
  }
  const send = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (...given) { note("port sends", given[0]); return send.apply(this, given); };
  const hear = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", {
    get() { return hear.get.call(this); },
    set(listener) { hear.set.call(this, (event) => { note("port hears", event.data); return listener(event); }); },
  });
  const ask = window.fetch;
  window.fetch = (...given) => { note("fetch", given); return ask(...given); };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) { return (window.stolen = attach.call(this, { ...init, mode: "open" })); };
</script>`;

declare global {
  interface Window {
    /** The shadow root that the page pried open. */
    stolen?: ShadowRoot;
  }
}

/** All that a hostile page has come by. */
const heardBy = async (page: Page | Frame): Promise<string> =>
  await page.evaluate(() => {
    const kept = [{ ...localStorage }, { ...sessionStorage }, document.cookie, document.documentElement.outerHTML];
    return [...(window as unknown as { heard: string[] }).heard, JSON.stringify(kept)].join("\n");
  });

async function framed(page: Page, stack: Stack, html: (tenant: OwnTenant, token: string) => string, provider = "openai") {
  const tenant = await ownTenant(stack);
  await tenant.allow(stack.site.origin);
  const token = await tenant.token({ provider });
  await page.goto(stack.site.publish(html(tenant, token)));
  const frame = await relaysFrame(page, stack.relay.url);
  return { tenant, token, frame, form: new ConnectForm(frame) };
}

const spied = (stack: Stack, options: Record<string, unknown>) =>
  widgetPage(stack.relay.url, { isolation: "iframe", ...options }).replace("<script", `${SPY}<script`);

/** How a page may try to reach into the frame; `frame` is its element, out of a shadow root that was pried open. */
const REACHES: Record<string, string> = {
  document: "frame.contentWindow.document.body.innerHTML",
  "the field": "frame.contentWindow.document.querySelector('input').value",
  address: "frame.contentWindow.location.href",
  fragment: "frame.contentWindow.location.hash",
  storage: "frame.contentWindow.localStorage.length",
  history: "frame.contentWindow.history.length",
  "its functions": "frame.contentWindow.Relay.mount",
  "its prototypes": "frame.contentWindow.HTMLInputElement.prototype",
  "a listener in it": "frame.contentWindow.addEventListener('input', () => {})",
  "script in it": "frame.contentWindow.eval('1')",
};

test.beforeEach(async ({ context, stack }) => {
  await openRelaysShadows(context, stack.relay.url);
  await stack.sim.reset();
});

test("the page around the frame reads neither the field nor the key, sealed or not", async ({ page, stack }) => {
  const { form } = await framed(page, stack, (_, registrationToken) => spied(stack, { registrationToken }));
  const typed = newKey("sk-typed-");
  await form.key.pressSequentially(typed);
  await expect(form.key).toHaveValue(typed);
  for (const [what, code] of Object.entries(REACHES)) {
    const reached = await page.evaluate((code) => {
      try {
        return { value: String(new Function("frame", `return ${code}`)(window.stolen!.querySelector("iframe"))) };
      } catch (error) {
        return { refused: (error as Error).name };
      }
    }, code);
    expect(reached, what).toEqual({ refused: "SecurityError" });
  }
  expect(await page.evaluate(() => window.stolen!.querySelector("iframe")!.contentDocument)).toBeNull();
  await form.submit(stack.keys.openai);
  await expect(form.title).toHaveText("OpenAI connected");
  await expect.poll(() => page.evaluate(() => window.told.map(({ name }) => name))).toContain("success");

  const heard = await heardBy(page);
  // It did listen: the page's own side of the talk is all there.
  expect(heard).toContain("port hears");
  expect(heard).toContain('"name":"success"');
  expect(findKeys([typed, stack.keys.openai], "the page", heard)).toEqual([]);
  expect(heard).not.toMatch(/sealedKey|ciphertext|"enc"|sk-typed/);
  // Not even which keys were pressed, one by one.
  expect(heard).not.toMatch(/^(keydown|keypress|beforeinput|input)/m);
});

test("a page that has its backend open the frame never has the token either", async ({ page, stack }) => {
  const tenant = await ownTenant(stack);
  await tenant.allow(stack.site.origin);
  const token = await tenant.token({ provider: "openai" });
  const connectUrl = stack.site.redirect(`${stack.relay.url}/connect/${tenant.id}#${token}`);
  await page.goto(stack.site.publish(spied(stack, { connectUrl })));
  const frame = await relaysFrame(page, stack.relay.url);
  const form = new ConnectForm(frame);
  await expect(form.title).toHaveText("Connect OpenAI");
  // The page may not look where the frame went; and what it could have looked at is gone from there.
  expect(await frame.evaluate(() => location.href)).not.toContain(token);
  await form.submit(stack.keys.openai);
  await expect(form.title).toHaveText("OpenAI connected");
  const heard = await heardBy(page);
  expect(heard).toContain("port hears");
  expect(heard).not.toContain(token);
  expect(heard).not.toContain(token.split(".")[2]!);
  expect(findKeys([stack.keys.openai], "the page", heard)).toEqual([]);
});

/** A page that talks to the frame itself, without the loader. */
const bare = (stack: Stack, tenant: OwnTenant, more = "") => `<!doctype html><title>bare</title>${SPY}${more}
  <iframe id="relay" src="${stack.relay.url}/connect/${tenant.id}"></iframe>
  <script>
    const relay = "${stack.relay.url}";
    window.hello = (frame, origin, options = {}) => {
      const { port1, port2 } = new MessageChannel();
      const got = [];
      port1.onmessage = ({ data }) => got.push(data);
      frame.postMessage({ relay: 1, type: "hello", options }, origin, [port2]);
      return { port: port1, got };
    };
    document.querySelector("#relay").onload = () => (window.loaded = true);
  </script>`;

type Talk = { port: MessagePort; got: Array<{ type: string; id?: number }> };
declare global {
  interface Window {
    hello(frame: Window, origin: string, options?: object): Talk;
    talks: Record<string, Talk>;
    loaded?: boolean;
  }
}

const typesOf = async (page: Page | Frame, name: string): Promise<string[]> =>
  await page.evaluate((name) => window.talks[name]!.got.map(({ type }) => type), name);

test("a frame beside it forges a greeting and is not heard; nor is a second one of the page's own", async ({ page, stack, evil }) => {
  const advert = evil.publish(`<!doctype html><title>advert</title>
    <script>
      window.hello = (frame) => {
        const { port1, port2 } = new MessageChannel();
        const got = [];
        port1.onmessage = ({ data }) => got.push(data);
        frame.postMessage({ relay: 1, type: "hello", options: {} }, "*", [port2]);
        return { port: port1, got };
      };
    </script>`);
  const { frame, token, form } = await framed(page, stack, (tenant) =>
    bare(stack, tenant, `<iframe src="${advert}"></iframe>`),
  );
  await page.waitForFunction(() => window.loaded);
  const beside = page.frames().find((one) => one.url() === advert)!;
  // First the stranger, in a world where nobody has greeted the frame yet.
  await beside.evaluate(() => {
    window.talks = { forged: window.hello(parent.frames[1]!, "*") };
  });
  await page.evaluate((relay) => {
    const frame = (document.querySelector("#relay") as HTMLIFrameElement).contentWindow!;
    window.talks = { first: window.hello(frame, relay) };
  }, stack.relay.url);
  await expect.poll(() => typesOf(page, "first")).toContain("token");
  // Messages come in their order: the frame has seen the forged one, and asked nothing of it.
  expect(await typesOf(beside, "forged")).toEqual([]);

  await page.evaluate((relay) => {
    const frame = (document.querySelector("#relay") as HTMLIFrameElement).contentWindow!;
    window.talks.second = window.hello(frame, relay, { theme: "dark" });
  }, stack.relay.url);
  await beside.evaluate(() => {
    window.talks.again = window.hello(parent.frames[1]!, "*");
  });
  await page.evaluate((token) => {
    const { port, got } = window.talks.first!;
    port.postMessage({ type: "token", id: got.find(({ type }) => type === "token")!.id, token });
  }, token);
  await expect(form.title).toHaveText("Connect OpenAI");
  await form.submit(stack.keys.openai);
  await expect(form.title).toHaveText("OpenAI connected");
  await expect.poll(() => page.evaluate(() => JSON.stringify(window.talks.first!.got))).toContain("success");
  expect(await typesOf(page, "second")).toEqual([]);
  expect(await typesOf(beside, "again")).toEqual([]);
  expect(await typesOf(beside, "forged")).toEqual([]);
  // And nothing of it went over the window, where everybody hears it.
  expect(await heardBy(page)).not.toContain(`window ${stack.relay.url}`);
  expect(await frame.evaluate(() => document.documentElement.dataset.theme ?? "")).not.toBe("dark");
});

test("what others tell the page in Relay's name is not believed", async ({ page, stack, evil }) => {
  const forger = evil.publish(`<!doctype html><title>forger</title>
    <script>
      const success = { provider: "openai", last4: "evil", status: "active" };
      for (const message of [
        { type: "event", name: "success", detail: success },
        { relay: 1, type: "event", name: "success", detail: success },
        { source: "relay", version: 1, name: "success", detail: success },
        { type: "token", id: 1 },
        { relay: 1, type: "hello", options: {} },
      ]) parent.postMessage(message, "*", [new MessageChannel().port1]);
      parent.postMessage("forged all", "*");
    </script>`);
  const { form } = await framed(page, stack, (_, registrationToken) => spied(stack, { registrationToken }));
  await expect(form.title).toHaveText("Connect OpenAI");
  await page.evaluate((forger) => {
    const frame = document.createElement("iframe");
    frame.src = forger;
    document.body.append(frame);
  }, forger);
  await page.waitForFunction(() => (window as unknown as { heard: string[] }).heard.some((line) => line.includes("forged all")));
  expect(await page.evaluate(() => window.told.map(({ name }) => name))).not.toContain("success");
  await expect(form.title).toHaveText("Connect OpenAI");
});

test("a frame that was led elsewhere is told nothing there", async ({ page, stack, evil }) => {
  const { form, token } = await framed(page, stack, (_, registrationToken) => spied(stack, { registrationToken }));
  await form.key.fill(stack.keys.openai);
  const fake = evil.publish(`<!doctype html><title>fake</title>
    <script>
      window.heard = [];
      addEventListener("message", ({ data, ports }) => window.heard.push(JSON.stringify(data) + ports.length));
      parent.postMessage({ type: "token", id: 1 }, "*");
      parent.postMessage({ relay: 1, type: "hello" }, "*");
    </script>`);
  await page.evaluate((fake) => {
    window.stolen!.querySelector("iframe")!.contentWindow!.location = fake;
  }, fake);
  const inPlace = () => page.frames().find((frame) => frame.url() === fake);
  await expect.poll(() => inPlace() !== undefined).toBe(true);
  await inPlace()!.waitForLoadState("load");
  // What the loader says to a frame that has loaded, it says before this.
  await page.evaluate(() => {
    window.stolen!.querySelector("iframe")!.contentWindow!.postMessage("last", "*");
  });
  const heard = () => inPlace()!.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await expect.poll(async () => (await heard()).at(-1)).toBe('"last"0');
  expect(await heard()).toEqual(['"last"0']);
  expect(await heardBy(inPlace()!)).not.toContain(token);
});

test("a token swapped after the greeting starts over: what was typed is not sealed to it", async ({ page, stack }) => {
  const { tenant, form } = await framed(page, stack, (_, registrationToken) => spied(stack, { registrationToken }));
  await form.key.fill(stack.keys.openai);
  const others = await tenant.token({ user: "mallory", provider: "openai" });
  await page.evaluate((registrationToken) => window.widget.update({ registrationToken }), others);
  await expect(form.key).toHaveValue("");
  expect(await tenant.credentials("mallory")).toEqual([]);

  // Of a tenant that does not allow this page, it does not even start.
  const foreign = await (await ownTenant(stack)).token({ provider: "openai" });
  await page.evaluate((registrationToken) => window.widget.update({ registrationToken }), foreign);
  await expect(form.title).toHaveText("Not allowed on this site");
  await expect(form.key).toHaveCount(0);
});

test("options cannot bring script, markup or addresses into the frame", async ({ page, stack, evil }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const image = `${evil.origin}/leak`;
  const { form, frame } = await framed(page, stack, (_, registrationToken) =>
    spied(stack, {
      registrationToken,
      theme: `"><img src=${image}>`,
      locale: "<script>parent.postMessage(1,'*')</script>",
      accentColor: `url(${image})`,
      strings: { connectTo: `<img src=${image} onerror="top.told.push({name:'pwned'})">` },
      appearance: { variables: { fontFamily: `x}*{background:url(${image})`, colorBackground: `url(${image})` } },
      nonce: "n",
      onReady: "alert(1)",
    }),
  );
  await expect(form.key).toBeVisible();
  expect(await frame.locator("img").count()).toBe(0);
  await form.submit(stack.keys.openai);
  await expect(form.card).toContainText(stack.keys.openai.slice(-4));
  expect(asked.filter((url) => url.startsWith(evil.origin))).toEqual([]);
  expect(JSON.stringify(await page.evaluate(() => window.told))).not.toContain("pwned");
});

test.describe("clickjacking", () => {
  /** Whether the browser has shown Relay's page in any frame. */
  const shown = async (page: Page) => {
    const counts = page.frames().map((frame) => frame.locator("#connect").count().catch(() => 0));
    return (await Promise.all(counts)).slice(1).some((count) => count > 0);
  };
  const refusal = (page: Page) => {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    return () => said.some((line) => /frame-ancestors/.test(line));
  };
  const overlay = (address: string) => `<!doctype html><title>win a prize</title>
    <iframe src="${address}" style="opacity:0.01;position:absolute;inset:0;width:100%;height:100%"></iframe>
    <button>Win</button>`;

  test("an origin that is not allowed may not frame it", async ({ page, stack, evil }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow(stack.site.origin);
    const refused = refusal(page);
    await page.goto(evil.publish(overlay(`${stack.relay.url}/connect/${tenant.id}#${await tenant.token()}`)));
    await expect.poll(refused).toBe(true);
    expect(await shown(page)).toBe(false);
  });

  test("nor may another port or name of the same machine", async ({ page, stack }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow(stack.site.origin);
    const refused = refusal(page);
    const address = stack.site.publish(overlay(`${stack.relay.url}/connect/${tenant.id}`));
    await page.goto(address.replace("127.0.0.1", "localhost"));
    await expect.poll(refused).toBe(true);
    expect(await shown(page)).toBe(false);
  });

  test("without allowed origins nobody may, nor anybody the page that stands alone", async ({ page, stack }) => {
    const tenant = await ownTenant(stack);
    for (const address of [`/connect/${tenant.id}`, "/connect", "/connect/of-nobody"]) {
      const refused = refusal(page);
      await page.goto(stack.site.publish(overlay(`${stack.relay.url}${address}`)));
      await expect.poll(refused, { message: address }).toBe(true);
      expect(await shown(page), address).toBe(false);
    }
  });

  test("nor may a stranger frame a page that may", async ({ page, stack, evil }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow(stack.site.origin);
    const registrationToken = await tenant.token();
    const inner = stack.site.publish(widgetPage(stack.relay.url, { registrationToken, isolation: "iframe" }));
    const refused = refusal(page);
    await page.goto(evil.publish(overlay(inner)));
    await expect.poll(refused).toBe(true);
    await expect.poll(() => page.frames().length).toBe(3);
    const counts = page.frames().map((frame) => frame.locator("#connect section.card").count().catch(() => 0));
    expect(await Promise.all(counts)).toEqual([0, 0, 0]);
  });

  test("the loader says what to do about it", async ({ page, stack, evil }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow(stack.site.origin);
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    const registrationToken = await tenant.token();
    await page.goto(evil.publish(widgetPage(stack.relay.url, { registrationToken, isolation: "iframe" })));
    await expect
      .poll(() => page.evaluate(() => window.told), { timeout: 30_000 })
      .toMatchObject([{ name: "error", detail: { code: "load_failed" } }]);
    const advice = said.find((line) => line.startsWith("Relay: ")) ?? "";
    expect(advice).toContain(`The tenant's allowed origins (Relay's console, Settings) need ${evil.origin}`);
  });
});
