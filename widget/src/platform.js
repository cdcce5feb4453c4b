// What browsers bring along, and WebAssembly would have to bring again. Bundled into the glue: the script that every page
// starts with stays small.

/** Bytes as base64url without padding (RFC 4648 §5). What is written so is public: keys to seal to, and what is sealed. */
export const encode = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

/** And back; no bytes for what is none. */
export const decode = (text) => {
  try {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
};

/** Writes a date, a time ago, a number or an amount of money (in billionths of a dollar) as the reader does. */
export const format = (tag, kind, value) => {
  const seconds = (Date.parse(value) - Date.now()) / 1e3;
  const days = Math.abs(seconds) / 86400;
  try {
    if (kind === "ago" && days < 30) {
      const [unit, size] = days >= 1 ? ["day", 86400] : days >= 1 / 24 ? ["hour", 3600] : ["minute", 60];
      return new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(Math.round(seconds / size) || 0, unit);
    }
    if (kind === "number") return new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }).format(+value);
    if (kind === "money") {
      const dollars = value / 1e9;
      return new Intl.NumberFormat(tag, { style: "currency", currency: "USD", maximumFractionDigits: dollars < 1 ? 4 : 2 }).format(dollars);
    }
    return new Intl.DateTimeFormat(tag, { dateStyle: "medium" }).format(new Date(value));
  } catch {
    return value;
  }
};
