/** The widget in pages that make it hard: loud styles, strict policies, React, a WebView; and as a link. */

import { fileURLToPath } from "node:url";

import type { BrowserContext, Page } from "@playwright/test";
import { build } from "esbuild";

import { findKeys } from "../support/canary";
import { SCREENSHOTS, SDK } from "../support/environment";
import { ConnectForm, openRelaysShadows, ownTenant, relaysFrame } from "../support/frame";
import { widgetPage } from "../support/site";
import { type Stack, expect, test } from "../support/test";
import { type Told, Widget, openShadows } from "../support/widget";

const SIZES = { phone: { width: 375, height: 720 }, desktop: { width: 1280, height: 800 } };

/** Photographs a page at both widths, in both themes. */
async function photograph(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const theme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: theme });
      await page.screenshot({ path: `${SCREENSHOTS}/frame-${name}-${size}-${theme}.png`, animations: "disabled" });
    }
  }
}

/** Opens shadow roots everywhere: these pages are not the ones that pry. */
const seen = async (context: BrowserContext, stack: Stack) => {
  await openShadows(context);
  await stack.sim.reset();
};

/** The form, wherever it is drawn. */
const formOf = async (page: Page, stack: Stack, isolation: string) =>
  new ConnectForm(isolation === "iframe" ? await relaysFrame(page, stack.relay.url) : page);

for (const isolation of ["shadow", "iframe"] as const) {
  test.describe(`isolation ${isolation}`, () => {
    test.beforeEach(({ context, stack }) => seen(context, stack));

    test("loud styles of the page do not reach it", async ({ page, stack }) => {
      const tenant = await ownTenant(stack);
      await tenant.allow(stack.site.origin);
      const options = { registrationToken: await tenant.token(), theme: "auto", isolation };
      const html = widgetPage(stack.relay.url, options);
      await page.goto(stack.site.publish(html));
      let form = await formOf(page, stack, isolation);
      await expect(form.key).toBeVisible();
      const looks = () =>
        form.card.evaluate((card) =>
          [card, ...card.querySelectorAll("h1,h2,input,button,label,p")].map((one) => {
            const { color, fontSize, fontFamily, display, letterSpacing, transform, visibility } = getComputedStyle(one);
            return { tag: one.tagName, color, fontSize, fontFamily, display, letterSpacing, transform, visibility };
          }),
        );
      const calm = await looks();

      // Everything is undone, hidden, huge and upside down, but for what leads to the widget.
      const loud = `<style>
        * { all: revert !important; display: none !important; font: 80px fantasy !important; letter-spacing: 1em !important;
          color: red !important; transform: rotate(180deg) !important; visibility: hidden !important; }
        html, body, #connect { display: block !important; transform: none !important; visibility: visible !important; }
      </style>`;
      await page.goto(stack.site.publish(html.replace("</head>", `${loud}</head>`)));
      form = await formOf(page, stack, isolation);
      await expect(form.key).toBeVisible();
      expect(await looks()).toEqual(calm);
      await photograph(page, `hostile-css-${isolation}`);
      await form.card.locator("label.tile").first().click();
      await form.submit(stack.keys.openai);
      await expect(form.title).toHaveText("OpenAI connected");
    });

    test("in React's StrictMode it is there once, and takes what is rendered anew", async ({ page, stack }) => {
      const tenant = await ownTenant(stack);
      await tenant.allow(stack.site.origin);
      const registrationToken = await tenant.token({ provider: "openai" });
      const script = stack.site.publish(await reactPage(stack.relay.url, { registrationToken, isolation }), {
        "content-type": "text/javascript; charset=utf-8",
      });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(stack.site.publish(`<!doctype html><title>React</title><body><script src="${script}"></script></body>`));
      const form = await formOf(page, stack, isolation);
      await expect(form.title).toHaveText("Connect OpenAI");
      expect(await page.locator("#connect").evaluate((place) => place.childElementCount)).toBe(1);
      expect(page.frames()).toHaveLength(isolation === "iframe" ? 2 : 1);
      await form.key.fill("sk-something");
      await page.getByRole("button", { name: "Korean" }).click();
      await expect(form.title).toHaveText("OpenAI 연결");
      await expect(form.key).toHaveValue("sk-something");
      await photograph(page, `react-${isolation}`);
      await form.submit(stack.keys.openai);
      await expect(page.locator("#told")).toHaveText(`openai ${stack.keys.openai.slice(-4)}`);
      await page.getByRole("button", { name: "Away" }).click();
      await expect(page.locator("#connect")).toHaveCount(0);
      expect(page.frames()).toHaveLength(1);
      expect(errors).toEqual([]);
    });
  });
}

/** A page's script: the React component from the package's own source, in StrictMode. */
async function reactPage(relayUrl: string, options: Record<string, unknown>): Promise<string> {
  const own = (name: string) => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));
  const bundle = await build({
    stdin: {
      contents: `
        import { StrictMode, useState } from "react";
        import { createRoot } from "react-dom/client";
        import { RelayWidget } from "@relayservice/widget/react";
        function App() {
          const [locale, setLocale] = useState("en");
          const [here, setHere] = useState(true);
          const [told, setTold] = useState("");
          return <>
            <button onClick={() => setLocale("ko")}>Korean</button>
            <button onClick={() => setHere(false)}>Away</button>
            <output id="told">{told}</output>
            {here && <RelayWidget id="connect" baseURL=${JSON.stringify(relayUrl)} {...${JSON.stringify(options)}}
              theme="auto" locale={locale} onSuccess={({ provider, last4 }) => setTold(provider + " " + last4)} />}
          </>;
        }
        const place = document.createElement("div");
        document.body.append(place);
        createRoot(place).render(<StrictMode><App /></StrictMode>);`,
      loader: "tsx",
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    alias: {
      "@relayservice/widget/react": `${SDK}/packages/widget/src/react.ts`,
      "@relayservice/widget": `${SDK}/packages/widget/src/index.ts`,
      react: own("react"),
      "react-dom": own("react-dom"),
    },
    jsx: "automatic",
    bundle: true,
    // StrictMode does its double work in development alone.
    define: { "process.env.NODE_ENV": '"development"' },
    write: false,
  });
  return bundle.outputFiles[0]!.text;
}

test.describe("strict policies", () => {
  test.beforeEach(({ context, stack }) => seen(context, stack));

  /** A page under a policy, its own script by nonce, the loader as a tenant would write it. */
  const under = (stack: Stack, policy: string[], options: Record<string, unknown>, attributes = "") => {
    const html = widgetPage(stack.relay.url, options)
      .replace(/<style>.*<\/style>/, "")
      .replace(/<link rel="icon"[^>]*>/, "")
      .replace("<script>", '<script nonce="n">')
      .replace(/<script src="[^"]*"/, `<script src="${stack.relay.url}/widget/v1.js" ${attributes}`);
    return stack.site.publish(html, { "content-security-policy": policy.join("; ") });
  };
  const listening = (page: Page) => {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    return said;
  };

  test("in the page: by nonce, under Trusted Types, pinned by its hash", async ({ page, stack }) => {
    const { relay } = stack;
    const tenant = await ownTenant(stack);
    const published = (await (await fetch(`${relay.url}/widget/integrity.json`)).json()) as {
      integrity: Record<string, string>;
    };
    const policy = [
      "default-src 'none'",
      "script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'",
      `connect-src ${relay.url}`,
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types relay-widget",
    ];
    const said = listening(page);
    const options = { registrationToken: await tenant.token({ provider: "openai" }), theme: "auto" };
    const pinned = `nonce="n" crossorigin="anonymous" integrity="${published.integrity["/widget/v1.js"]}"`;
    await page.goto(under(stack, policy, options, pinned));
    const widget = new Widget(page);
    await expect(widget.title).toHaveText("Connect OpenAI");
    await photograph(page, "strict-csp");
    await widget.submit(stack.keys.openai);
    await expect(widget.title).toHaveText("OpenAI connected");
    expect(page.frames()).toHaveLength(1);
    expect(said.filter((line) => /Content Security Policy|Trusted/i.test(line))).toEqual([]);
  });

  test("in a frame: scripts and frames of Relay's, and nothing else", async ({ page, stack }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow(stack.site.origin);
    const policy = [
      "default-src 'none'",
      `script-src ${stack.relay.url} 'nonce-n'`,
      `frame-src ${stack.relay.url}`,
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ];
    const said = listening(page);
    const options = { registrationToken: await tenant.token({ provider: "openai" }), isolation: "iframe" };
    await page.goto(under(stack, policy, options));
    const form = await formOf(page, stack, "iframe");
    await form.submit(stack.keys.openai);
    await expect(form.title).toHaveText("OpenAI connected");
    expect(said.filter((line) => /Content Security Policy|Trusted/i.test(line))).toEqual([]);
  });

  for (const [refused, advice, words, types] of [
    ["WebAssembly", "'wasm-unsafe-eval'", "", "trusted-types relay-widget"],
    ["its Trusted Types policy", "relay-widget", "'wasm-unsafe-eval'", "trusted-types 'none'"],
  ] as const) {
    test(`where the page refuses ${refused}, it says so and is drawn in a frame`, async ({ page, stack }) => {
      const { relay } = stack;
      const tenant = await ownTenant(stack);
      await tenant.allow(stack.site.origin);
      const policy = [
        "default-src 'none'",
        `script-src ${relay.url} 'nonce-n' ${words}`,
        `connect-src ${relay.url}`,
        `frame-src ${relay.url}`,
        "require-trusted-types-for 'script'",
        types,
      ];
      const said = listening(page);
      await page.goto(under(stack, policy, { registrationToken: await tenant.token({ provider: "openai" }) }));
      const form = await formOf(page, stack, "iframe");
      await form.submit(stack.keys.openai);
      await expect(form.title).toHaveText("OpenAI connected");
      const advised = said.filter((line) => line.startsWith("Relay: "));
      expect(advised).toHaveLength(1);
      expect(advised[0]).toContain(advice);
      expect(advised[0]).toContain(`frame-src ${relay.url}`);
    });
  }

  for (const [part, pattern] of [
    ["glue", /\/widget\/assets\/widget-[0-9a-f]+\.js$/],
    ["WebAssembly", /\/widget\/assets\/.*\.wasm$/],
  ] as const) {
    test(`${part} that was changed on its way is not run, and the right one is after it`, async ({ page, stack }) => {
      const tenant = await ownTenant(stack);
      await page.route(pattern, async (route) => {
        const response = await route.fetch();
        const body = Buffer.concat([await response.body(), Buffer.from("\n")]);
        await route.fulfill({ response, body });
      });
      const registrationToken = await tenant.token({ provider: "openai" });
      await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken })));
      const widget = new Widget(page);
      await expect(widget.problem).toHaveText(/could not be loaded/);
      expect((await widget.told()).at(-1)).toMatchObject({ name: "error", detail: { code: "load_failed" } });
      await page.unroute(pattern);
      await widget.card.getByRole("button", { name: "Try again" }).click();
      await expect(widget.title).toHaveText("Connect OpenAI");
    });
  }

  test("ciphers that were changed on their way seal nothing, and the right ones do after them", async ({ page, stack }) => {
    const tenant = await ownTenant(stack);
    let files = 0;
    await page.route("**/*.wasm", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      await route.fulfill({ response, body: (files += 1) === 1 ? body : Buffer.concat([body, Buffer.from([0, 1, 0])]) });
    });
    const sent: string[] = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken: await tenant.token({ provider: "openai" }) })));
    const widget = new Widget(page);
    await widget.submit(stack.keys.openai);
    await expect(widget.problem).toHaveText(/couldn’t reach the server/);
    expect(files).toBeGreaterThan(1);
    expect(sent).toEqual([]);
    await page.unroute("**/*.wasm");
    await widget.connect.click();
    await expect(widget.title).toHaveText("OpenAI connected");
  });

  test("a script that is not what was pinned is refused by the browser", async ({ page, stack }) => {
    const wrong = `sha384-${"A".repeat(64)}`;
    const html = widgetPage(stack.relay.url, {}).replace("<script src", `<script crossorigin="anonymous" integrity="${wrong}" src`);
    await page.goto(stack.site.publish(html));
    expect(await page.evaluate(() => "Relay" in window)).toBe(false);
  });
});

test.describe("on its own", () => {
  test.beforeEach(async ({ context, stack }) => {
    await openRelaysShadows(context, stack.relay.url);
    await stack.sim.reset();
  });

  test("an app's WebView is told what happens, and never the key or the token", async ({ page, stack }) => {
    const tenant = await ownTenant(stack);
    // A token that is for named pages works here too: this page is Relay's.
    const token = await tenant.token({ provider: "openai", allowedOrigins: ["https://app.example.com"] });
    await page.addInitScript(() => {
      const got: Record<string, unknown[]> = { native: [], webkit: [], android: [] };
      const to = (name: string) => ({ postMessage: (message: unknown) => got[name]!.push(message) });
      Object.assign(window, {
        got,
        ReactNativeWebView: to("native"),
        webkit: { messageHandlers: { relay: to("webkit") } },
        RelayAndroid: to("android"),
      });
    });
    await page.goto(`${stack.relay.url}/connect?theme=auto#${token}`);
    const form = new ConnectForm(page);
    await expect(form.title).toHaveText("Connect OpenAI");
    expect(page.url()).toBe(`${stack.relay.url}/connect?theme=auto`);
    await photograph(page, "webview");
    await form.submit(stack.keys.openai);
    await expect(form.title).toHaveText("OpenAI connected");
    const got = async () =>
      await page.evaluate(() => (window as unknown as { got: Record<string, unknown[]> }).got);
    const told = (messages: unknown[]) => messages.map((one) => (typeof one === "string" ? JSON.parse(one) : one) as Told);
    const last4 = stack.keys.openai.slice(-4);
    await expect.poll(async () => told((await got()).native!).map(({ name }) => name)).toContain("success");
    const { native, webkit, android } = await got();
    expect(told(webkit!)).toEqual(told(native!));
    expect(android).toEqual(native);
    expect(native!.every((message) => typeof message === "string")).toBe(true);
    expect(told(native!).find(({ name }) => name === "success")).toEqual({
      source: "relay",
      version: 1,
      name: "success",
      detail: expect.objectContaining({ provider: "openai", last4 }),
    });
    const all = JSON.stringify(await got());
    expect(findKeys([stack.keys.openai], "the app", all)).toEqual([]);
    expect(all).not.toContain(token);
    await photograph(page, "webview-done");
  });

  test("a link shows the form in the reader's language, and its token is in no history", async ({ browser, stack }) => {
    const tenant = await ownTenant(stack);
    const context = await browser.newContext({ locale: "de-DE" });
    await openRelaysShadows(context, stack.relay.url);
    const page = await context.newPage();
    const sent: string[] = [];
    page.on("request", (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())}`));
    const token = await tenant.token({ provider: "openai" });
    await page.goto(`${stack.relay.url}/connect/${tenant.id}?accentColor=%23ff6600#${token}`);
    const form = new ConnectForm(page);
    await expect(form.title).toHaveText(/OpenAI/);
    await expect(form.card.locator("xpath=ancestor-or-self::*[@lang][1]")).toHaveAttribute("lang", /^de/);
    expect(await page.evaluate(() => [location.href, document.referrer].join())).not.toContain(token);
    // It goes to Relay as a bearer, and in no address.
    expect(sent.filter((line) => line.split(" ")[0]!.includes(token))).toEqual([]);
    expect(sent.some((line) => line.includes(`Bearer ${token}`))).toBe(true);
    await page.reload();
    await expect(form.title).toBeVisible();
    await expect(form.key).toHaveCount(0);
    await context.close();
  });

  test("what names files of this version is asked about at each use, and sent once", async ({ stack }) => {
    for (const path of ["/widget.js", "/widget/v1.js", "/connect", "/console"]) {
      const ask = (headers: Record<string, string>) => fetch(stack.relay.url + path, { headers, cache: "no-store" });
      const first = await ask({});
      expect(first.headers.get("cache-control"), path).toMatch(/no-cache$/);
      const tag = first.headers.get("etag") ?? "none";
      const again = await ask({ "if-none-match": `"other", W/${tag}` });
      expect([again.status, await again.text()], path).toEqual([304, ""]);
      expect((await ask({ "if-none-match": '"other"' })).status, path).toBe(200);
    }
  });

  test("its headers let nobody in", async ({ stack }) => {
    const tenant = await ownTenant(stack);
    await tenant.allow("https://app.example.com", stack.site.origin);
    const asks = { headers: { "accept-encoding": "gzip, br" } };
    const headers = async (path: string) => (await fetch(`${stack.relay.url}${path}`, asks)).headers;
    const own = await headers(`/connect/${tenant.id}`);
    const policy = own.get("content-security-policy") ?? "";
    expect(policy).toContain(`frame-ancestors 'self' https://app.example.com ${stack.site.origin}`);
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types relay-widget");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    expect(own.get("referrer-policy")).toBe("no-referrer");
    expect(own.get("permissions-policy")).toContain("camera=()");
    expect(own.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(own.get("x-content-type-options")).toBe("nosniff");
    for (const [path, ancestors] of [["/connect", "'none'"], ["/connect/of-nobody", "'self'"]] as const) {
      const alone = await headers(path);
      expect(alone.get("content-security-policy")).toMatch(new RegExp(`frame-ancestors ${ancestors}$`));
      expect(alone.get("x-frame-options")).toBe("DENY");
    }
    const script = await headers("/widget/v1.js");
    expect(script.get("access-control-allow-origin")).toBe("*");
    expect(script.get("content-encoding")).toBe("br");
  });
});
