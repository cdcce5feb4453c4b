// The page's options, as the widget may use them. What a page writes into a colour, a length or a font is held against
// what such a value looks like, and goes nowhere else: no rule, no url() and no variable of the page's comes in by it.

/** The part of a colour that a canvas resolves it to; "" for what is no opaque colour by itself. */
const resolved = (colour) => {
  const context = document.createElement("canvas").getContext("2d");
  // What is no colour (`inherit`, `var(...)`) leaves the one before.
  const read = ["#000", "#fff"].map((before) => {
    context.fillStyle = before;
    context.fillStyle = colour;
    return String(context.fillStyle);
  });
  if (read[0] !== read[1]) return "";
  if (read[0][0] === "#") return read[0];
  // Half transparent, or in a colour space that is kept as it is: paint a pixel and look.
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, alpha] = context.getImageData(0, 0, 1, 1).data;
  return alpha < 255 ? "" : "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
};

/** Any opaque CSS colour as #rrggbb, or "" if it is none. */
const colour = (value) => (/^[#\w(),.%/ +-]{3,60}$/.test(value) && CSS.supports("color", value) ? resolved(value) : "");

/** A length in px or rem, kept between two numbers of px. */
const length = (least, most) => (value) =>
  /^\d{0,3}(\.\d{1,4})?(px|rem)$|^0$/.test(value) && CSS.supports("width", value) ? `clamp(${least}px,${value === "0" ? "0px" : value},${most}px)` : "";

/** A list of font families: names alone, quoted or not. */
const font = (value) => (/^[\p{L}\p{N} ,'"_-]{1,200}$/u.test(value) && CSS.supports("font-family", value) ? value : "");

/** Every variable of `appearance`: how it is read, and the property or colour it sets. */
const VARIABLES = {
  fontFamily: [font, "--font"],
  fontSize: [length(12, 22), "--size"],
  borderRadius: [length(0, 24), "--radius"],
  spacing: [length(2, 8), "--unit"],
  colorBackground: [colour, "background"],
  colorText: [colour, "text"],
  colorTextSecondary: [colour, "soft"],
  colorBorder: [colour, "border"],
  colorDanger: [colour, "danger"],
};

const told = new Set();

/** Says what is wrong with an option, once. */
export const complain = (what) => {
  if (!told.has(what)) console.warn(`Relay: ${what}`);
  told.add(what);
};

/** The page's looks: `colours` as #rrggbb or "", `properties` for the root's style, and the layout. */
export const looks = ({ appearance, accentColor, theme }, branding) => {
  const { layout, variables = {} } = appearance || {};
  const colours = {};
  const properties = {};
  for (const [name, value] of Object.entries(variables)) {
    const [read, sets] = VARIABLES[name] || [];
    const safe = read && read(String(value));
    if (!safe) complain(`appearance.variables.${name}: ${read ? "its value is not one of its kind" : "there is no such variable"}; ignored.`);
    else if (read === colour) colours[sets] = safe;
    else properties[sets] = safe;
  }
  colours.accent = accentColor ? colour(String(accentColor)) : "";
  if (accentColor && !colours.accent) complain("accentColor is not an opaque CSS colour; ignored.");
  colours.accent ||= colour(String(branding || ""));
  if (theme && !["light", "dark", "auto"].includes(theme)) complain("theme is none of light, dark and auto; light is used.");
  return { colours, properties, layout: layout === "compact" ? layout : "default" };
};
