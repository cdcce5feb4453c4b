// Dates and numbers as the reader writes them. Bundled into the glue: the script that every page starts with stays small.

/** Writes a date, a time ago, a number or an amount of money as the reader does. */
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
      return new Intl.NumberFormat(tag, { style: "currency", currency: "USD", maximumFractionDigits: value > 0 && value < 1 ? 4 : 2 }).format(+value);
    }
    return new Intl.DateTimeFormat(tag, { dateStyle: "medium" }).format(new Date(value));
  } catch {
    return value;
  }
};
