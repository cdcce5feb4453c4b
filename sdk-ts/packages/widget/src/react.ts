"use client";

import { loadRelay } from "@relayservice/widget";
import type { LoadOptions, MountOptions, WidgetHandle, WidgetOptions } from "@relayservice/widget";
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
  const told = useRef<WidgetOptions>({});

  // Before the effect that mounts, so that it finds what was rendered last.
  useEffect(() => {
    latest.current = props;
    const options = plain(props, latest);
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
        handle.current = relay.mount(place.current, { ...told.current, ...callbacks(latest) });
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

type Latest = { current: RelayWidgetProps };

/** The page's functions as they are when something happens. */
function callbacks(latest: Latest): MountOptions {
  return {
    onReady: () => latest.current.onReady?.(),
    onChange: (detail) => latest.current.onChange?.(detail),
    onSuccess: (detail) => latest.current.onSuccess?.(detail),
    onError: (detail) => latest.current.onError?.(detail),
    onExit: (detail) => latest.current.onExit?.(detail),
  };
}

/** What the widget takes of the properties, but the functions. */
function plain(props: RelayWidgetProps, latest: Latest): WidgetOptions {
  const { baseURL, integrity, id, className, style, onReady, onChange, onSuccess, onError, onExit, ...options } = props;
  if (typeof options.registrationToken === "function") {
    options.registrationToken = stable(latest);
  }
  return options;
}

const sources = new WeakMap<Latest, () => Promise<string>>();

/** One function for all renders: a component that writes a new one each time is not asked for a new token. */
function stable(latest: Latest): () => Promise<string> {
  let source = sources.get(latest);
  if (!source) {
    source = async () => {
      const { registrationToken } = latest.current;
      return (typeof registrationToken === "function" ? await registrationToken() : registrationToken) ?? "";
    };
    sources.set(latest, source);
  }
  return source;
}

/** The options that are not what they were. */
function changes(before: WidgetOptions, now: WidgetOptions): WidgetOptions | undefined {
  const names = Object.keys({ ...before, ...now }) as Array<keyof WidgetOptions>;
  const changed = names.filter((name) => !same(before[name], now[name]));
  return changed.length ? Object.fromEntries(changed.map((name) => [name, now[name]])) : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}
