import { afterEach, describe, expect, it, vi } from "vitest";

import { RelayLoadError, loadRelay } from "../src/index.js";
import { fakeRelay, forget, scripts } from "./page.js";

const baseURL = "https://relay.example.com";
const loaded = new Event("load");

afterEach(() => {
  vi.unstubAllGlobals();
  forget();
});

describe("loadRelay", () => {
  it("puts the script into the page once, however often it is called", async () => {
    const inserted = scripts();
    const first = loadRelay({ baseURL });
    const second = loadRelay({ baseURL: `${baseURL}/` });
    expect(second).toBe(first);
    expect(inserted).toHaveLength(1);
    expect(inserted[0]).toMatchObject({ src: `${baseURL}/widget/v1.js`, async: true, crossOrigin: "anonymous" });
    expect(inserted[0]?.integrity || "").toBe("");

    const { relay } = fakeRelay();
    window.Relay = relay;
    inserted[0]?.onload?.(loaded);
    expect(await first).toBe(relay);
    expect(await loadRelay({ baseURL })).toBe(relay);
    expect(inserted).toHaveLength(1);
  });

  it("gives the Relay that is there already", async () => {
    const inserted = scripts();
    const { relay } = fakeRelay();
    window.Relay = relay;
    expect(await loadRelay({ baseURL })).toBe(relay);
    expect(inserted).toEqual([]);
  });

  it("hands the browser the hash and the nonce", () => {
    const inserted = scripts();
    void loadRelay({ baseURL: `${baseURL}/below`, integrity: "sha384-abc", nonce: "n" });
    expect(inserted[0]).toMatchObject({ src: `${baseURL}/below/widget/v1.js`, integrity: "sha384-abc", nonce: "n" });
  });

  it("fails with a reason, and may be tried again", async () => {
    const inserted = scripts();
    const first = loadRelay({ baseURL });
    inserted[0]?.onerror?.("error");
    await expect(first).rejects.toThrow(RelayLoadError);
    await expect(first).rejects.toThrow(/Content-Security-Policy/);

    const second = loadRelay({ baseURL });
    expect(inserted).toHaveLength(2);
    inserted[1]?.onload?.(loaded);
    await expect(second).rejects.toThrow(/not the script of a Relay's widget/);
  });

  it("refuses what is no address", () => {
    expect(() => loadRelay({ baseURL: "https://" })).toThrow(/baseURL/);
  });

  it("vouches for the address under Trusted Types, by one policy", async () => {
    const inserted = scripts();
    const createPolicy = vi.fn((_name: string, rules: object) => rules);
    vi.stubGlobal("trustedTypes", { createPolicy });
    const first = loadRelay({ baseURL });
    inserted[0]?.onerror?.("error");
    await expect(first).rejects.toThrow();
    void loadRelay({ baseURL });
    expect(createPolicy).toHaveBeenCalledTimes(1);
    expect(createPolicy.mock.calls[0]?.[0]).toBe("relay-widget-loader");
  });

  it("says on a server that it belongs into a page, and harms nothing there", async () => {
    vi.stubGlobal("document", undefined);
    await expect(loadRelay({ baseURL })).rejects.toThrow(/in the browser/);
  });
});
