/** The widget in somebody else's page: a person connects a key. */

import { expect, newKey, newUser, test } from "../support/test";
import { widgetPage } from "../support/site";
import { NAMES, newToken, openShadows, openWidget } from "../support/widget";

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

  test("the field is empty as soon as the key is sealed, and no attribute ever held it", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { provider: "openai" }) });
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/v1/widget/credentials", async (route) => {
      await held;
      await route.continue();
    });
    await widget.key.fill(stack.keys.openai);
    const html = () => widget.card.evaluate((card) => card.outerHTML);
    expect(await html()).not.toContain(stack.keys.openai);
    await widget.connect.click();
    await expect(widget.card.getByRole("status")).toHaveText("Checking with OpenAI…");
    await expect(widget.key).toHaveValue("");
    expect(await html()).not.toContain(stack.keys.openai);
    release();
    await expect(widget.title).toHaveText("OpenAI connected");
  });

  test("password managers and session recorders are told to leave the field alone", async ({ page, stack, relayKey }) => {
    const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
    const attributes = await widget.key.evaluate((key) => Object.fromEntries([...key.attributes].map(({ name, value }) => [name, value])));
    expect(attributes).toMatchObject({
      autocomplete: "off",
      "data-1p-ignore": "",
      "data-bwignore": "",
      "data-lpignore": "true",
      "data-form-type": "other",
      "data-dd-privacy": "hidden",
      "data-sentry-mask": "",
      "data-hj-suppress": "",
    });
    expect(attributes).not.toHaveProperty("name");
    expect(attributes).not.toHaveProperty("value");
  });
});
