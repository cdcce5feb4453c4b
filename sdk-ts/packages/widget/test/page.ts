import { vi } from "vitest";

import type { MountOptions, RelayGlobal, WidgetHandle } from "../src/index.js";

/** The page's head, which keeps scripts from running until the test says what becomes of them. */
export function scripts(): HTMLScriptElement[] {
  const inserted: HTMLScriptElement[] = [];
  vi.spyOn(document.head, "append").mockImplementation((...nodes) => {
    inserted.push(...(nodes as HTMLScriptElement[]));
  });
  return inserted;
}

/** What a widget was mounted with, and what happened to it. */
export interface Mounted {
  target: Element;
  options: MountOptions;
  updates: MountOptions[];
  alive: boolean;
}

/** A `Relay` that notes what is done with it. */
export function fakeRelay(): { relay: RelayGlobal; mounted: Mounted[] } {
  const mounted: Mounted[] = [];
  const relay: RelayGlobal = {
    mount(target, options) {
      const one: Mounted = { target: target as Element, options, updates: [], alive: true };
      mounted.push(one);
      return {
        update: (changed) => void one.updates.push(changed),
        unmount: () => void (one.alive = false),
        on: () => () => {},
      } satisfies WidgetHandle;
    },
  };
  return { relay, mounted };
}

/** A page without a Relay, and nothing on its way. */
export function forget(): void {
  delete window.Relay;
  Reflect.deleteProperty(window, Symbol.for("@relayservice/widget"));
  vi.restoreAllMocks();
}
