/** The widget in somebody else's page. */

import { type Stack, expect, newKey, newUser, test } from "../support/test";
import { NAMES, Widget, openShadows, openWidget } from "../support/widget";
import { widgetPage } from "../support/site";

interface TokenOptions {
  user?: string;
  provider?: string;
  allowedOrigins?: string[];
}

/** A registration token as a tenant's backend gets it. */
async function newToken(stack: Stack, relayKey: string, { user = newUser(), ...options }: TokenOptions = {}) {
  const answer = await stack.relay.client(relayKey).createRegistrationToken({ user, ...options });
  return answer.registrationToken;
}

test.describe("closed to the page it is in", () => {
  test("the page's scripts see neither the widget's inside nor what is typed", async ({ page, stack, relayKey }) => {
    const registrationToken = await newToken(stack, relayKey, { provider: "openai" });
    await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken })));
    await page.waitForFunction(() => window.told.some(({ name }) => name === "ready"));
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      for (const kind of ["keydown", "keyup", "input", "beforeinput", "paste", "change", "focusin", "submit"]) {
        document.addEventListener(
          kind,
          (event) => {
            const path = event.composedPath().map((one) => (one instanceof Element ? one.tagName : ""));
            const target = event.target as HTMLInputElement;
            seen.push(`${kind} ${path.join(">")} ${target.value ?? ""}`);
          },
          true,
        );
      }
    });

    expect(await page.evaluate(() => document.querySelector("#connect > div")?.shadowRoot)).toBeNull();
    expect(await page.locator("#connect input").count()).toBe(0);

    // By keyboard alone: the only field a tab away that takes text is the key's.
    const canary = "sk-typed-into-the-widget";
    for (let tabs = 0; tabs < 6; tabs += 1) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(canary);
    }
    const found = await page.evaluate(() => ({
      html: document.documentElement.outerHTML,
      active: document.activeElement?.tagName,
      activeValue: (document.activeElement as HTMLInputElement | null)?.value ?? "",
      seen: (window as unknown as { seen: string[] }).seen,
      storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    }));
    expect(found.seen.some((line) => line.startsWith("input"))).toBe(true);
    expect(JSON.stringify([found.html, found.activeValue, found.storage])).not.toContain(canary);
    expect(found.seen.filter((line) => line.includes(">INPUT") || line.includes(" INPUT"))).toEqual([]);
    expect(found.seen.filter((line) => line.includes(canary))).toEqual([]);
    expect(found.active).toBe("DIV");
  });
});

test.describe("seen from inside", () => {
  test.beforeEach(async ({ context, stack }) => {
    await openShadows(context);
    await stack.sim.reset();
  });

  for (const provider of ["openai", "anthropic", "google"] as const) {
    test(`a key of ${provider} is connected, sealed on its way`, async ({ page, stack, relayKey }) => {
      const user = newUser();
      const sent: string[] = [];
      page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
      const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { user }) });
      await widget.choose(NAMES[provider]);
      await widget.submit(stack.keys[provider]);

      await expect(widget.title).toHaveText(/connected$/);
      await expect(widget.card).toContainText(`•••• ${stack.keys[provider].slice(-4)}`);
      await expect(widget.key).toHaveCount(0);
      await expect.poll(() => widget.told()).toEqual([
        { name: "ready" },
        { name: "success", detail: expect.objectContaining({ provider }) },
      ]);
      expect(sent.some((request) => request.includes("sealedKey"))).toBe(true);
      expect(sent.join()).not.toContain(stack.keys[provider]);
      const { credentials } = await stack.relay.client(relayKey).users.get(user);
      expect(credentials).toMatchObject([{ provider, last4: stack.keys[provider].slice(-4), status: "active" }]);
    });
  }

  test("a locked token offers one provider", async ({ page, stack, relayKey }) => {
    const registrationToken = await newToken(stack, relayKey, { provider: "anthropic" });
    const widget = await openWidget(page, stack, { registrationToken });
    await expect(widget.title).toHaveText("Connect Anthropic");
    await expect(widget.card.getByRole("radio")).toHaveCount(0);
    await widget.submit(stack.keys.anthropic);
    await expect(widget.title).toHaveText("Anthropic connected");
  });

  test("an empty field is asked for before anything is sent", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
    await widget.choose(NAMES.openai);
    await widget.connect.click();
    await expect(widget.problem).toHaveText("Paste your OpenAI key first.");
    expect(await stack.sim.received()).toEqual([]);
  });

  for (const provider of ["openai", "anthropic", "google"] as const) {
    test(`a key that ${provider} refuses is worded, and the right one works after it`, async ({ page, stack, relayKey }) => {
      const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider }) });
      await widget.submit(newKey(stack.keys[provider].slice(0, 7)));
      await expect(widget.problem).toHaveText(/refused this key\. Check that you copied all of it/);
      await expect(widget.key).toHaveAttribute("aria-invalid", "true");
      const told = await widget.told();
      expect(told.at(-1)).toMatchObject({ name: "error", detail: { code: "key_refused" } });

      await widget.submit(stack.keys[provider]);
      await expect(widget.title).toHaveText(/connected$/);
    });
  }

  test("a provider that does not answer is worded, nothing is stored, and the token still works", async ({ page, stack, relayKey }) => {
    const user = newUser();
    const registrationToken = await newToken(stack, relayKey, { user, provider: "openai" });
    const widget = await openWidget(page, stack, { registrationToken });
    await stack.sim.script("openai", { on: "/models", reset: true, times: 20 });
    await widget.submit(stack.keys.openai);
    await expect(widget.problem).toHaveText("OpenAI didn’t answer, so your key wasn’t saved. Try again in a moment.");
    const stored = await stack.relay.client(relayKey).users.credentials(user).list().catch(({ status }) => status as number);
    expect(stored === 404 || (typeof stored === "object" && stored.data.length === 0)).toBe(true);

    await stack.sim.reset();
    await widget.connect.click();
    await expect(widget.title).toHaveText("OpenAI connected");
  });

  test("a key that may do little is connected and marked as limited", async ({ page, stack, relayKey }) => {
    const user = newUser();
    const registrationToken = await newToken(stack, relayKey, { user, provider: "openai" });
    const widget = await openWidget(page, stack, { registrationToken });
    await stack.sim.script("openai", { on: "/models", error: "You have insufficient permissions.", status: 403 });
    await widget.submit(stack.keys.openai);
    await expect(widget.card).toContainText("OpenAI limits this key");
    const { credentials } = await stack.relay.client(relayKey).users.get(user);
    expect(credentials[0]?.status).toBe("limited");
  });

  test("connecting again replaces the key and says so first", async ({ page, stack, relayKey }) => {
    const user = newUser();
    const second = newKey("sk-second-");
    await stack.sim.allowKey("openai", second);
    const credentials = stack.relay.client(relayKey).users.credentials(user);
    await credentials.put("openai", { apiKey: stack.keys.openai });
    const registrationToken = await newToken(stack, relayKey, { user, provider: "openai" });
    const widget = await openWidget(page, stack, { registrationToken });
    await expect(widget.card).toContainText(`Replaces your key ending in ${stack.keys.openai.slice(-4)}.`);
    await widget.submit(second);
    await expect(widget.title).toHaveText("OpenAI connected");
    expect((await credentials.list()).data.map(({ last4 }) => last4)).toEqual([second.slice(-4)]);
  });

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

  test("the key is hidden until the person asks to see it", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
    await widget.key.fill("sk-something");
    await expect(widget.key).toHaveAttribute("type", "password");
    await widget.card.getByRole("button", { name: "Show key" }).click();
    await expect(widget.key).toHaveAttribute("type", "text");
    await widget.card.getByRole("button", { name: "Hide key" }).click();
    await expect(widget.key).toHaveAttribute("type", "password");
    await expect(widget.key).toHaveValue("sk-something");
  });

  test("it speaks Korean", async ({ page, stack, relayKey }) => {
    const registrationToken = await newToken(stack, relayKey, { provider: "openai" });
    const widget = await openWidget(page, stack, { registrationToken, locale: "ko" });
    await expect(widget.title).toHaveText("OpenAI 연결");
    await widget.submit(newKey("sk-proj-"));
    await expect(widget.problem).toHaveText(/OpenAI에서 이 키를 거부했습니다/);
  });

  test("theme, accent and language change while it is open, and what is typed stays", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey), theme: "light" });
    const background = () => widget.card.evaluate((card) => getComputedStyle(card).backgroundColor);
    const accent = () => widget.connect.evaluate((button) => getComputedStyle(button).backgroundColor);
    await widget.key.fill("sk-something");
    const before = { background: await background(), accent: await accent() };
    await page.evaluate(() => window.widget.update({ theme: "dark", accentColor: "#ff6600", locale: "ko" }));
    await expect.poll(background).not.toBe(before.background);
    await expect.poll(accent).not.toBe(before.accent);
    await expect(widget.title).toHaveText("AI 제공업체 연결");
    await expect(widget.key).toHaveValue("sk-something");
  });

  test("it fits into 280 pixels", async ({ page, stack, relayKey }) => {
    await page.setViewportSize({ width: 280, height: 900 });
    const options = { registrationToken: await newToken(stack, relayKey) };
    await page.goto(stack.site.publish(widgetPage(stack.relay.url, options).replace("padding: 16px", "padding: 0")));
    const widget = new Widget(page);
    await expect(widget.title).toBeVisible();
    const overflow = () =>
      widget.card.evaluate((card) => [document.documentElement, card, ...card.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > 280.5)
        .filter((one) => !one.classList.contains("unseen"))
        .map((one) => one.className || one.tagName));
    expect(await overflow()).toEqual([]);
    await widget.choose(NAMES.openai);
    await widget.submit(newKey("sk-proj-"));
    await expect(widget.problem).toHaveText(/refused/);
    expect(await overflow()).toEqual([]);
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

  test("a page's own loud styles do not reach it", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
    const before = await widget.title.evaluate((title) => ({ ...getComputedStyle(title) }.color));
    await page.addStyleTag({ content: "* { color: rgb(255, 0, 0) !important; font-size: 40px !important; }" });
    expect(await widget.title.evaluate((title) => getComputedStyle(title).color)).toBe(before);
  });
});
