/** End users' labels on their way into headers and paths. */

/** Checks a label; a forgotten one must never mean "somebody else's key". */
export function checkedLabel(label: unknown): string {
  if (typeof label !== "string" || label.trim() === "") {
    throw new TypeError(
      "user: give the label of your end user, a text that is not empty (or null for your own pool, where that is allowed).",
    );
  }
  return label;
}

/** A label as a path segment. A URL parser takes `.` and `..` for steps, escaped or not. */
export function labelInPath(label: string): string {
  const checked = checkedLabel(label);
  if (checked === "." || checked === "..") {
    throw new TypeError('user: "." and ".." cannot be addressed in a URL.');
  }
  return encodeURIComponent(checked);
}

/**
 * A label as a header value. `fetch` takes characters up to U+00FF and sends each as one byte, so
 * these characters are the label's UTF-8 bytes.
 */
export function labelInHeader(label: string): string {
  const bytes = new TextEncoder().encode(checkedLabel(label));
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
