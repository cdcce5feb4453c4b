/** Any CSS colour as #rrggbb, or "" if it is none; transparency is ignored. */
export const hex = (colour) => {
  if (!colour || !CSS.supports("color", colour)) return "";
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  const read = String(context.fillStyle);
  if (read[0] === "#") return read;
  const parts = /^rgba?\((\d+), (\d+), (\d+)/.exec(read);
  if (parts) return "#" + parts.slice(1).map((part) => (+part).toString(16).padStart(2, "0")).join("");
  // A colour space that fillStyle keeps as it is: paint a pixel and look.
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
};
