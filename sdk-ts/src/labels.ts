/** End users' labels on their way into paths and inference calls. */

/** Checks a label; a forgotten one must never mean "somebody else's key". */
export function checkedLabel(label: unknown): string {
  return checked(label, "user: give the label of your end user", " (or null for your own pool, where that is allowed)");
}

/** A label, an id or a name as a path segment. A URL parser takes `.` and `..` for steps, escaped or not. */
export function segment(text: string): string {
  const said = checked(text, "Give the label, id or name of what is meant", "");
  if (said === "." || said === "..") {
    throw new TypeError('"." and ".." cannot be addressed in a URL.');
  }
  return encodeURIComponent(said);
}

/** Whether every platform's `fetch` carries a label in a header as it is. */
export function fitsInHeader(label: string): boolean {
  return /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(label);
}

function checked(text: unknown, wanted: string, otherwise: string): string {
  if (typeof text !== "string" || text.trim() === "") {
    throw new TypeError(`${wanted}, a text that is not empty${otherwise}.`);
  }
  return text;
}
