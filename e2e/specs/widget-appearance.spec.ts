/** The widget's looks and words: what the page may decide, and what it may not. */

import { type Page } from "@playwright/test";

import { widgetPage } from "../support/site";
import { expect, newKey, test } from "../support/test";
import { NAMES, Widget, aSession, answerWidget, newToken, openShadows, openWidget } from "../support/widget";

test.beforeEach(async ({ context, stack }) => {
  await openShadows(context);
  await stack.sim.reset();
});

const LOCALES = {
  en: "Connect your AI provider",
  ko: "AI 제공업체 연결",
  ja: "AI プロバイダーを接続",
  zh: "连接您的 AI 服务商",
  es: "Conecta tu proveedor de IA",
  de: "KI-Anbieter verbinden",
  fr: "Connectez votre fournisseur d’IA",
} as const;

/** A computed style of a part of the widget. */
const style = (widget: Widget, selector: string, property: string) =>
  widget.card.locator(selector).first().evaluate((part, property) => getComputedStyle(part).getPropertyValue(property), property);

/** Contrast as WCAG defines it, of two computed colours. */
function contrast(one: string, two: string): number {
  const luminance = (colour: string) => {
    const channels = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((channel) => {
      const c = Number(channel) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * channels[0]! + 0.7152 * channels[1]! + 0.0722 * channels[2]!;
  };
  const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Opens the widget on a session of nobody's: only its looks matter. */
async function open(page: Page, stack: Parameters<typeof openWidget>[1], options: Record<string, unknown>): Promise<Widget> {
  await answerWidget(page, "session", 200, aSession());
  return await openWidget(page, stack, { registrationToken: "t", ...options });
}

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

test("a page's own loud styles do not reach it", async ({ page, stack, relayKey }) => {
  const widget = await openWidget(page, stack, { registrationToken: await newToken(stack, relayKey) });
  const before = await widget.title.evaluate((title) => ({ ...getComputedStyle(title) }.color));
  await page.addStyleTag({ content: "* { color: rgb(255, 0, 0) !important; font-size: 40px !important; }" });
  expect(await widget.title.evaluate((title) => getComputedStyle(title).color)).toBe(before);
});

for (const [locale, title] of Object.entries(LOCALES)) {
  test(`it speaks ${locale}, and fetches no other language`, async ({ page, stack }) => {
    const fetched: string[] = [];
    page.on("request", (request) => request.url().endsWith(".json") && fetched.push(request.url()));
    const widget = await open(page, stack, { locale });
    await expect(widget.title).toHaveText(title);
    await expect(page.locator("#connect .relay")).toHaveAttribute("lang", locale);
    expect(fetched).toHaveLength(1);
  });
}

test.describe("a reader from Quebec", () => {
  test.use({ locale: "fr-CA" });
  test("is spoken to in French where the page says auto, and in English where it says nothing", async ({ page, stack }) => {
    const widget = await open(page, stack, { locale: "auto" });
    await expect(widget.title).toHaveText(LOCALES.fr);
    await expect((await open(page, stack, {})).title).toHaveText(LOCALES.en);
  });
});

test("the language changes while it is open, and an unknown one is English", async ({ page, stack }) => {
  const widget = await open(page, stack, { locale: "tlh" });
  await expect(widget.title).toHaveText(LOCALES.en);
  await page.evaluate(() => window.widget.update({ locale: "ja-JP" }));
  await expect(widget.title).toHaveText(LOCALES.ja);
});

test("the page's own wording is used, as text and nothing else", async ({ page, stack }) => {
  const warnings: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  const title = "<img src=x onerror=alert(1)> for {app}";
  const widget = await open(page, stack, { strings: { title, nothing: "x", connect: 7 } });
  await expect(widget.title).toHaveText("<img src=x onerror=alert(1)> for Acme Notes");
  await expect(widget.card.locator("img")).toHaveCount(0);
  await expect(widget.connect).toHaveText("Connect OpenAI");
  expect(warnings.filter((text) => /strings\.(nothing|connect)/.test(text))).toHaveLength(2);
});

test("font, size, radius, spacing and colours are the page's", async ({ page, stack }) => {
  const widget = await open(page, stack, {
    appearance: {
      variables: {
        fontFamily: "Georgia, 'Times New Roman', serif",
        fontSize: "18px",
        borderRadius: "0",
        spacing: "5px",
        colorBackground: "rgb(10 20 40)",
        colorText: "#ffffff",
        colorDanger: "hsl(0 100% 70%)",
      },
    },
  });
  expect(await style(widget, "h2", "font-family")).toBe('Georgia, "Times New Roman", serif');
  expect(await style(widget, ".intro", "font-size")).toBe("18px");
  expect(await style(widget, ".main", "border-radius")).toBe("0px");
  expect(await widget.card.evaluate((card) => getComputedStyle(card).padding)).toBe("30px");
  expect(await widget.card.evaluate((card) => getComputedStyle(card).backgroundColor)).toBe("rgb(10, 20, 40)");
  expect(await style(widget, "h2", "color")).toBe("rgb(255, 255, 255)");
});

test("what is no value of its kind is refused, and nothing of the page's comes in by it", async ({ page, stack }) => {
  const warnings: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  page.on("request", (request) => asked.push(request.url()));
  const evil = {
    fontFamily: "x, url(https://evil.example/font)",
    fontSize: "calc(1px * 900)",
    borderRadius: "4px; background: url(https://evil.example/radius)",
    spacing: "400px",
    colorBackground: "url(https://evil.example/background)",
    colorText: "var(--evil)",
    colorTextSecondary: "transparent",
    colorBorder: "inherit",
    colorDanger: "red}*{display:none",
    position: "fixed",
  };
  const plain = await open(page, stack, {});
  const looks = (widget: Widget) =>
    widget.card.evaluate((card) =>
      [card, ...card.querySelectorAll("*")].map((part) => {
        const { color, backgroundColor, backgroundImage, fontFamily, fontSize, borderRadius, borderColor, display } = getComputedStyle(part);
        return [color, backgroundColor, backgroundImage, fontFamily, fontSize, borderRadius, borderColor, display].join();
      }),
    );
  const before = await looks(plain);
  // Too large a length is cut to what can be read; everything else falls away.
  const { spacing, ...rest } = evil;
  expect(await looks(await open(page, stack, { accentColor: "url(https://evil.example/accent)", appearance: { variables: rest } }))).toEqual(before);
  const wide = await open(page, stack, { appearance: { variables: { spacing } } });
  expect(await wide.card.evaluate((card) => getComputedStyle(card).padding)).toBe("48px");
  expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
  for (const name of Object.keys(rest)) expect(warnings.join("\n")).toContain(`appearance.variables.${name}:`);
  expect(warnings.join("\n")).toContain("accentColor is not an opaque CSS colour");
});

for (const accentColor of ["#ffd400", "#ffffff", "#000000", "#777777", "rebeccapurple", "oklch(0.7 0.2 140)"]) {
  test(`text on and beside ${accentColor} can be read, and borders and rings be seen, in both themes`, async ({ page, stack }) => {
    for (const theme of ["light", "dark"]) {
      const widget = await open(page, stack, { accentColor, theme });
      const card = await widget.card.evaluate((card) => getComputedStyle(card).backgroundColor);
      const main = await style(widget, ".main", "background-color");
      expect(contrast(await style(widget, ".main", "color"), main), "text on the button").toBeGreaterThanOrEqual(4.5);
      expect(contrast(await style(widget, "a", "color"), card), "a link").toBeGreaterThanOrEqual(4.5);
      expect(contrast(await style(widget, ".main", "border-top-color"), card), "the button's border").toBeGreaterThanOrEqual(3);
      expect(contrast(await style(widget, ".key", "border-top-color"), card), "the field's border").toBeGreaterThanOrEqual(3);
      await widget.key.focus();
      await page.keyboard.press("Tab");
      const ring = await widget.card.locator(":focus-visible").evaluate((part) => getComputedStyle(part).outlineColor);
      expect(contrast(ring, card), "the ring").toBeGreaterThanOrEqual(3);
    }
  });
}

test("the tenant's own accent is used where the page gives none", async ({ page, stack }) => {
  await answerWidget(page, "session", 200, aSession({ branding: { accentColor: "#0a7f42" } }));
  const widget = await openWidget(page, stack, { registrationToken: "t" });
  await expect.poll(() => style(widget, ".main", "background-color")).toBe("rgb(10, 127, 66)");
  await page.evaluate(() => window.widget.update({ accentColor: "#aa0000" }));
  await expect.poll(() => style(widget, ".main", "background-color")).toBe("rgb(170, 0, 0)");
});

test("compact takes less room", async ({ page, stack }) => {
  const height = async (layout: string) => (await (await open(page, stack, { appearance: { layout } })).card.boundingBox())!.height;
  const [usual, compact] = [await height("default"), await height("compact")];
  expect(compact).toBeLessThan(usual * 0.86);
});

for (const [name, options] of Object.entries({ default: {}, compact: { appearance: { layout: "compact" } }, narrow: { width: 320 } })) {
  test(`the skeleton is there before the WebAssembly and as tall as the form: ${name}`, async ({ page, stack }) => {
    if ("width" in options) await page.setViewportSize({ width: Number(options.width), height: 900 });
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/*.wasm", async (route) => {
      await held;
      await route.continue();
    });
    await answerWidget(page, "session", 200, aSession({ branding: {} }));
    await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken: "t", ...options })));
    const widget = new Widget(page);
    await expect(widget.card.locator(".skeleton")).toBeVisible();
    await expect(widget.card).toHaveAttribute("aria-busy", "true");
    const before = (await widget.card.boundingBox())!;
    release();
    await expect(widget.title).toHaveText("Connect your AI provider");
    const after = (await widget.card.boundingBox())!;
    expect({ x: after.x, y: after.y, width: after.width }).toEqual({ x: before.x, y: before.y, width: before.width });
    expect(Math.abs(after.height - before.height), `from ${before.height} to ${after.height}`).toBeLessThanOrEqual(24);
  });
}

test("rules of the page that revert, hide and enlarge everything do not reach it", async ({ page, stack }) => {
  const widget = await open(page, stack, {});
  const box = async () => {
    const { width, height } = (await widget.card.boundingBox())!;
    return { width, height };
  };
  const before = await box();
  await page.addStyleTag({
    content: "* { all: revert !important; display: none } html { font-size: 90px !important; --text: red; --font: cursive } " +
      "div { letter-spacing: 9px !important; visibility: hidden; opacity: .2; color: red !important; direction: ltr }",
  });
  await page.addStyleTag({ content: "html, body, #connect { display: block !important; visibility: visible !important; opacity: 1 !important }" });
  await expect(widget.title).toBeVisible();
  expect(await box()).toEqual(before);
  expect(await style(widget, "h2", "color")).toBe("rgb(23, 24, 28)");
  expect(await style(widget, "h2", "letter-spacing")).not.toBe("9px");
});
