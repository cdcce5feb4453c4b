/** More of what the console changes: one provider's page, endpoints that are edited, policies that are deleted. */

import { expectAccessible } from "../support/axe";
import { expect, test } from "../support/desk";
import { Caller, MODELS } from "../support/traffic";

test("one provider's page shows its keys, tests them, and says what went wrong", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  await page.goto(`${desk.relay.url}/console/providers`);
  await page.getByRole("link", { name: "Anthropic", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Anthropic", level: 1 })).toBeVisible();
  // The seed has one call that Anthropic failed.
  const wrong = page.getByRole("table", { name: "What went wrong within the hour" });
  await expect(wrong.getByRole("row", { name: new RegExp(MODELS.anthropic) })).toBeVisible();
  const pool = page.getByRole("region", { name: "Anthropic" });
  const status = pool.getByRole("row", { name: /default/ });

  const asked = page.waitForResponse(/\/v1\/credentials\/anthropic\/default\/test$/);
  await pool.getByRole("button", { name: "Test Anthropic default" }).click();
  expect((await asked).status()).toBe(200);
  await expect(page.getByText("Anthropic takes this key.")).toBeVisible();
  await expect(status).toContainText("Works");
  await expectAccessible(page, "desk-provider");

  await test.step("a test hears what the provider says now", async () => {
    await desk.sim.refuseKey("anthropic", desk.keys.anthropic);
    await pool.getByRole("button", { name: "Test Anthropic default" }).click();
    await expect(status).toContainText("Refused");
    await desk.sim.allowKey("anthropic", desk.keys.anthropic);
    await pool.getByRole("button", { name: "Test Anthropic default" }).click();
    await expect(status).toContainText("Works");
  });
});

test("an endpoint is edited while nothing hangs on where it is, and calls go there", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  const { admin, sim, keys } = desk;
  await admin.json("PUT", "/v1/hosts/acme", { name: "Acme", baseUrl: `${sim.url}/nowhere/v1`, dialects: ["openai-chat"] });
  await page.goto(`${desk.relay.url}/console/providers`);
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Edit Acme", exact: true }).click();
  await expect(dialog.getByLabel("Name")).toHaveValue("Acme");
  await expect(dialog.getByLabel("Base URL")).toHaveValue(`${sim.url}/nowhere/v1`);
  await expect(dialog.getByLabel("Id", { exact: true })).toHaveCount(0);
  await dialog.getByLabel("Base URL").fill("");
  await dialog.getByRole("button", { name: "Save endpoint" }).click();
  await expect(dialog.getByText("Say where its API begins.")).toBeVisible();
  await expectAccessible(page, "desk-endpoint");
  await dialog.getByLabel("Name").fill("Acme Europe");
  await dialog.getByLabel("Base URL").fill(`${sim.url}/openai/v1`);
  await dialog.getByRole("button", { name: "Save endpoint" }).click();
  await expect(page.getByRole("row", { name: /Acme Europe \(acme\)/ })).toContainText(`${sim.url}/openai/v1`);

  await admin.json("PUT", "/v1/credentials/acme", { apiKey: keys.openai });
  const ask = async () =>
    (await admin.raw("POST", "/v1/chat/completions", { model: `acme:${MODELS.openai}`, messages: [{ role: "user", content: "?" }] })).status;
  expect(await ask()).toBe(200);

  await test.step("a key is sent nowhere but where it was connected for", async () => {
    await page.getByRole("button", { name: "Edit Acme Europe" }).click();
    await dialog.getByLabel("Base URL").fill(`${sim.url}/elsewhere/v1`);
    await dialog.getByRole("button", { name: "Save endpoint" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Keys are connected to this host");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    expect(await ask()).toBe(200);
  });

  await admin.json("DELETE", "/v1/credentials/acme");
  await page.getByRole("button", { name: "Remove Acme Europe" }).click();
  await dialog.getByRole("button", { name: "Remove endpoint" }).click();
  await expect(page.getByRole("row", { name: /\(acme\)/ })).toHaveCount(0);
  expect((await admin.raw("GET", "/v1/hosts/acme")).status).toBe(404);
});

test("a policy is deleted once no relay key needs it", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  const { admin } = desk;
  const { id } = await admin.json<{ id: string }>("POST", "/v1/policies", { name: "Short-lived", rules: { models: { allow: ["gpt-*"] } } });
  const made = await admin.json<{ id: string; key: string }>("POST", "/v1/relay-keys", { name: "Held to it", policy: id });
  await page.goto(`${desk.relay.url}/console/policies`);
  await page.getByRole("link", { name: "Short-lived" }).click();
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Delete policy" }).click();
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await dialog.getByRole("button", { name: "Delete policy" }).click();

  await test.step("while a key is held to it, it stays, and says why", async () => {
    await expect(dialog.getByRole("alert")).toContainText("held to this policy: Held to it");
    await expectAccessible(page, "desk-policy-in-use");
    expect((await admin.raw("GET", `/v1/policies/${id}`)).status).toBe(200);
    await dialog.getByRole("button", { name: "Cancel" }).click();
  });

  await admin.json("PATCH", `/v1/relay-keys/${made.id}`, { policy: null });
  await page.getByRole("button", { name: "Delete policy" }).click();
  await dialog.getByRole("button", { name: "Delete policy" }).click();
  await expect(page.getByRole("heading", { name: "Policies", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Short-lived" })).toHaveCount(0);
  expect((await admin.raw("GET", `/v1/policies/${id}`)).status).toBe(404);
  expect((await new Caller(desk.relay.url, made.key).raw("GET", "/v1/models")).status).toBe(200);
});
