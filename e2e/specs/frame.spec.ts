/** The widget in a frame of Relay's own origin, as a tenant's page shows it and a person uses it. */

import { ConnectForm, openRelaysShadows, ownTenant, relaysFrame } from "../support/frame";
import { type Stack, expect, newKey, test } from "../support/test";
import { widgetPage } from "../support/site";
import type { Told } from "../support/widget";
import type { Page } from "@playwright/test";

const told = async (page: Page): Promise<Told[]> => await page.evaluate(() => window.told);

/** Opens a page of an allowed origin with the widget in a frame. */
async function open(page: Page, stack: Stack, options: Record<string, unknown> = {}) {
  const tenant = await ownTenant(stack);
  await tenant.allow(stack.site.origin);
  const registrationToken = await tenant.token({ provider: "openai" });
  const html = widgetPage(stack.relay.url, { registrationToken, isolation: "iframe", ...options });
  await page.goto(stack.site.publish(html));
  const frame = await relaysFrame(page, stack.relay.url);
  return { tenant, frame, form: new ConnectForm(frame) };
}

test.beforeEach(async ({ context, stack }) => {
  await openRelaysShadows(context, stack.relay.url);
  await stack.sim.reset();
});

test("a key is connected in the frame, and the page is told what any page is told", async ({ page, stack }) => {
  const { tenant, form } = await open(page, stack);
  await form.submit(newKey("sk-proj-"));
  await expect(form.problem).toHaveText(/refused this key/);
  await form.submit(stack.keys.openai);
  await expect(form.title).toHaveText("OpenAI connected");
  const last4 = stack.keys.openai.slice(-4);
  await expect
    .poll(async () => (await told(page)).filter(({ name }) => ["ready", "success", "error"].includes(name)))
    .toMatchObject([
      { name: "ready" },
      { name: "error", detail: { code: "key_refused" } },
      { name: "success", detail: { provider: "openai", last4 } },
    ]);
  expect(await tenant.credentials("ada")).toMatchObject([{ provider: "openai", last4 }]);
});

test("the frame is as tall as what is in it, whatever that is", async ({ page, stack }) => {
  const { form } = await open(page, stack);
  await expect(form.title).toBeVisible();
  const heights = async () => {
    const inside = await form.card.evaluate((card) => card.getBoundingClientRect().height);
    const outside = await page.evaluate(() => document.querySelector("#connect")!.getBoundingClientRect().height);
    return Math.abs(inside - outside);
  };
  await expect.poll(heights).toBeLessThan(2);
  const before = await form.card.evaluate((card) => card.getBoundingClientRect().height);
  await form.submit(newKey("sk-proj-"));
  await expect(form.problem).toBeVisible();
  const after = await form.card.evaluate((card) => card.getBoundingClientRect().height);
  expect(after).not.toBe(before);
  await expect.poll(heights).toBeLessThan(2);
  const scrolls = await form.card.evaluate(() => {
    const page = document.documentElement;
    return page.scrollHeight > page.clientHeight + 1 || page.scrollWidth > page.clientWidth;
  });
  expect(scrolls).toBe(false);
});

test("looks change while it is open, and what is typed stays", async ({ page, stack }) => {
  const { form } = await open(page, stack, { theme: "light" });
  const background = () => form.card.evaluate((card) => getComputedStyle(card).backgroundColor);
  const before = await background();
  await form.key.fill("sk-something");
  await page.evaluate(() => window.widget.update({ theme: "dark", locale: "ko" }));
  await expect.poll(background).not.toBe(before);
  await expect(form.title).toHaveText("OpenAI 연결");
  await expect(form.key).toHaveValue("sk-something");
});

test("a token function is asked by the frame", async ({ page, stack }) => {
  const tenant = await ownTenant(stack);
  await tenant.allow(stack.site.origin);
  const token = await tenant.token({ provider: "openai" });
  const html = widgetPage(stack.relay.url, { isolation: "iframe" }).replace(
    "...{",
    `registrationToken: async () => ${JSON.stringify(token)}, ...{`,
  );
  await page.goto(stack.site.publish(html));
  const form = new ConnectForm(await relaysFrame(page, stack.relay.url));
  await expect(form.title).toHaveText("Connect OpenAI");
});

test("unmounted, it leaves nothing, and mounted again in its place it starts over", async ({ page, stack }) => {
  const { form } = await open(page, stack);
  await form.key.fill("sk-something");
  await page.evaluate(() => {
    window.widget.unmount();
    window.widget = window.Relay.mount("#connect", window.widgetOptions);
    window.widget = window.Relay.mount("#connect", window.widgetOptions);
  });
  await expect.poll(() => page.frames().length).toBe(2);
  const again = new ConnectForm(await relaysFrame(page, stack.relay.url));
  await expect(again.key).toHaveValue("");
  await page.evaluate(() => window.widget.unmount());
  expect(await page.evaluate(() => document.querySelector("#connect")!.childElementCount)).toBe(0);
  expect(page.frames()).toHaveLength(1);
});

test("a frame that is loaded anew is greeted anew", async ({ page, stack }) => {
  const { form, frame } = await open(page, stack);
  await form.key.fill("sk-something");
  await frame.evaluate(() => location.reload());
  await expect(form.key).toHaveValue("");
  await form.submit(stack.keys.openai);
  await expect(form.title).toHaveText("OpenAI connected");
});

test("what is no token shows no frame, and says so", async ({ page, stack }) => {
  await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken: "no token", isolation: "iframe" })));
  await expect.poll(() => told(page)).toMatchObject([{ name: "error", detail: { code: "token_invalid" } }]);
  expect(page.frames()).toHaveLength(1);
});

test("out of sight it takes its room, before anybody scrolls there", async ({ page, stack }) => {
  const tenant = await ownTenant(stack);
  await tenant.allow(stack.site.origin);
  const html = widgetPage(stack.relay.url, { registrationToken: await tenant.token(), isolation: "iframe" });
  await page.goto(stack.site.publish(html.replace("<body>", '<body><div style="height: 9000px"></div>')));
  const height = async () => await page.evaluate(() => document.querySelector("#connect")!.getBoundingClientRect().height);
  await relaysFrame(page, stack.relay.url);
  await expect.poll(height).toBeGreaterThan(150);
  await expect.poll(async () => (await told(page)).map(({ name }) => name)).toEqual(["ready"]);
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("a page that is not allowed hears of it soon after the browser refused the frame", async ({ page, stack }) => {
  const tenant = await ownTenant(stack);
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.clock.install();
  await page.goto(stack.site.publish(widgetPage(stack.relay.url, { registrationToken: await tenant.token(), isolation: "iframe" })));
  await expect.poll(() => said.some((line) => line.includes("frame-ancestors"))).toBe(true);
  // Not after the time that a frame may take to load, but soon after it has.
  await page.clock.fastForward(5_000);
  await expect.poll(async () => (await told(page)).map(({ detail }) => detail?.code), { timeout: 8_000 }).toEqual(["load_failed"]);
  expect(said.filter((line) => line.startsWith("Relay: ")).join()).toContain("The tenant's allowed origins");
});
