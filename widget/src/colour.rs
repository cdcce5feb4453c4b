//! Colours worked out from those the page gives, so that text stays readable on them and beside them.
//! Contrast as WCAG 2.2 defines it: <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>.

/// What WCAG AA asks of text (4.5), and a little for the approximation below.
const READABLE: f32 = 4.8;
/// What it asks of borders and focus rings (3), and a little.
const VISIBLE: f32 = 3.1;

/// Light or dark surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// Dark text on white.
    #[default]
    Light,
    /// Light text on near-black.
    Dark,
}

impl Theme {
    /// The theme of a word; light, unless it says `dark`.
    pub(crate) fn parse(word: &str) -> Self {
        if word == "dark" {
            Self::Dark
        } else {
            Self::Light
        }
    }

    /// Background, text, danger, success and notice, where the page gives none.
    const fn colours(self) -> [Rgb; 5] {
        match self {
            Self::Light => [
                WHITE,
                Rgb([0x17, 0x18, 0x1c]),
                Rgb([0xb3, 0x26, 0x1e]),
                Rgb([0x11, 0x74, 0x3b]),
                Rgb([0x7a, 0x4b, 0x00]),
            ],
            Self::Dark => [
                Rgb([0x17, 0x18, 0x1c]),
                Rgb([0xec, 0xee, 0xf2]),
                Rgb([0xff, 0x9a, 0x90]),
                Rgb([0x5f, 0xd5, 0x8d]),
                Rgb([0xf3, 0xc8, 0x78]),
            ],
        }
    }
}

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) [u8; 3]);

const BLACK: Rgb = Rgb([0; 3]);
const WHITE: Rgb = Rgb([255; 3]);

/// The accent when the app names none.
const DEFAULT_ACCENT: Rgb = Rgb([0x4b, 0x4a, 0xe0]);

impl Rgb {
    /// Reads `#rgb` and `#rrggbb`; the loader has turned every other CSS colour into the latter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        let digit = |at: usize| {
            let byte = *digits.as_bytes().get(at)?;
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let channel = |at: usize| match digits.len() {
            3 => Some(digit(at)? * 17),
            6 => Some(digit(at * 2)? * 16 + digit(at * 2 + 1)?),
            _ => None,
        };
        Some(Self([channel(0)?, channel(1)?, channel(2)?]))
    }

    /// `#rrggbb`.
    #[inline(never)]
    pub(crate) fn to_css(self) -> String {
        let mut css = String::from("#");
        for nibble in self
            .0
            .into_iter()
            .flat_map(|channel| [channel >> 4, channel & 15])
        {
            css.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
        css
    }

    /// Relative luminance, 0 to 1.
    #[inline(never)]
    fn luminance(self) -> f32 {
        let [red, green, blue] = self.0.map(|channel| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                power((c + 0.055) / 1.055)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio, 1 to 21.
    #[inline(never)]
    fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This colour, `percent` of the way to another.
    #[inline(never)]
    fn toward(self, other: Self, percent: u16) -> Self {
        let mix = |at: usize| {
            let (from, to) = (u16::from(self.0[at]), u16::from(other.0[at]));
            u8::try_from((from * (100 - percent) + to * percent) / 100).unwrap_or(u8::MAX)
        };
        Self([mix(0), mix(1), mix(2)])
    }

    /// Black or white, whichever reads better on this. The two contrasts multiply to 21, so the better one is
    /// never below 4.58.
    #[inline(never)]
    fn opposite(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) {
            WHITE
        } else {
            BLACK
        }
    }

    /// This colour, moved towards `far` until it has this contrast to all of the surfaces.
    #[inline(never)]
    fn until(self, contrast: f32, surfaces: &[Self], far: Self) -> Self {
        let mut steps = (0..20).map(|step| self.toward(far, step * 5));
        let found = steps.find(|step| surfaces.iter().all(|on| step.contrast(*on) >= contrast));
        found.unwrap_or(far)
    }
}

/// `base` to the 2.4 (within 1 % from 0.05 to 1), out of square roots alone: WebAssembly has an
/// instruction for those, while a real power would bring a mathematics library into the download.
fn power(base: f32) -> f32 {
    let root = |times: u8| (0..times).fold(base, |value, _| value.sqrt());
    // 2 + 1/4 + 1/8 + 1/64 + 1/128 = 2.398
    base * base * root(2) * root(3) * root(6) * root(7)
}

/// The colours a page may give, as `#rrggbb`; a missing one is the theme's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Colours {
    /// Light or dark, for all that is missing.
    pub(crate) theme: Theme,
    /// The main button, links, rings and marks.
    pub(crate) accent: Option<Rgb>,
    /// The card.
    pub(crate) background: Option<Rgb>,
    /// Text.
    pub(crate) text: Option<Rgb>,
    /// Text of less weight.
    pub(crate) soft: Option<Rgb>,
    /// Borders of fields and buttons.
    pub(crate) border: Option<Rgb>,
    /// Problems.
    pub(crate) danger: Option<Rgb>,
}

impl Colours {
    /// Every colour of the style sheet, by the name of its property.
    pub(crate) fn palette(self) -> [(&'static str, Rgb); 19] {
        let [background, text, danger, good, hint] = self.theme.colours();
        let accent = self.accent.unwrap_or(DEFAULT_ACCENT);
        let bg = self.background.unwrap_or(background);
        let far = bg.opposite();
        // Between black and white there is little to give away: then a surface is the background itself.
        let surface = |other: Rgb, percent: u16| {
            let shaded = bg.toward(other, percent);
            let is_kept = shaded.contrast(far) >= READABLE;
            if is_kept { shaded } else { bg }
        };
        let fill = surface(far, 3);
        let hover = surface(far, 6);
        let tint = surface(accent, 6);
        let text = self.text.unwrap_or(text);
        let text = text.until(READABLE, &[bg, fill, hover, tint], far);
        let soft = self.soft.unwrap_or(text.toward(bg, 30));
        let soft = soft.until(READABLE, &[bg, fill], far);
        let edge = self.border.unwrap_or(text.toward(bg, 55));
        let edge = edge.until(VISIBLE, &[bg, fill], far);
        let on_accent = accent.opposite();
        let coloured = |colour: Rgb| {
            let behind = surface(colour, 8);
            (colour.until(READABLE, &[bg, behind], far), behind)
        };
        let (bad, bad_bg) = coloured(self.danger.unwrap_or(danger));
        let (good, good_bg) = coloured(good);
        let (hint, hint_bg) = coloured(hint);
        [
            ("--bg", bg),
            ("--fill", fill),
            ("--hover", hover),
            ("--line", bg.toward(text, 12)),
            ("--edge", edge),
            ("--text", text),
            ("--soft", soft),
            ("--accent", accent),
            ("--on-accent", on_accent),
            // Away from the text on it, so that the contrast only grows.
            ("--pressed", accent.toward(on_accent.opposite(), 12)),
            ("--rim", accent.until(VISIBLE, &[bg], far)),
            ("--ink", accent.until(READABLE, &[bg, tint], far)),
            ("--tint", tint),
            ("--bad", bad),
            ("--bad-bg", bad_bg),
            ("--good", good),
            ("--good-bg", good_bg),
            ("--hint", hint),
            ("--hint-bg", hint_bg),
        ]
    }

    /// Whether the card is dark, for what the browser draws itself.
    pub(crate) fn is_dark(self) -> bool {
        let [background, ..] = self.theme.colours();
        self.background.unwrap_or(background).opposite() == WHITE
    }
}

#[cfg(test)]
#[path = "colour_tests.rs"]
mod tests;
