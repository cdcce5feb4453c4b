import { StrictMode, act } from "react";
import { type Root, createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { RelayWidget, type RelayWidgetProps } from "../src/react.js";
import { type Mounted, fakeRelay, forget, scripts } from "./page.js";

const baseURL = "https://relay.example.com";
let container: HTMLElement;
let root: Root;
let mounted: Mounted[];

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  container = document.createElement("div");
  document.body.append(container);
  root = createRoot(container);
  const fake = fakeRelay();
  window.Relay = fake.relay;
  mounted = fake.mounted;
});
afterEach(async () => {
  await act(async () => root.unmount());
  container.remove();
  vi.unstubAllGlobals();
  forget();
});

const render = (props: Partial<RelayWidgetProps>, strict = false) => {
  const widget = <RelayWidget baseURL={baseURL} registrationToken="token" {...props} />;
  return act(async () => root.render(strict ? <StrictMode>{widget}</StrictMode> : widget));
};

describe("RelayWidget", () => {
  it("mounts the widget into its element, and takes it off", async () => {
    await render({ id: "connect", className: "box", theme: "dark", provider: "openai" });
    expect(mounted).toHaveLength(1);
    expect(mounted[0]?.target).toBe(container.querySelector("#connect.box"));
    expect(mounted[0]?.options).toMatchObject({ registrationToken: "token", theme: "dark", provider: "openai" });
    expect(mounted[0]?.options).not.toHaveProperty("baseURL");
    await act(async () => root.render(null));
    expect(mounted[0]?.alive).toBe(false);
  });

  it("leaves one widget in StrictMode, which mounts twice", async () => {
    await render({}, true);
    expect(mounted.filter(({ alive }) => alive)).toHaveLength(1);
  });

  it("mounts nothing when it was taken off before the script arrived", async () => {
    const { Relay } = window;
    delete window.Relay;
    const inserted = scripts();
    await render({});
    await act(async () => root.render(null));
    window.Relay = Relay!;
    await act(async () => inserted[0]?.onload?.(new Event("load")));
    expect(mounted).toEqual([]);
  });

  it("updates what has changed, and only that", async () => {
    await render({ theme: "light", appearance: { layout: "default" as const } });
    await render({ theme: "light", appearance: { layout: "default" as const } });
    expect(mounted[0]?.updates).toEqual([]);
    await render({ theme: "dark", appearance: { layout: "compact" } });
    expect(mounted[0]?.updates).toEqual([{ theme: "dark", appearance: { layout: "compact" } }]);
    await render({ registrationToken: "next" });
    expect(mounted[0]?.updates[1]).toEqual({ theme: undefined, appearance: undefined, registrationToken: "next" });
    expect(mounted).toHaveLength(1);
  });

  it("mounts anew where another isolation or address is asked for", async () => {
    await render({});
    await render({ isolation: "iframe" });
    await render({ isolation: "iframe", connectUrl: "/connect" });
    expect(mounted.map(({ alive }) => alive)).toEqual([false, false, true]);
    expect(mounted[2]?.options).toMatchObject({ isolation: "iframe", connectUrl: "/connect" });
    expect(mounted.flatMap(({ updates }) => updates)).toEqual([]);
  });

  it("calls the functions of the last render", async () => {
    const first = vi.fn();
    const last = vi.fn();
    await render({ onSuccess: first, onReady: first });
    await render({ onSuccess: last, onReady: () => {} });
    const detail = { provider: "openai", last4: "wxyz", status: "active" } as const;
    mounted[0]?.options.onSuccess?.(detail);
    mounted[0]?.options.onReady?.();
    expect(first).not.toHaveBeenCalled();
    expect(last).toHaveBeenCalledWith(detail);
    expect(mounted[0]?.updates).toEqual([]);
  });

  it("hands on the functions that are given, and no other: some are seen on the widget", async () => {
    await render({ onSuccess: () => {} });
    expect(mounted[0]?.options).not.toHaveProperty("onExit");
    const onExit = vi.fn();
    await render({ onSuccess: () => {}, onExit });
    expect(Object.keys(mounted[0]?.updates[0] ?? {})).toEqual(["onExit"]);
    mounted[0]?.updates[0]?.onExit?.({ reason: "done" });
    expect(onExit).toHaveBeenCalledWith({ reason: "done" });
  });

  it("asks the last function for a token, and does not start over for a new one", async () => {
    await render({ registrationToken: () => "old" });
    await render({ registrationToken: async () => "new" });
    expect(mounted[0]?.updates).toEqual([]);
    const source = mounted[0]?.options.registrationToken as () => Promise<string>;
    expect(await source()).toBe("new");
  });

  it("tells that the script could not be loaded", async () => {
    delete window.Relay;
    const inserted = scripts();
    const onError = vi.fn();
    await render({ onError });
    await act(async () => inserted[0]?.onerror?.("error"));
    expect(onError).toHaveBeenCalledWith({
      code: "load_failed",
      message: expect.stringContaining("https://relay.example.com/widget/v1.js"),
      requestId: "",
    });
  });

  it("is an empty element on a server, which the browser takes over", async () => {
    const widget = <RelayWidget baseURL={baseURL} registrationToken="token" className="box" />;
    const page = document.createElement("div");
    page.innerHTML = renderToString(widget);
    expect(page.innerHTML).toBe('<div class="box"></div>');
    expect(mounted).toEqual([]);
    const problem = vi.spyOn(console, "error");
    const hydrated = await act(async () => hydrateRoot(page, widget));
    expect(mounted).toHaveLength(1);
    expect(problem).not.toHaveBeenCalled();
    await act(async () => hydrated.unmount());
  });
});
