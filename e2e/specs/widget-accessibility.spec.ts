/** The widget for everyone: WCAG 2.2 AA by axe in every language and state, the keyboard, screen readers, every width. */

import type { Page } from "@playwright/test";
import axe from "axe-core";

import { SCREENSHOTS } from "../support/environment";
import { type Stack, expect, newUser, test } from "../support/test";
import { CONNECTED, Widget, aSession, answerWidget, failure, newToken, openShadows, openWidget } from "../support/widget";

test.beforeEach(async ({ context }) => openShadows(context));

const LOCALES = ["en", "ko", "ja", "zh", "es", "de", "fr"];
const THEMES = ["light", "dark"] as const;

/** Every state, and how one comes to it from the page that shows it. */
const STATES: Record<string, { session?: unknown; status?: number; options?: object; come?: (widget: Widget) => Promise<void> }> = {
  form: { session: aSession({ credentials: [CONNECTED[1]] }) },
  typed: {
    // A key of another provider than the one that was chosen.
    async come(widget) {
      await widget.card.locator("label.tile").first().click();
      await widget.key.fill("sk-ant-of-another");
      await expect(widget.card.locator(".switch")).toBeVisible();
    },
  },
  refused: {
    async come(widget) {
      await answerWidget(widget.page, "credentials", 401, failure("key_refused"));
      await widget.submit("sk-proj-refused-4242");
      await expect(widget.problem).not.toBeEmpty();
    },
  },
  kept: {
    async come(widget) {
      await answerWidget(widget.page, "credentials", 502, failure("provider_unreachable"));
      await widget.submit("sk-proj-unsent-4242");
      await expect(widget.card.locator(".replaces")).toContainText("4242");
    },
  },
  done: {
    async come(widget) {
      await answerWidget(widget.page, "credentials", 201, { ...CONNECTED[0], status: "limited" });
      await widget.submit("sk-proj-limited-4242");
      await expect(widget.card.locator(".summary")).toBeVisible();
    },
  },
  single: { options: { provider: "anthropic" } },
  blocked: { session: failure("token_expired"), status: 401 },
  list: { session: aSession({ scope: "manage", credentials: CONNECTED }), options: { mode: "manage" } },
  empty: { session: aSession({ scope: "manage" }), options: { mode: "manage" } },
  confirm: {
    session: aSession({ scope: "manage", credentials: CONNECTED }),
    options: { mode: "manage" },
    async come(widget) {
      await widget.card.locator(".row .danger").first().click();
      await expect(widget.card.locator(".outcome")).toBeVisible();
    },
  },
  replace: {
    session: aSession({ scope: "manage", credentials: CONNECTED }),
    options: { mode: "manage" },
    async come(widget) {
      await widget.card.locator(".row .second").first().click();
      await expect(widget.key).toBeVisible();
    },
  },
};

/** What axe finds in the widget. Axe is put into the page once: it is asked a hundred times. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate((source) => "axe" in window || (0, eval)(source), axe.source);
  return await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run("#connect", {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary}`));
  });
}

/** Parts that stick out of the page to either side. */
const overflow = (page: Page) =>
  page.evaluate(() => {
    const root = document.querySelector("#connect > div")!.shadowRoot!;
    return [document.documentElement, ...root.querySelectorAll("*")]
      .filter((part) => !part.classList.contains("unseen") && !part.closest(".unseen"))
      .filter((part) => part.getBoundingClientRect().right > innerWidth + 0.5 || part.getBoundingClientRect().left < -0.5)
      .map((part) => part.getAttribute("class") || part.tagName);
  });

/** Opens the widget in a state. */
async function show(page: Page, stack: Stack, state: string, options: object): Promise<Widget> {
  const { session = aSession(), status = 200, options: own, come } = STATES[state]!;
  await page.unrouteAll();
  await answerWidget(page, "session", status, session);
  const widget = await openWidget(page, stack, { registrationToken: "t", ...own, ...options });
  // Whoever listens for it brings the buttons that leave.
  await page.evaluate(() => window.widget.on("exit", () => {}));
  await come?.(widget);
  return widget;
}

test("axe sees into the widget", async ({ page, stack }) => {
  const widget = await show(page, stack, "form", {});
  await widget.key.evaluate((key) => key.removeAttribute("id"));
  expect((await violations(page)).join()).toContain("label-title-only: ");
});

for (const state of Object.keys(STATES)) {
  test(`axe finds nothing in the state "${state}", in any language and either theme, nor is anything cut off on a phone`, async ({ page, stack }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.setViewportSize({ width: 375, height: 800 });
    const widget = await show(page, stack, state, {});
    for (const locale of LOCALES) {
      if (locale !== "en") {
        const before = await widget.title.innerText();
        await page.evaluate((locale) => window.widget.update({ locale }), locale);
        await expect(widget.title).not.toHaveText(before);
      }
      for (const theme of THEMES) {
        await page.evaluate((theme) => window.widget.update({ theme }), theme);
        await expect(page.locator("#connect .relay")).toHaveAttribute("data-theme", theme);
        expect(await violations(page), `${state}, ${locale}, ${theme}`).toEqual([]);
        expect(await overflow(page), `${state}, ${locale}, ${theme}`).toEqual([]);
      }
      await page.screenshot({ path: `${SCREENSHOTS}/widget-${state}-${locale}.png`, fullPage: true });
    }
  });
}

test("axe finds nothing in the compact layout, nor with colours that could not be read as given", async ({ page, stack }) => {
  test.setTimeout(120_000);
  const variables = { colorBackground: "#7a7a7a", colorText: "#888", colorTextSecondary: "#777", colorBorder: "#7b7b7b", colorDanger: "#808080" };
  for (const state of Object.keys(STATES)) {
    await show(page, stack, state, { appearance: { layout: "compact", variables }, accentColor: "#ffee00" });
    expect(await violations(page), state).toEqual([]);
  }
});

for (const width of [280, 320, 375, 440, 768, 1200]) {
  test(`nothing is cut off at ${width} pixels`, async ({ page, stack }) => {
    test.setTimeout(60_000);
    await page.setViewportSize({ width, height: 800 });
    for (const state of Object.keys(STATES)) {
      const widget = await show(page, stack, state, { locale: "de" });
      expect(await overflow(page), state).toEqual([]);
      expect((await widget.card.boundingBox())!.width).toBeLessThanOrEqual(440);
    }
  });
}

test("at 400 % of 1280 by 1024 pixels one scrolls in one direction only", async ({ page, stack }) => {
  // As large as that zoom leaves the page (WCAG 1.4.10).
  await page.setViewportSize({ width: 320, height: 256 });
  for (const state of ["form", "refused", "list", "confirm"]) {
    await show(page, stack, state, {});
    expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBe(320);
  }
});

test("in a page that runs to the left it does too, but for the key", async ({ page, stack }) => {
  for (const state of Object.keys(STATES)) {
    const widget = await show(page, stack, state, {});
    await page.evaluate(() => (document.documentElement.dir = "rtl"));
    expect(await overflow(page), state).toEqual([]);
    expect(await widget.card.evaluate((card) => getComputedStyle(card).direction)).toBe("rtl");
    if (await widget.key.count()) expect(await widget.key.evaluate((key) => getComputedStyle(key).direction)).toBe("ltr");
  }
});

test("everything can be done by the keyboard, in the order it is read", async ({ page, stack, relayKey }) => {
  await stack.sim.reset();
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  const focused = () =>
    page.evaluate(() => {
      const part = document.querySelector("#connect > div")!.shadowRoot!.activeElement;
      return part?.getAttribute("type") === "radio" ? "radio" : (part?.getAttribute("class") || part?.tagName);
    });
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("radio");
  await expect(widget.provider("OpenAI")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(widget.provider("Anthropic")).toBeChecked();
  await page.keyboard.press("ArrowUp");
  await expect(widget.provider("OpenAI")).toBeChecked();
  const order: unknown[] = [];
  for (let tabs = 0; tabs < 4; tabs += 1) {
    await page.keyboard.press("Tab");
    order.push(await focused());
  }
  expect(order).toEqual(["A", "key", "show", "main"]);
  const ring = await widget.connect.evaluate((button) => getComputedStyle(button).outlineStyle);
  expect(ring).toBe("solid");
  await widget.key.focus();
  await page.keyboard.insertText(stack.keys.openai);
  await page.keyboard.press("Enter");
  await expect(widget.title).toHaveText("OpenAI connected");
  await expect(widget.title).toBeFocused();
});

test("a screen reader is told what happens", async ({ page, stack, relayKey }) => {
  await stack.sim.reset();
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey, { user: newUser() }) });
  await expect(widget.card.getByRole("radiogroup", { name: "Provider" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Connect your AI provider" })).toBeVisible();
  const status = widget.card.getByRole("status");
  await widget.key.fill("sk-ant-of-another");
  await expect(status).toHaveText("Switched to Anthropic to match your key.");
  await widget.connect.click();
  await expect(widget.problem).toHaveText(/Anthropic refused this key/);
  await expect(widget.key).toBeFocused();
  await expect(widget.key).toHaveAccessibleDescription(/Anthropic refused this key/);
  await expect(widget.key).toHaveAccessibleName("Anthropic API key");
  await widget.submit(stack.keys.anthropic);
  await expect(status).toHaveText("Anthropic connected");
});

test("who wants less motion gets none, but for the spinner, slowly", async ({ page, stack }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const widget = await show(page, stack, "done", {});
  expect(await widget.card.locator(".outcome").evaluate((part) => getComputedStyle(part).animationDuration)).toBe("0s");
});

test("in forced colours the choice and the ring are still seen", async ({ page, stack }) => {
  await page.emulateMedia({ forcedColors: "active" });
  const widget = await show(page, stack, "form", {});
  const outline = (part: Element) => getComputedStyle(part).outlineStyle;
  expect(await widget.card.locator(":checked ~ .face").evaluate(outline)).toBe("solid");
  expect(await widget.card.locator(".tile .face").nth(1).evaluate(outline)).toBe("none");
  await widget.key.focus();
  expect(await widget.key.evaluate(outline)).toBe("solid");
});
