/** The widget when something is amiss: tokens, the network, the page around it, what is pasted. */

import { widgetPage } from "../support/site";
import { expect, newUser, test } from "../support/test";
import {
  NAMES,
  Widget,
  aSession,
  answerWidget,
  exposeTokens,
  failure,
  newToken,
  openShadows,
  openWidget,
  openWidgetBy,
} from "../support/widget";

test.beforeEach(async ({ context, stack }) => {
  await openShadows(context);
  await stack.sim.reset();
});

/** Mounts with a function for the token, and with whatever else. */
const mountByFunction = () => {
  window.widgetOptions = { ...window.widgetOptions, registrationToken: () => window.nextToken() };
  window.widget = window.Relay.mount("#connect", window.widgetOptions);
};

test("a used token says that a key is connected already", async ({ page, stack, relayKey }) => {
  const registrationToken = await newToken(stack, relayKey, { provider: "openai" });
  const first = await openWidget(page, stack, { registrationToken });
  await first.submit(stack.keys.openai);
  await expect(first.title).toHaveText("OpenAI connected");

  const again = await openWidget(page, stack, { registrationToken });
  await expect(again.title).toHaveText("A key is connected already");
  await expect(again.key).toHaveCount(0);
  expect((await again.told()).at(-1)).toMatchObject({ name: "error", detail: { code: "token_used" } });
});

test("an expired token says so", async ({ page, stack, relayKey }) => {
  // The shortest life is a minute, so the answer is the server's in word but not in time.
  await page.route("**/v1/widget/session", (route) =>
    route.fulfill({
      status: 401,
      headers: { "access-control-allow-origin": "*" },
      json: { error: { code: "token_expired", message: "expired", requestId: "r-1" } },
    }),
  );
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await expect(widget.title).toHaveText("This form has expired");
  await expect(widget.card).toContainText("Reload the page");
  await expect(widget.key).toHaveCount(0);
});

test("a token of nobody's, or none at all, says that the form cannot be used", async ({ page, stack }) => {
  for (const registrationToken of ["not-a-token", ""]) {
    const widget = await openWidget(page, stack, { registrationToken });
    await expect(widget.title).toHaveText("This form can’t be used");
  }
});

test("a token for another site is refused on this one", async ({ page, stack, relayKey }) => {
  const elsewhere = await newToken(stack, relayKey, { allowedOrigins: ["https://app.example.com"] });
  const refused = await openWidget(page, stack, { registrationToken: elsewhere });
  await expect(refused.title).toHaveText("Not allowed on this site");
  const here = await newToken(stack, relayKey, { allowedOrigins: [stack.site.origin] });
  const allowed = await openWidget(page, stack, { registrationToken: here });
  await expect(allowed.title).toHaveText("Connect your AI provider");
});

test("mounting twice in one place leaves one widget, and unmounting leaves none", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await page.evaluate(() => {
    window.widget = window.Relay.mount("#connect", window.widgetOptions);
  });
  await expect(widget.card).toHaveCount(1);
  await expect(widget.title).toHaveText("Connect your AI provider");
  await page.evaluate(() => {
    window.widget.unmount();
    window.widget.unmount();
  });
  expect(await page.evaluate(() => document.querySelector("#connect")?.childElementCount)).toBe(0);
});

test("two widgets in two places do not know each other", async ({ page, stack, relayKey }) => {
  const first = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  const second = await newToken(stack, relayKey, { provider: "google" });
  await page.evaluate((registrationToken) => {
    const place = document.createElement("div");
    place.id = "other";
    document.body.append(place);
    window.Relay.mount(place, { registrationToken });
  }, second);
  const other = page.locator("#other section.card");
  await expect(other.getByRole("heading")).toHaveText(/^Connect (Google|Gemini)/);
  await first.key.fill("sk-first");
  await expect(other.locator("input#key")).toHaveValue("");
});

test("it works in a page whose content security policy allows only Relay", async ({ page, stack, relayKey }) => {
  const { relay, site } = stack;
  const registrationToken = await newToken(stack, relayKey, { provider: "openai" });
  const policy = [
    "default-src 'none'",
    `script-src ${relay.url} 'nonce-n' 'wasm-unsafe-eval'`,
    `connect-src ${relay.url}`,
    "img-src data:",
  ].join("; ");
  const html = widgetPage(relay.url, { registrationToken })
    .replace("<meta charset", `<meta http-equiv="Content-Security-Policy" content="${policy}"><meta charset`)
    .replace(/<style>.*<\/style>/, "")
    .replace("<script>", '<script nonce="n">');
  await page.goto(site.publish(html));
  const widget = new Widget(page);
  await widget.submit(stack.keys.openai);
  await expect(widget.title).toHaveText("OpenAI connected");
  const width = await widget.card.evaluate((card) => getComputedStyle(card).borderRadius);
  expect(width).not.toBe("0px");
});

test.describe("a page that gives tokens by a function", () => {
  test("is asked again when the token has expired", async ({ page, stack, relayKey }) => {
    const asked = await exposeTokens(page, () => newToken(stack, relayKey));
    await answerWidget(page, "session", 401, failure("token_expired"), 1);
    const widget = await openWidgetBy(page, stack, mountByFunction);
    await expect(widget.title).toHaveText("Connect your AI provider");
    expect(asked()).toBe(2);
  });

  test("can have one more key connected after the first", async ({ page, stack, relayKey }) => {
    const user = newUser();
    await exposeTokens(page, () => newToken(stack, relayKey, { user }));
    const widget = await openWidgetBy(page, stack, mountByFunction);
    await widget.submit(stack.keys.openai);
    await expect(widget.title).toHaveText("OpenAI connected");
    await widget.button("Connect another key").click();
    await expect(widget.title).toHaveText("Connect your AI provider");
    await widget.submit(stack.keys.anthropic);
    await expect(widget.title).toHaveText("Anthropic connected");
    const { credentials } = await stack.relay.client(relayKey).users.get(user);
    expect(credentials.map(({ provider }) => provider).sort()).toEqual(["anthropic", "openai"]);
  });

  test("keeps the key that was on its way when the token had just run out", async ({ page, stack, relayKey }) => {
    const asked = await exposeTokens(page, () => newToken(stack, relayKey, { provider: "openai" }));
    const widget = await openWidgetBy(page, stack, mountByFunction);
    await answerWidget(page, "credentials", 401, failure("token_expired"), 1);
    await widget.submit(stack.keys.openai);
    await expect(widget.title).toHaveText("OpenAI connected");
    expect(asked()).toBe(2);
  });

  test("can fail at it, says so, and is asked once more", async ({ page, stack, relayKey }) => {
    let failing = true;
    await exposeTokens(page, async () => {
      if (failing) throw new Error("the backend is down");
      return await newToken(stack, relayKey);
    });
    const widget = await openWidgetBy(page, stack, mountByFunction);
    await expect(widget.card).toContainText("The app couldn’t prepare this form.");
    await expect.poll(() => widget.told()).toContainEqual(expect.objectContaining({ detail: expect.objectContaining({ code: "token_unavailable" }) }));
    failing = false;
    await widget.button("Try again").click();
    await expect(widget.title).toHaveText("Connect your AI provider");
  });

  test("may give another function at every render without a start from the beginning", async ({ page, stack, relayKey }) => {
    const asked = await exposeTokens(page, () => newToken(stack, relayKey));
    const widget = await openWidgetBy(page, stack, mountByFunction);
    await widget.key.fill("sk-half-typed");
    await page.evaluate(() => window.widget.update({ registrationToken: () => window.nextToken(), theme: "dark" }));
    await expect(page.locator("#connect .relay")).toHaveAttribute("data-theme", "dark");
    await expect(widget.key).toHaveValue("sk-half-typed");
    expect(asked()).toBe(1);
  });
});

test("another token starts over", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await widget.key.fill("sk-half-typed");
  const registrationToken = await newToken(stack, relayKey, { provider: "google" });
  await page.evaluate((registrationToken) => window.widget.update({ registrationToken }), registrationToken);
  await expect(widget.title).toHaveText(/^Connect (Google|Gemini)/);
  await expect(widget.key).toHaveValue("");
});

test("off line while connecting: the key is kept, and sent when the person tries again", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  await answerWidget(page, "credentials", 0, null, 1);
  await widget.submit(stack.keys.openai);
  await expect(widget.problem).toHaveText(/couldn’t reach the server/);
  await expect(widget.card).toContainText(`Your key ending in ${stack.keys.openai.slice(-4)} is still here.`);
  await expect(widget.key).toHaveValue("");
  await widget.connect.click();
  await expect(widget.title).toHaveText("OpenAI connected");
});

test("off line from the start: it comes back by itself when the browser is on line", async ({ page, stack, relayKey }) => {
  await answerWidget(page, "session", 0, null, 1);
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await expect(widget.title).toHaveText("No connection");
  await expect(widget.button("Try again")).toBeVisible();
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(widget.title).toHaveText("Connect your AI provider");
});

test("without its files it says so, and loads them when asked again", async ({ page, stack, relayKey }) => {
  await page.route("**/*.wasm", (route) => route.abort(), { times: 1 });
  await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken: await newToken(stack, relayKey), locale: "de" })));
  const widget = new Widget(page);
  await expect(widget.problem).toHaveText("Das Formular konnte nicht geladen werden. Prüfen Sie Ihre Verbindung.");
  await expect.poll(() => widget.told()).toContainEqual(expect.objectContaining({ detail: expect.objectContaining({ code: "load_failed" }) }));
  await widget.button("Erneut versuchen").click();
  await expect(widget.title).toHaveText("KI-Anbieter verbinden");
});

test("the form waits for no ciphers: while they cannot be had the key is kept, and sent when the person tries again", async ({ page, stack, relayKey }) => {
  const asked: string[] = [];
  await page.route("**/*.wasm", (route) => (asked.push(route.request().url()) === 1 ? route.continue() : route.abort()));
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  // Ahead of the key, and in vain.
  await expect.poll(() => asked.length).toBe(2);
  await widget.submit(stack.keys.openai);
  await expect(widget.problem).toHaveText(/couldn’t reach the server/);
  await expect(widget.card).toContainText(`Your key ending in ${stack.keys.openai.slice(-4)} is still here.`);
  expect(new Set(asked.slice(1)).size).toBe(1);
  await page.unroute("**/*.wasm");
  await widget.connect.click();
  await expect(widget.title).toHaveText("OpenAI connected");
});

test("a slow provider is spoken of", async ({ page, stack, relayKey }) => {
  await page.clock.install();
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/v1/widget/credentials", async (route) => {
    await held;
    await route.continue();
  });
  await widget.submit(stack.keys.openai);
  await expect(widget.connect).toHaveText("Checking with OpenAI…");
  await page.clock.fastForward(8_000);
  await expect(widget.card.locator(".replaces")).toHaveText(/^OpenAI is taking longer than usual/);
  release();
  await expect(widget.title).toHaveText("OpenAI connected");
});

test("two clicks send one key", async ({ page, stack, relayKey }) => {
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  await widget.key.fill(stack.keys.openai);
  await widget.connect.dblclick();
  await expect(widget.title).toHaveText("OpenAI connected");
  expect(sent).toHaveLength(1);
});

test("unmounted while a key is on its way, it says nothing more", async ({ page, stack, relayKey }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/v1/widget/credentials", async (route) => {
    await held;
    await route.continue();
  });
  await widget.submit(stack.keys.openai);
  await expect(widget.connect).toHaveText("Checking with OpenAI…");
  await page.evaluate(() => window.widget.unmount());
  const answered = page.waitForResponse((response) => response.url().endsWith("/v1/widget/credentials") && response.request().method() === "POST");
  release();
  await (await answered).finished();
  await page.evaluate(() => window.widget.update({ theme: "dark" }));
  expect((await widget.told()).map(({ name }) => name)).toEqual(["ready"]);
  expect(errors).toEqual([]);
});

test("mounted, unmounted and mounted again at once, as React does in development, it is there once", async ({ page, stack, relayKey }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await exposeTokens(page, () => newToken(stack, relayKey));
  const widget = await openWidgetBy(page, stack, () => {
    const mount = () => window.Relay.mount("#connect", { ...window.widgetOptions, registrationToken: () => window.nextToken() });
    mount().unmount();
    window.widget = mount();
  });
  await expect(widget.card).toHaveCount(1);
  await expect(widget.title).toHaveText("Connect your AI provider");
  await expect.poll(() => widget.told()).toEqual([{ name: "ready" }]);
  expect(errors).toEqual([]);
});

test("what is pasted around a key is taken off it", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await widget.key.fill(`  export OPENAI_API_KEY="${stack.keys.openai}" `);
  await expect(widget.key).toHaveValue(stack.keys.openai);
  await widget.key.fill(`Bearer ${stack.keys.openai.slice(0, 12)} ${stack.keys.openai.slice(12)}`);
  await widget.connect.click();
  await expect(widget.title).toHaveText("OpenAI connected");
});

test("a key of another provider suggests that one", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await widget.choose(NAMES.openai);
  await widget.key.fill(stack.keys.anthropic);
  await expect(widget.card).toContainText("This looks like a key from Anthropic.");
  await widget.button("Switch to Anthropic").click();
  await expect(widget.provider("Anthropic")).toBeChecked();
  await expect(widget.key).toBeFocused();
  await widget.connect.click();
  await expect(widget.title).toHaveText("Anthropic connected");
});

test("a page that is left and come back to shows nothing that was typed, and a session that is good", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  const here = page.url();
  await widget.key.fill("sk-typed-before");
  await page.goto(stack.site.publish("<!doctype html><title>Elsewhere</title>"));
  await page.goBack();
  expect(page.url()).toBe(here);
  await expect(widget.title).toHaveText("Connect your AI provider");
  await expect(widget.key).toHaveValue("");

  // As it is when the browser has kept the page as it was.
  await widget.key.fill("sk-typed-before");
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await expect(widget.key).toHaveValue("");
  const session = page.waitForRequest("**/v1/widget/session");
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await session;
  await expect(widget.title).toHaveText("Connect your AI provider");
});

test("listeners are told until they are taken off", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  await page.evaluate(() => {
    const seen: unknown[] = [];
    const off = window.widget.on("change", (detail) => seen.push(detail));
    Object.assign(window, { seen, off });
  });
  const seen = () => page.evaluate(() => (window as unknown as { seen: unknown[] }).seen);
  await widget.choose(NAMES.anthropic);
  await expect.poll(seen).toEqual([{ screen: "form", provider: "anthropic", empty: true, busy: false }]);
  await page.evaluate(() => (window as unknown as { off(): void }).off());
  await widget.choose(NAMES.openai);
  expect(await seen()).toHaveLength(1);
  const refused = await page.evaluate(() => {
    try {
      window.widget.on("toString", () => {});
      return "";
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toContain("there is no event toString");
});

test("whoever listens for the exit gets a way out in the form, and after it", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
  await expect(widget.button("Cancel")).toBeHidden();
  await page.evaluate(() => {
    window.widget.on("exit", (detail) => window.told.push({ name: "exit", detail: detail as Record<string, string> }));
  });
  await widget.button("Cancel").click();
  await expect.poll(() => widget.told()).toContainEqual({ name: "exit", detail: { reason: "cancelled" } });
  await widget.submit(stack.keys.openai);
  await widget.button("Done").click();
  await expect.poll(() => widget.told()).toContainEqual({ name: "exit", detail: { reason: "done" } });
});

test("one provider of those that the token allows is shown when the page names it", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey), provider: "anthropic" });
  await expect(widget.title).toHaveText("Connect Anthropic");
  await page.evaluate(() => window.widget.update({ provider: "nobody" }));
  await expect(widget.title).toHaveText("Provider not available");
});

test("a target that is not there is refused in words", async ({ page, stack }) => {
  await answerWidget(page, "session", 200, aSession());
  await openWidget(page, stack, { registrationToken: "t" });
  const refused = await page.evaluate(() => {
    try {
      window.Relay.mount("#nowhere", {});
      return "";
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toBe("TypeError: Relay.mount: no element matches #nowhere");
});

test("an element that calls itself the script does not say where keys are sent", async ({ page, stack, relayKey }) => {
  const registrationToken = await newToken(stack, relayKey, { provider: "openai" });
  const elsewhere: string[] = [];
  await page.route("https://evil.example/**", (route) => {
    elsewhere.push(route.request().url());
    return route.abort();
  });
  const html = widgetPage(stack.relay.url, { registrationToken, locale: "en" }).replace(
    '<div id="connect">',
    '<img name="currentScript" src="https://evil.example/widget.js" alt=""><div id="connect">',
  );
  await page.goto(stack.site.publish(html));
  expect(await page.evaluate(() => (document.currentScript as HTMLScriptElement).src)).toBe("https://evil.example/widget.js");
  await expect(new Widget(page).title).toHaveText("Connect OpenAI");
  expect(elsewhere.filter((url) => url !== "https://evil.example/widget.js")).toEqual([]);
});
