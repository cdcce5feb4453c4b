/** The widget in a tenant's page, as a person or a screen reader finds it. */

import { type BrowserContext, type Locator, type Page, expect } from "@playwright/test";

import { widgetPage } from "./site";
import type { Stack } from "./test";

/** What the page's callbacks were told, in order. */
export interface Told {
  name: "ready" | "success" | "error";
  detail?: { provider?: string; code?: string; message?: string; requestId?: string };
}

declare global {
  interface Window {
    told: Told[];
    widget: { update(options: Record<string, unknown>): void; unmount(): void };
    widgetOptions: Record<string, unknown>;
    Relay: { mount(target: string | Element, options: Record<string, unknown>): Window["widget"] };
  }
}

/**
 * Opens shadow roots from here on, so that tests can look inside. The widget asks for a closed one;
 * a test of its own proves that it gets one.
 */
export async function openShadows(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: "open" });
    };
  });
}

/** Names of providers as people know them. */
export const NAMES = { openai: "OpenAI", anthropic: "Anthropic", google: /Google|Gemini/ } as const;

/** The widget's parts, by what they are called in English. */
export class Widget {
  readonly page: Page;
  readonly card: Locator;
  readonly key: Locator;
  readonly connect: Locator;
  readonly problem: Locator;
  readonly title: Locator;

  constructor(page: Page) {
    this.page = page;
    this.card = page.locator("#connect section.card");
    this.key = this.card.getByRole("textbox").or(this.card.locator("input#key"));
    this.connect = this.card.locator("button[type=submit]");
    this.problem = this.card.getByRole("alert");
    this.title = this.card.getByRole("heading");
  }

  provider(name: string | RegExp): Locator {
    return this.card.getByRole("radio", { name });
  }

  async choose(name: string | RegExp): Promise<void> {
    // The radio is hidden below its tile, which is what people press.
    await this.card.locator("label.tile").filter({ hasText: name }).click();
    await expect(this.provider(name)).toBeChecked();
  }

  /** Pastes a key and presses the button. */
  async submit(key: string): Promise<void> {
    await this.key.fill(key);
    await this.connect.click();
  }

  async told(): Promise<Told[]> {
    return await this.page.evaluate(() => window.told);
  }
}

/** Opens a tenant's page with the widget in it and waits until it asks for a key, or says why not. */
export async function openWidget(
  page: Page,
  stack: Stack,
  options: Record<string, unknown>,
  width?: string,
): Promise<Widget> {
  await page.goto(stack.site.publish(widgetPage(stack.relay.url, options, width)));
  const widget = new Widget(page);
  await expect(widget.title).toBeVisible();
  return widget;
}
