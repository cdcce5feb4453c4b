"use client";

import { loadRelay } from "@relayservice/widget";
import type { LoadOptions, MountOptions, WidgetCallbacks, WidgetHandle } from "@relayservice/widget";
import { type CSSProperties, type ReactElement, createElement, useEffect, useRef } from "react";

/** Where the widget comes from, what it is told, and the element it is drawn into. */
export interface RelayWidgetProps extends LoadOptions, MountOptions {
  id?: string | undefined;
  className?: string | undefined;
  style?: CSSProperties | undefined;
}

/** Relay's widget. Its options may change while it is shown; functions need not be stable. */
export function RelayWidget(props: RelayWidgetProps): ReactElement {
  const { baseURL, integrity, nonce, isolation, connectUrl, id, className, style } = props;
  const place = useRef<HTMLDivElement>(null);
  const handle = useRef<WidgetHandle | undefined>(undefined);
  const latest = useRef(props);
  const functions = useRef(lasting(latest)).current;
  const told = useRef<MountOptions>({});

  // Before the effect that mounts, so that it finds what was rendered last.
  useEffect(() => {
    latest.current = props;
    const options = widgetOptions(props, functions);
    const changed = changes(told.current, options);
    told.current = options;
    if (changed) {
      handle.current?.update(changed);
    }
  });

  useEffect(() => {
    // In StrictMode React mounts twice: of the first time nothing is left, whenever the script arrives.
    let here = true;
    const mount = async () => {
      const relay = await loadRelay({ baseURL, integrity, nonce });
      if (here && place.current) {
        handle.current = relay.mount(place.current, told.current);
      }
    };
    mount().catch((error: Error) => {
      if (here) {
        latest.current.onError?.({ code: "load_failed", message: error.message, requestId: "" });
      }
    });
    return () => {
      here = false;
      handle.current?.unmount();
      handle.current = undefined;
    };
  }, [baseURL, integrity, nonce, isolation, connectUrl]);

  return createElement("div", { ref: place, id, className, style });
}

type Functions = Required<WidgetCallbacks> & { registrationToken: () => Promise<string> };

/** Functions that stay the same while those of the page are new with each render: they call the last ones. */
function lasting(latest: { current: RelayWidgetProps }): Functions {
  return {
    onReady: () => latest.current.onReady?.(),
    onChange: (detail) => latest.current.onChange?.(detail),
    onSuccess: (detail) => latest.current.onSuccess?.(detail),
    onError: (detail) => latest.current.onError?.(detail),
    onExit: (detail) => latest.current.onExit?.(detail),
    registrationToken: async () => {
      const { registrationToken } = latest.current;
      return (typeof registrationToken === "function" ? await registrationToken() : registrationToken) ?? "";
    },
  };
}

/** What the widget takes of the properties; a function that is not given is not given to it either. */
function widgetOptions(props: RelayWidgetProps, functions: Functions): MountOptions {
  const { baseURL, integrity, id, className, style, ...options } = props;
  const given = Object.entries(options).map(([name, value]) => [
    name,
    typeof value === "function" ? functions[name as keyof Functions] : value,
  ]);
  return Object.fromEntries(given);
}

/** The options that are not what they were. */
function changes(before: MountOptions, now: MountOptions): MountOptions | undefined {
  const names = Object.keys({ ...before, ...now }) as Array<keyof MountOptions>;
  const changed = names.filter((name) => !same(before[name], now[name]));
  return changed.length ? Object.fromEntries(changed.map((name) => [name, now[name]])) : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}
