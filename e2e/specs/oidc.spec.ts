/** Signing in through a provider, the whole way, on its pages and Relay's. */

import type { Page } from "@playwright/test";

import { OWNER, createOwner } from "../support/console";
import { atProvider, withProvider } from "../support/identity-provider";
import { expect } from "../support/test";

const KNOWN = {
  zoe: { email: "zoe@example.com", verified: true, name: "Zoe" },
  mallory: { email: OWNER.email, verified: false, name: "Mallory" },
  ada: { email: OWNER.email, verified: true, name: OWNER.name },
  eve: { email: "eve@example.com", verified: true, name: "Eve" },
};

const test = withProvider(KNOWN);
test.describe.configure({ mode: "serial" });

/** Signs in at the provider. */
async function throughProvider(page: Page, relay: string, login: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${relay}/console/sign-in`);
  await page.getByRole("link", { name: "Continue with Example" }).click();
  await atProvider(page, login);
}

test("an owner invites somebody, who comes through the provider", async ({ page, stack }) => {
  const { url } = stack.relay;
  await createOwner(page, await stack.relay.setupLink());
  const invited = await page.request.post(`${url}/api/invitations`, {
    data: { email: KNOWN.zoe.email, role: "developer" },
    headers: { origin: url },
  });
  expect(invited.status(), await invited.text()).toBe(201);

  await throughProvider(page, url, "zoe");
  await expect(page).toHaveURL(new RegExp(`^${url}/console`));
  const me = await (await page.request.get(`${url}/api/me`)).json();
  expect(me.account).toMatchObject({ email: KNOWN.zoe.email, name: "Zoe", hasPassword: false });
  expect(me.role).toBe("developer");
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});

test("a member joins the provider to their account by an address that was verified", async ({ page, stack }) => {
  const { url } = stack.relay;
  await throughProvider(page, url, "mallory");
  await expect(page).toHaveURL(`${url}/console/sign-in?problem=account_not_linked`);
  await expect(page.getByRole("alert")).toBeVisible();
  expect((await page.request.get(`${url}/api/me`)).status()).toBe(401);

  await throughProvider(page, url, "ada");
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  const me = await (await page.request.get(`${url}/api/me`)).json();
  expect(me.account.email).toBe(OWNER.email);
});

test("nobody else gets in, nor with what somebody else's browser was given", async ({ page, browser, stack }) => {
  const { url } = stack.relay;
  await throughProvider(page, url, "eve");
  await expect(page).toHaveURL(`${url}/console/sign-in?problem=no_account`);
  await expect(page.getByRole("alert")).toContainText("invitation");

  // Where the provider sends one browser leads another nowhere: it never left.
  const callback = page.waitForRequest(/\/api\/oidc\/example\/callback\?/);
  await throughProvider(page, url, "ada");
  const address = (await callback).url();
  expect(address).toContain("code=");
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await stranger.goto(address);
  await expect(stranger).toHaveURL(`${url}/console/sign-in?problem=sign_in_expired`);
  expect((await stranger.request.get(`${url}/api/me`)).status()).toBe(401);
  await other.close();
});
