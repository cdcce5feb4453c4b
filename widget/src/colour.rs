//! Colours worked out from the app's accent so that text stays readable on it and beside it.
//! Contrast as WCAG 2.2 defines it: <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>.

/// What WCAG AA asks of text (4.5), and a little for the approximation below.
const READABLE: f32 = 4.8;

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

    /// The word in the style sheet.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The card's background in the style sheet.
    const fn surface(self) -> Rgb {
        match self {
            Self::Light => Rgb([255, 255, 255]),
            Self::Dark => Rgb([0x17, 0x18, 0x1c]),
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
    fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This colour, `tenths` tenths of the way to another.
    fn toward(self, other: Self, tenths: u16) -> Self {
        let mix = |at: usize| {
            let (from, to) = (u16::from(self.0[at]), u16::from(other.0[at]));
            u8::try_from((from * (10 - tenths) + to * tenths) / 10).unwrap_or(u8::MAX)
        };
        Self([mix(0), mix(1), mix(2)])
    }
}

/// `base` to the 2.4 (within 1 % from 0.05 to 1), out of square roots alone: WebAssembly has an
/// instruction for those, while a real power would bring a mathematics library into the download.
fn power(base: f32) -> f32 {
    let root = |times: u8| (0..times).fold(base, |value, _| value.sqrt());
    // 2 + 1/4 + 1/8 + 1/64 + 1/128 = 2.398
    base * base * root(2) * root(3) * root(6) * root(7)
}

/// The colours that depend on the app's accent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Behind the main button's text.
    pub(crate) accent: Rgb,
    /// The main button's text: white or black, whichever reads better on it.
    pub(crate) on_accent: Rgb,
    /// Links, rings and marks on the card: the accent, moved until it can be read there.
    pub(crate) ink: Rgb,
}

impl Palette {
    /// Works out the palette for an accent, or for Relay's own.
    pub(crate) fn new(accent: Option<Rgb>, theme: Theme) -> Self {
        let accent = accent.unwrap_or(DEFAULT_ACCENT);
        // The two contrasts multiply to 21, so the better one is never below 4.58.
        let white_is_better = accent.contrast(WHITE) >= accent.contrast(BLACK);
        let on_accent = if white_is_better { WHITE } else { BLACK };
        let surface = theme.surface();
        let far = match theme {
            Theme::Light => BLACK,
            Theme::Dark => WHITE,
        };
        let steps = (0..=10).map(|tenths| accent.toward(far, tenths));
        let ink = steps
            .into_iter()
            .find(|step| step.contrast(surface) >= READABLE)
            .unwrap_or(far);
        Self {
            accent,
            on_accent,
            ink,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG's own formula, to check the approximation against.
    fn exact_contrast(one: Rgb, two: Rgb) -> f32 {
        let luminance = |colour: Rgb| {
            let [r, g, b] = colour.0.map(|channel| {
                let c = f32::from(channel) / 255.0;
                if c <= 0.040_45 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, two) = (luminance(one), luminance(two));
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    #[test]
    fn text_is_readable_on_and_beside_every_accent() {
        let channel = || (0..=255_u8).step_by(17);
        for theme in [Theme::Light, Theme::Dark] {
            for red in channel() {
                for (green, blue) in channel().flat_map(|g| channel().map(move |b| (g, b))) {
                    let accent = Rgb([red, green, blue]);
                    let palette = Palette::new(Some(accent), theme);
                    assert_eq!(palette.accent, accent);
                    let on = exact_contrast(accent, palette.on_accent);
                    let beside = exact_contrast(theme.surface(), palette.ink);
                    assert!(on >= 4.5, "{} has {on}", accent.to_css());
                    assert!(beside >= 4.5, "{} has {beside}", accent.to_css());
                }
            }
        }
    }

    #[test]
    fn an_accent_that_can_be_read_already_is_left_alone() {
        let palette = Palette::new(None, Theme::Light);
        assert_eq!((palette.ink, palette.on_accent), (DEFAULT_ACCENT, WHITE));
        assert_eq!(
            Palette::new(Rgb::parse("#ffd400"), Theme::Light).on_accent,
            BLACK
        );
        assert_ne!(Palette::new(None, Theme::Dark).ink, DEFAULT_ACCENT);
    }

    #[test]
    fn hexadecimal_colours_are_read_and_written() {
        assert_eq!(
            Rgb::parse("#1aF").map(Rgb::to_css).as_deref(),
            Some("#11aaff")
        );
        assert_eq!(
            Rgb::parse(" #0a141e ").map(Rgb::to_css).as_deref(),
            Some("#0a141e")
        );
        for text in [
            "",
            "#",
            "#12",
            "#1234",
            "#12345g",
            "red",
            "#ééé",
            "rgb(1,2,3)",
        ] {
            assert_eq!(Rgb::parse(text), None, "{text}");
        }
    }
}
