/** What the console's gateway pages change holds for the next call: keys, policies, providers, users, models. */

import { expectAccessible } from "../support/axe";
import { expect, test } from "../support/desk";
import { MODELS, Caller } from "../support/traffic";
import { newKey } from "../support/test";

test("a relay key is made with all its settings, changed, rotated, switched off and revoked", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  const { relay } = desk;
  await page.goto(`${relay.url}/console/relay-keys`);
  await expect(page.getByText("“Production backend” expires within a week")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: /of 60 calls/ })).toBeVisible();
  await expectAccessible(page, "desk-relay-keys");
  const dialog = page.getByRole("dialog");

  const first = await test.step("made, and shown once", async () => {
    await page.getByRole("button", { name: "Create key" }).click();
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(dialog.getByText("Give the key a name")).toBeVisible();
    await dialog.getByLabel("Name").fill("Mobile app");
    await dialog.getByLabel("Policy").selectOption("Careful");
    await dialog.getByLabel("Expires").selectOption("In 90 days");
    for (const more of ["End user", "Monthly quotas", "Limits", "Networks and what is kept"]) {
      await dialog.getByText(more, { exact: true }).click();
    }
    await dialog.getByLabel("Calls", { exact: true }).fill("2,000");
    await dialog.getByLabel("Dollars").fill("many");
    await dialog.getByRole("button", { name: "Add a limit" }).click();
    await dialog.getByLabel("How much").fill("500");
    await expectAccessible(page, "desk-relay-key-new");
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(dialog.getByText("A sum like 25 or 2.50")).toBeVisible();
    await dialog.getByLabel("Dollars").fill("12.50");
    await dialog.getByRole("button", { name: "Create key" }).click();
    const shown = dialog.getByLabel("Relay key", { exact: true });
    await expect(shown).toHaveText(/^rly-/);
    const key = await shown.innerText();
    await dialog.getByRole("button", { name: "Done" }).click();
    return key;
  });

  const call = async (key: string) => (await new Caller(relay.url, key).raw("GET", "/v1/models")).status;
  expect(await call(first)).toBe(200);

  await test.step("changed", async () => {
    await page.getByRole("link", { name: "Mobile app" }).click();
    await expect(page.getByRole("heading", { name: "Mobile app" })).toBeVisible();
    await expect(page.getByLabel("Its use")).toContainText("of $12.50");
    await page.getByText("Limits", { exact: true }).click();
    await expect(page.getByLabel("How much")).toHaveValue("500");
    await page.getByLabel("Name").fill("Mobile app 2");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Saved. It holds from the next call on.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Mobile app 2" })).toBeVisible();
    await expectAccessible(page, "desk-relay-key");
  });

  const second = await test.step("rotated: both work for a while", async () => {
    await page.getByRole("button", { name: "Rotate" }).click();
    await dialog.getByLabel("The old key stops working").selectOption("After 1 day");
    await dialog.getByRole("button", { name: "Rotate key" }).click();
    const shown = dialog.getByLabel("Relay key", { exact: true });
    await expect(shown).toHaveText(/^rly-/);
    const key = await shown.innerText();
    await dialog.getByRole("button", { name: "Done" }).click();
    expect([await call(first), await call(key)]).toEqual([200, 200]);
    return key;
  });

  await test.step("switched off and on", async () => {
    await page.getByRole("button", { name: "Disable" }).click();
    await expect(page.getByLabel("The key").getByText("Disabled")).toBeVisible();
    expect(await call(second)).not.toBe(200);
    await page.getByRole("button", { name: "Enable" }).click();
    await expect(page.getByLabel("The key").getByText("Active")).toBeVisible();
    expect(await call(second)).toBe(200);
  });

  await test.step("revoked", async () => {
    await page.getByRole("button", { name: "Revoke" }).click();
    await dialog.getByRole("button", { name: "Revoke key" }).click();
    await expect(page.getByLabel("The key").getByText("Revoked")).toBeVisible();
    expect(await call(second)).toBe(401);
  });
});

test("a policy is written in a form, tried before it is saved, and holds", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  await page.goto(`${desk.relay.url}/console/policies`);
  await expect(page.getByRole("row", { name: /Careful.*all but o1\*/ })).toBeVisible();

  await test.step("what can this key reach?", async () => {
    await page.getByLabel("Relay key").selectOption("Production backend");
    await page.getByLabel("Model", { exact: true }).fill(MODELS.openai);
    await page.getByRole("button", { name: "Test" }).click();
    const found = page.getByRole("table", { name: "What can be reached" });
    await expect(found.getByRole("row", { name: new RegExp(`${MODELS.openai}.*Yes.*OpenAI.*Works`) })).toBeVisible();
    await page.getByLabel("Model", { exact: true }).fill("o1");
    await page.getByRole("button", { name: "Test" }).click();
    await expect(found.getByRole("row", { name: /o1.*No/ })).toBeVisible();
    await expectAccessible(page, "desk-policies");
  });

  await page.getByRole("link", { name: "Create policy" }).click();
  await page.getByLabel("Name").fill("Only Claude");
  await page.getByLabel("Allowed models").fill("claude-*");
  await page.getByRole("radio", { name: "The pool's only" }).check();
  await test.step("tried before it is saved", async () => {
    await page.getByLabel("Model", { exact: true }).fill(MODELS.openai);
    await page.getByRole("button", { name: "Test" }).click();
    const found = page.getByRole("table", { name: "What can be reached" });
    await expect(found.getByRole("row", { name: new RegExp(`${MODELS.openai}.*No`) })).toBeVisible();
    await expectAccessible(page, "desk-policy-new");
  });
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page.getByRole("heading", { name: "Only Claude" })).toBeVisible();

  await test.step("it holds from the next call on", async () => {
    const made = await desk.admin.json<{ key: string }>("POST", "/v1/relay-keys", { name: "Claude only", policy: "Only Claude" });
    const caller = new Caller(desk.relay.url, made.key);
    const ask = async (model: string) =>
      (await caller.raw("POST", "/v1/chat/completions", { model, messages: [{ role: "user", content: "?" }] })).status;
    expect([await ask(MODELS.anthropic), await ask(MODELS.openai)]).toEqual([200, 403]);
    await page.getByLabel("Allowed models").fill("");
    const saved = page.waitForResponse((answer) => answer.request().method() === "PATCH" || answer.request().method() === "PUT");
    await page.getByRole("button", { name: "Save changes" }).click();
    await saved;
    // The first of them, from when it was made, may still be there.
    await expect(page.getByText("Saved. It holds from the next call on.").last()).toBeVisible();
    expect(await ask(MODELS.openai)).toBe(200);
  });
});

test("the pool's keys show their health, are tested, added, switched off and removed", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  const { sim } = desk;
  await page.goto(`${desk.relay.url}/console/providers`);
  const pool = page.getByRole("region", { name: "OpenAI" });
  await expect(pool.getByRole("row", { name: /eu-1/ })).toBeVisible();
  const dialog = page.getByRole("dialog");

  await test.step("a test asks the provider", async () => {
    await pool.getByRole("button", { name: "Test OpenAI eu-1" }).click();
    await expect(pool.getByRole("row", { name: /eu-1.*Works/ })).toBeVisible();
    await expectAccessible(page, "desk-providers");
  });

  const backup = newKey("sk-proj-");
  await sim.allowKey("openai", backup);
  await test.step("a further key is added", async () => {
    await pool.getByRole("button", { name: "Add key for OpenAI" }).click();
    await dialog.getByRole("button", { name: "Save key" }).click();
    await expect(dialog.getByText("Paste the key.")).toBeVisible();
    await dialog.getByLabel("API key", { exact: true }).fill(backup);
    await dialog.getByLabel("Name").fill("backup");
    await dialog.getByText("Its place in the pool").click();
    await dialog.getByLabel("Priority").fill("5");
    await expectAccessible(page, "desk-provider-key");
    await dialog.getByRole("button", { name: "Save key" }).click();
    await expect(pool.getByRole("row", { name: new RegExp(`backup.*${backup.slice(-4)}`) })).toBeVisible();
  });

  await test.step("switched off, and told so", async () => {
    await pool.getByRole("button", { name: "Turn off OpenAI backup" }).click();
    await expect(pool.getByRole("row", { name: /backup.*Off/ })).toBeVisible();
  });

  await test.step("a key the provider takes back is seen to be refused", async () => {
    await pool.getByRole("button", { name: "Turn on OpenAI backup" }).click();
    await sim.refuseKey("openai", backup);
    await pool.getByRole("button", { name: "Test OpenAI backup" }).click();
    await expect(pool.getByRole("row", { name: /backup.*Refused/ })).toBeVisible();
  });

  await test.step("removed", async () => {
    await pool.getByRole("button", { name: "Remove OpenAI backup" }).click();
    await dialog.getByRole("button", { name: "Remove key" }).click();
    await expect(pool.getByRole("row", { name: /backup/ })).toHaveCount(0);
  });

  await test.step("an endpoint of one's own", async () => {
    await page.getByRole("button", { name: "Add endpoint" }).click();
    await dialog.getByLabel("Id", { exact: true }).fill("acme");
    await dialog.getByLabel("Name").fill("Acme");
    await dialog.getByLabel("Base URL").fill(`${sim.url}/openai/v1`);
    await dialog.getByRole("button", { name: "Save endpoint" }).click();
    await expect(page.getByRole("row", { name: /Acme \(acme\)/ })).toBeVisible();
    await page.getByRole("button", { name: "Remove Acme" }).click();
    await dialog.getByRole("button", { name: "Remove endpoint" }).click();
    await expect(page.getByText("None yet.")).toBeVisible();
  });
});

test("a user is found, looked at, disconnected and erased", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  const { admin, keys } = desk;
  const label = "to-be-erased";
  await admin.json("PUT", `/v1/users/${label}/credentials/openai`, { apiKey: keys.openai });
  await admin.chat(MODELS.openai, { user: label });
  await page.goto(`${desk.relay.url}/console/users`);
  await expect(page.getByRole("row", { name: /ada@example.com/ })).toBeVisible();
  await expectAccessible(page, "desk-users");
  await page.getByLabel("Label begins with").fill("to-be");
  await expect(page.getByRole("row", { name: /ada@example.com/ })).toHaveCount(0);
  await page.getByRole("link", { name: label }).click();

  await expect(page.getByRole("row", { name: new RegExp(keys.openai.slice(-4)) })).toBeVisible();
  await page.getByRole("button", { name: "Test OpenAI" }).click();
  await expect(page.getByRole("row", { name: /Works/ })).toBeVisible();
  await expectAccessible(page, "desk-user");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Disconnect OpenAI" }).click();
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("heading", { name: "Nothing connected" })).toBeVisible();

  await page.getByRole("button", { name: "Erase user" }).click();
  await dialog.getByLabel("Type the user's label").fill("to-be");
  await dialog.getByRole("button", { name: "Erase user" }).click();
  await expect(dialog.getByText("Type the label exactly")).toBeVisible();
  await dialog.getByLabel("Type the user's label").fill(label);
  await dialog.getByRole("button", { name: "Erase user" }).click();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  expect((await admin.raw("GET", `/v1/users/${label}`)).status).toBe(404);
});

test("the catalog is searched, and has models of one's own", async ({ owner: page, desk }) => {
  test.setTimeout(120_000);
  await page.goto(`${desk.relay.url}/console/models`);
  const table = page.getByRole("table", { name: "Models" });
  await expect(table.getByRole("row")).toHaveCount(51);
  await page.getByRole("button", { name: "Load more" }).click();
  await expect(table.getByRole("row")).toHaveCount(101);
  await expectAccessible(page, "desk-models");
  await page.getByLabel("Name").fill(MODELS.openai);
  await page.getByLabel("Provider").selectOption("OpenAI");
  await expect(page).toHaveURL(/q=gpt-4o-mini/);
  await page.getByRole("row", { name: /gpt-4o-mini/ }).getByRole("link").first().click();
  await expect(page.getByRole("table", { name: "Where it is served" }).getByRole("row", { name: /OpenAI.*\$0\.15/ })).toBeVisible();
  await expectAccessible(page, "desk-model");

  await page.goto(`${desk.relay.url}/console/models`);
  await page.getByRole("link", { name: "Add your own" }).click();
  await page.getByLabel("Id", { exact: true }).fill("our/assistant");
  await page.getByRole("combobox", { name: "Provider" }).selectOption("OpenAI");
  await page.getByLabel("Its name there").fill(MODELS.openai);
  await page.getByLabel("Input price").fill("1.25");
  await page.getByRole("button", { name: "Add model" }).click();
  await expect(page.getByText("Both prices, or none").first()).toBeVisible();
  await page.getByLabel("Output price").fill("5");
  await page.getByRole("button", { name: "Add model" }).click();
  await expect(page.getByRole("heading", { name: "our/assistant" })).toBeVisible();
  await expect(page.getByRole("row", { name: /OpenAI.*\$1\.25.*\$5/ })).toBeVisible();
  await expectAccessible(page, "desk-model-own");
  const answer = await desk.admin.raw("POST", "/v1/chat/completions", {
    model: "our/assistant",
    messages: [{ role: "user", content: "Who are you?" }],
  });
  expect(answer.status).toBe(200);
  await page.getByRole("button", { name: "Remove model" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove model" }).click();
  await expect(page.getByRole("heading", { name: "Models", level: 1 })).toBeVisible();
});
