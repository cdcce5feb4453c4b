/** A viewer at the desk: sees everything a viewer may, is offered nothing that would be refused, and is refused the rest. */

import type { Browser, Page } from "@playwright/test";

import { OWNER } from "../support/console";
import { type Desk, expect, test } from "../support/desk";
import { MODELS } from "../support/traffic";

const VIEWER = { name: "Vera Rubin", email: "vera@example.com", password: "a few unrelated words" };

/** What only those press who may change something. "Test" alone is the policies' tester, which changes nothing. */
const CHANGES = /^(Create|Add|Save|Rotate|Revoke|Disable|Enable|Remove|Delete|Edit|Turn|Erase|Disconnect|Invite|Make|Send|Switch|Change|Test .)/;

/** Somebody whom the owner invited as a viewer, signed in in a browser of their own. */
async function viewer(owner: Page, browser: Browser, desk: Desk): Promise<Page> {
  const { url } = desk.relay;
  const headers = { origin: url };
  const invited = await owner.request.post(`${url}/api/invitations`, { data: { email: VIEWER.email, role: "viewer" }, headers });
  expect(invited.status(), await invited.text()).toBe(201);
  const token = new URL((await invited.json()).url).hash.slice(1);
  const page = await (await browser.newContext()).newPage();
  const { name, password } = VIEWER;
  const joined = await page.request.post(`${url}/api/invitations/accept`, { data: { token, name, password }, headers });
  expect(joined.status(), await joined.text()).toBe(200);
  return page;
}

test("a viewer sees all of the desk, and no button that would be refused", async ({ owner, browser, desk }) => {
  test.setTimeout(180_000);
  const { url } = desk.relay;
  const { admin } = desk;
  type Ids = { data: Array<{ id: string }> };
  const [key] = (await admin.json<Ids>("GET", "/v1/relay-keys")).data;
  const policies = (await admin.json<{ data: Array<{ id: string; name: string }> }>("GET", "/v1/policies")).data;
  const policy = policies.find(({ name }) => name === "Careful");
  const page = await viewer(owner, browser, desk);
  const refused: string[] = [];
  page.on("response", (response) => {
    if (response.status() === 403) {
      refused.push(`${response.request().method()} ${response.url()}`);
    }
  });

  // Each screen, and what of the tenant's own stands on it.
  const screens: Array<[path: string, shows: RegExp]> = [
    ["", /Requests\s*\d/],
    ["/get-started", /3 of 3 done/],
    ["/requests", /ada@example\.com/],
    [`/requests/${desk.twice}`, /Asked to wait/],
    ["/usage", /All calls/],
    ["/users", /ada@example\.com/],
    ["/users/grace", /Anthropic/],
    ["/relay-keys", /Production backend/],
    [`/relay-keys/${key!.id}`, /rly-/],
    ["/policies", /Careful/],
    [`/policies/${policy!.id}`, /all but o1\*/],
    ["/providers", /eu-1/],
    ["/providers/openai", /What went wrong/],
    ["/models", /gpt-4o/],
    [`/models/${MODELS.openai}`, /Where it is served/],
    ["/webhooks", /No webhooks yet/],
    ["/members", new RegExp(OWNER.email)],
    ["/audit", /created the relay key/],
    ["/settings", /Widget builder/],
  ];
  for (const [path, shows] of screens) {
    await page.goto(`${url}/console${path}`);
    const main = page.getByRole("main");
    await expect(main, path).toContainText(shows);
    await expect(main.locator(".skeleton, .chart-wait"), path).toHaveCount(0);
    for (const role of ["button", "link"] as const) {
      expect(await main.getByRole(role, { name: CHANGES }).allInnerTexts(), `${role}s on ${path}`).toEqual([]);
    }
  }
  expect(refused).toEqual([]);

  await test.step("but not what users asked and were answered", async () => {
    await page.goto(`${url}/console/requests/${desk.twice}`);
    await expect(page.getByText("Viewers do not read what users asked")).toBeVisible();
    const answer = await (await page.request.get(`${url}/v1/requests/${desk.twice}`)).text();
    expect(answer).toContain(desk.twice);
    expect(answer).not.toContain("What is a relay?");
    const whole = await (await owner.request.get(`${url}/v1/requests/${desk.twice}`)).text();
    expect(whole).toContain("What is a relay?");
  });

  await test.step("the policies' tester answers a viewer", async () => {
    await page.goto(`${url}/console/policies`);
    await page.getByLabel("Model", { exact: true }).fill(MODELS.openai);
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(page.getByRole("table", { name: "What can be reached" }).getByRole("row", { name: /Yes/ })).toBeVisible();
  });

  await test.step("a change that no button offers is refused, and nothing happens", async () => {
    const state = async () =>
      Promise.all(
        ["/v1/relay-keys", "/v1/policies", "/v1/hosts", "/v1/users", "/v1/webhooks", "/v1/settings"].map(
          async (path) => (await admin.raw("GET", path)).text().then((text) => text.replace(/"(lastUsedAt|usedThisMonth)":[^,}]*/g, "")),
        ),
      );
    const before = await state();
    const changes: Array<[method: string, path: string, data?: object]> = [
      ["POST", "/v1/relay-keys", { name: "Mine" }],
      ["PATCH", `/v1/relay-keys/${key!.id}`, { name: "Mine" }],
      ["DELETE", `/v1/relay-keys/${key!.id}`],
      ["POST", "/v1/policies", { name: "Mine", rules: {} }],
      ["DELETE", `/v1/policies/${policy!.id}`],
      ["PUT", "/v1/credentials/openai", { apiKey: desk.keys.openai }],
      ["POST", "/v1/credentials/openai/default/test"],
      ["PUT", "/v1/hosts/mine", { name: "Mine", baseUrl: "https://example.com/v1" }],
      ["DELETE", "/v1/users/grace"],
      ["DELETE", "/v1/users/grace/credentials/openai"],
      ["POST", "/v1/registration-tokens", { endUserLabel: "grace" }],
      ["PATCH", "/v1/settings", { tenantName: "Mine" }],
      ["POST", "/v1/webhooks", { url: "https://example.com/hook" }],
      ["POST", "/api/invitations", { email: "mine@example.com", role: "viewer" }],
      ["DELETE", "/api/tenant"],
    ];
    for (const [method, path, data] of changes) {
      const answer = await page.request.fetch(`${url}${path}`, { method, headers: { origin: url }, ...(data ? { data } : {}) });
      expect([method, path, answer.status(), (await answer.json()).error.code]).toEqual([method, path, 403, "role_may_not"]);
    }
    expect(await state()).toEqual(before);
  });
  await page.context().close();
});
