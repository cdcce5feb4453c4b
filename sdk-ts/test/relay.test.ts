import { describe, expect, it, vi } from "vitest";

import { Relay } from "../src/index.js";
import { KEY, json, recorder } from "./recorder.js";

describe("constructing", () => {
  it("takes the address from RELAY_BASE_URL, else the local one", () => {
    expect(new Relay({ key: KEY }).baseURL).toBe("http://127.0.0.1:8787");
    vi.stubEnv("RELAY_BASE_URL", "https://relay.example.com/");
    expect(new Relay({ key: KEY }).baseURL).toBe("https://relay.example.com");
  });

  it("takes an address with or without /v1 and slashes", () => {
    for (const baseURL of ["https://r.example", "https://r.example//", "https://r.example/v1/"]) {
      expect(new Relay({ key: KEY, baseURL }).baseURL).toBe("https://r.example");
    }
    expect(new Relay({ key: KEY, baseURL: "https://r.example/relay/" }).baseURL).toBe("https://r.example/relay");
  });

  it.each(["relay.example.com", "ftp://relay.example.com", "https://a:b@relay.example.com", ""])(
    "refuses the address %j",
    (baseURL) => {
      expect(() => new Relay({ key: KEY, baseURL })).toThrow(/baseURL/);
    },
  );

  it("refuses a key that no header can carry, without quoting it", () => {
    const secret = "rly-secret\n";
    expect(() => new Relay({ key: secret })).toThrow(/line break/);
    try {
      new Relay({ key: secret });
    } catch (error) {
      expect(String(error)).not.toContain("rly-secret");
    }
    expect(() => new Relay({ key: "" })).toThrow(/key/);
  });

  it("refuses a web page unless told otherwise", () => {
    vi.stubGlobal("window", { document: {} });
    expect(() => new Relay({ key: KEY })).toThrow(/web page/);
    expect(new Relay({ key: KEY, dangerouslyAllowBrowser: true })).toBeInstanceOf(Relay);
  });

  it("refuses a page's worker, and takes servers of that shape", () => {
    vi.stubGlobal("importScripts", () => {});
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0" });
    expect(() => new Relay({ key: KEY })).toThrow(/web page/);
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    expect(new Relay({ key: KEY })).toBeInstanceOf(Relay);
    vi.unstubAllGlobals();
  });

  it("keeps the key out of what is logged of it", () => {
    expect(JSON.stringify(new Relay({ key: KEY }))).not.toContain(KEY);
  });
});

describe("registration tokens", () => {
  const answer = { registrationToken: "token", expiresAt: "2026-11-21T02:21:58.000Z" };

  it("are asked for with the relay key and the user's label", async () => {
    const { fetch, calls } = recorder(json(201, answer));
    const relay = new Relay({ key: KEY, baseURL: "https://relay.example.com", fetch });
    expect(await relay.createRegistrationToken({ user: "user-42" })).toEqual(answer);
    expect(calls[0]).toMatchObject({
      method: "POST",
      url: "https://relay.example.com/v1/registration-tokens",
      body: { endUserLabel: "user-42" },
    });
    expect(calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  });

  it("can be narrowed", async () => {
    const { fetch, calls } = recorder(json(201, answer));
    await new Relay({ key: KEY, fetch }).createRegistrationToken({
      user: "user-42",
      provider: "anthropic",
      expiresIn: "5m",
      allowedOrigins: ["https://app.example.com"],
    });
    expect(calls[0]?.body).toEqual({
      endUserLabel: "user-42",
      provider: "anthropic",
      expiresIn: "5m",
      allowedOrigins: ["https://app.example.com"],
    });
  });

  it("are refused for a forgotten user before anything is sent", async () => {
    const { fetch, calls } = recorder();
    const relay = new Relay({ key: KEY, fetch });
    await expect(relay.createRegistrationToken({ user: "" })).rejects.toThrow(/user/);
    await expect(relay.createRegistrationToken({} as { user: string })).rejects.toThrow(/user/);
    expect(calls).toHaveLength(0);
  });
});
