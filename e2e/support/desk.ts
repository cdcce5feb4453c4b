/** A stack whose tenant has an owner and traffic, and pages on which the owner is signed in. */

import type { APIRequestContext, Page } from "@playwright/test";

import { OWNER } from "./console";
import { type Stack, test as base, expect, withStack } from "./test";
import { Caller, type Seeded, seed } from "./traffic";

export { expect };

/** A tenant with something to look at. */
export interface Desk extends Stack, Seeded {
  /** Calls as the tenant's backend does, held to the policy. */
  backend: Caller;
  /** Calls the management routes. */
  admin: Caller;
}

async function makeOwner(request: APIRequestContext, stack: Stack): Promise<void> {
  const setupToken = new URL(await stack.relay.setupLink()).hash.slice(1);
  const { name, email, password, tenant } = OWNER;
  const made = await request.post(`${stack.relay.url}/api/setup`, {
    data: { setupToken, name, email, password, tenantName: tenant },
    headers: { origin: stack.relay.url },
  });
  expect(made.ok(), await made.text()).toBe(true);
}

interface WorkerFixtures {
  bare: Stack;
  desk: Desk;
}

export const test = base.extend<{ owner: Page }, WorkerFixtures>({
  bare: [async ({}, use) => withStack(use), { scope: "worker", timeout: 90_000 }],

  desk: [
    async ({ bare, playwright }, use) => {
      const request = await playwright.request.newContext();
      await makeOwner(request, bare);
      await request.dispose();
      const seeded = await seed(bare, OWNER.tenant);
      const admin = new Caller(bare.relay.url, seeded.manage);
      // Requests are written in batches: the last of the seed is the one of no model.
      await expect
        .poll(async () => (await admin.json<{ data: unknown[] }>("GET", "/v1/requests?status=404")).data.length)
        .toBe(1);
      await use({ ...bare, ...seeded, admin, backend: new Caller(bare.relay.url, seeded.app) });
    },
    { scope: "worker", timeout: 90_000 },
  ],

  // Of the desk's stack, not of the one that other specs share.
  stack: [async ({ bare }, use) => use(bare), { scope: "worker" }],

  owner: async ({ page, desk }, use) => {
    const signedIn = await page.request.post(`${desk.relay.url}/api/session`, {
      data: { email: OWNER.email, password: OWNER.password },
      headers: { origin: desk.relay.url },
    });
    expect(signedIn.ok(), await signedIn.text()).toBe(true);
    await use(page);
  },
});
