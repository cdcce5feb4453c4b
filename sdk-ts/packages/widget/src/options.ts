/** What `Relay.mount` takes, gives and tells: the contract of `widget/v1.js`. */

/** A provider's id in Relay's catalog. */
export type Provider = "openai" | "anthropic" | "google" | (string & {});
/** What the widget speaks: one of these, `auto` for the page's or the browser's own, or any BCP 47 tag. */
export type Locale = "auto" | "en" | "ko" | "ja" | "zh" | "es" | "de" | "fr" | (string & {});

/** A registration token, or a function that fetches one: called again when the one before is expired or used. */
export type RegistrationTokenSource = string | (() => string | Promise<string>);

/** How the widget looks, beside its theme. */
export interface Appearance {
  layout?: "default" | "compact";
  /** CSS values, each in place of the theme's own. */
  variables?: {
    fontFamily?: string;
    fontSize?: string;
    borderRadius?: string;
    spacing?: string;
    colorBackground?: string;
    colorText?: string;
    colorTextSecondary?: string;
    colorBorder?: string;
    colorDanger?: string;
  };
}

/** What the widget tells of itself as a person goes through it. */
export interface ChangeDetail {
  /** What is shown. */
  screen: "loading" | "list" | "form" | "confirm" | "blocked" | "done";
  /** The provider that is chosen; empty before. */
  provider: Provider;
  /** Whether the field is empty. Of what is in it nothing is told. */
  empty: boolean;
  /** Whether something is on its way to Relay. */
  busy: boolean;
}

/** A key was connected, replaced or disconnected. */
export interface SuccessDetail {
  provider: Provider;
  /** The key's last four characters; absent when it was disconnected. */
  last4?: string;
  status: "active" | "limited" | "broken" | "disconnected";
}

/** Why something did not work, as a stable word for programs. */
export type WidgetErrorCode =
  | "token_expired"
  | "token_used"
  | "token_invalid"
  | "token_unavailable"
  | "token_scope"
  | "origin_not_allowed"
  | "provider_locked"
  | "provider_unavailable"
  | "key_missing"
  | "key_malformed"
  | "key_refused"
  | "provider_unreachable"
  | "rate_limited"
  | "network"
  | "load_failed"
  | "unexpected"
  | (string & {});

/** Something did not work. The widget shows it as well, and offers what there is to do. */
export interface ErrorDetail {
  code: WidgetErrorCode;
  /** What the person is told, in their language. */
  message: string;
  /** The request's id in Relay's logs and console; empty when there was no answer. */
  requestId: string;
}

/** The person is done with the widget, or wants out of it. */
export interface ExitDetail {
  reason: "done" | "cancelled";
}

/** The widget's events, and what each tells. */
export interface WidgetEvents {
  ready: undefined;
  change: ChangeDetail;
  success: SuccessDetail;
  error: ErrorDetail;
  exit: ExitDetail;
}

/** What is called when something happens. */
export interface WidgetCallbacks {
  /** The widget can be used. */
  onReady?: (() => void) | undefined;
  onChange?: ((detail: ChangeDetail) => void) | undefined;
  onSuccess?: ((detail: SuccessDetail) => void) | undefined;
  onError?: ((detail: ErrorDetail) => void) | undefined;
  /** Where this is given, there are buttons to leave by. */
  onExit?: ((detail: ExitDetail) => void) | undefined;
}

/** How the widget looks and what it is for. */
export interface WidgetOptions {
  /** What your backend got from Relay for the person who is signed in to it. */
  registrationToken?: RegistrationTokenSource | undefined;
  theme?: "light" | "dark" | "auto" | undefined;
  /** The colour of what is to be pressed; the text on it stays readable. */
  accentColor?: string | undefined;
  appearance?: Appearance | undefined;
  locale?: Locale | undefined;
  /** Sentences of your own, in place of the locale's, by name. */
  strings?: Record<string, string> | undefined;
  /** The provider to begin with. */
  provider?: Provider | undefined;
  /** To connect a key, or to see and change what is connected: that takes a token of the scope `manage`. */
  mode?: "connect" | "manage" | undefined;
  /** Whether it is drawn into the page, or into a frame that the page's scripts cannot look into. */
  isolation?: "shadow" | "iframe" | undefined;
  /** For the frame: an address of yours that leads to Relay's page, so that this one holds no token. */
  connectUrl?: string | undefined;
  /** The nonce of the page's Content-Security-Policy. */
  nonce?: string | undefined;
}

/** All that `Relay.mount` takes. */
export type MountOptions = WidgetOptions & WidgetCallbacks;

/** A widget in the page. */
export interface WidgetHandle {
  /** Changes what is named, and leaves the rest. */
  update(options: MountOptions): void;
  /** Takes it off the page. */
  unmount(): void;
  /** Has a function called when something happens; gives another that ends that. */
  on<Name extends keyof WidgetEvents>(event: Name, listener: (detail: WidgetEvents[Name]) => void): () => void;
}

/** What `widget/v1.js` defines as `window.Relay`. */
export interface RelayGlobal {
  /** Draws the widget into an element of the page, in place of one that is there. */
  mount(target: string | Element, options: MountOptions): WidgetHandle;
}

declare global {
  interface Window {
    /** Relay's widget, once its script has run. */
    Relay?: RelayGlobal;
  }
}
