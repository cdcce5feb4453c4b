/** The console, as a person finds it. */

import { type Page, expect } from "@playwright/test";

/** A person who owns a tenant. */
export interface Owner {
  name: string;
  email: string;
  password: string;
  tenant: string;
}

export const OWNER: Owner = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  password: "unrelated words work well",
  tenant: "Paper Boat",
};

/** Opens the one-time link and makes the owner's account. */
export async function createOwner(page: Page, setupLink: string, owner: Owner = OWNER): Promise<void> {
  await page.goto(setupLink);
  await page.getByLabel("Your name").fill(owner.name);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByLabel("Tenant name").fill(owner.tenant);
  await page.getByRole("button", { name: "Create owner account" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
}

export async function signIn(page: Page, consoleUrl: string, owner: Owner = OWNER): Promise<void> {
  await page.goto(consoleUrl);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("Password", { exact: true }).fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
}

export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

/** Makes a relay key and gives it, from the only time it is shown. */
export async function createKey(page: Page, name: string, scopes: string[] = []): Promise<string> {
  await goTo(page, "Relay keys");
  await page.getByRole("main").getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  for (const scope of scopes) {
    await dialog.getByRole("checkbox", { name: scope }).check();
  }
  await dialog.getByRole("button", { name: "Create key" }).click();
  const shown = dialog.getByLabel("Relay key", { exact: true });
  await expect(shown).toHaveText(/^rly-/);
  const key = await shown.innerText();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(key)).toHaveCount(0);
  return key;
}

export async function revokeKey(page: Page, name: string): Promise<void> {
  await goTo(page, "Relay keys");
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByLabel("The key").getByText("Revoked")).toBeVisible();
}
