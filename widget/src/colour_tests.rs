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

/// Every pair of a text or border and the surface it is drawn on.
const PAIRS: [(&str, &str, f32); 22] = [
    ("--text", "--bg", 4.5),
    ("--text", "--fill", 4.5),
    ("--soft", "--bg", 4.5),
    ("--soft", "--fill", 4.5),
    ("--on-accent", "--accent", 4.5),
    ("--on-accent", "--pressed", 4.5),
    ("--ink", "--bg", 4.5),
    ("--ink", "--tint", 4.5),
    ("--text", "--tint", 4.5),
    ("--text", "--hover", 4.5),
    ("--bad", "--bg", 4.5),
    ("--bad", "--bad-bg", 4.5),
    ("--good", "--bg", 4.5),
    ("--good", "--good-bg", 4.5),
    ("--hint", "--bg", 4.5),
    ("--hint", "--hint-bg", 4.5),
    ("--edge", "--bg", 3.0),
    ("--edge", "--fill", 3.0),
    ("--rim", "--bg", 3.0),
    ("--ink", "--bg", 3.0),
    ("--bad", "--fill", 3.0),
    ("--ink", "--fill", 3.0),
];

fn assert_readable(colours: Colours) {
    let palette = colours.palette();
    let of = |name: &str| {
        let found = palette.iter().find(|(one, _)| *one == name);
        found.unwrap_or_else(|| panic!("no {name}")).1
    };
    for (front, behind, least) in PAIRS {
        let contrast = exact_contrast(of(front), of(behind));
        assert!(
            contrast >= least,
            "{front} on {behind} is {contrast}: {colours:?}"
        );
    }
}

fn grid(step: usize) -> impl Iterator<Item = Rgb> + Clone {
    let channel = move || (0..=255_u8).step_by(step);
    channel().flat_map(move |r| channel().flat_map(move |g| channel().map(move |b| Rgb([r, g, b]))))
}

#[test]
fn text_and_borders_are_seen_with_every_accent() {
    for theme in [Theme::Light, Theme::Dark] {
        for accent in grid(17) {
            let colours = Colours {
                theme,
                accent: Some(accent),
                ..Colours::default()
            };
            assert_readable(colours);
            assert!(colours.palette().contains(&("--accent", accent)));
        }
    }
}

#[test]
fn text_and_borders_are_seen_on_every_background_in_every_colour() {
    for background in grid(51) {
        for other in grid(85) {
            assert_readable(Colours {
                theme: Theme::Light,
                accent: Some(other),
                background: Some(background),
                text: Some(other),
                soft: Some(other),
                border: Some(other),
                danger: Some(other),
            });
        }
    }
    for level in 0..=255 {
        let background = Some(Rgb([level; 3]));
        assert_readable(Colours {
            background,
            ..Colours::default()
        });
    }
}

#[test]
fn an_accent_that_can_be_read_already_is_left_alone() {
    let palette = Colours::default().palette();
    for expected in [
        ("--ink", DEFAULT_ACCENT),
        ("--rim", DEFAULT_ACCENT),
        ("--on-accent", WHITE),
    ] {
        assert!(palette.contains(&expected), "{expected:?}");
    }
    let yellow = Colours {
        accent: Rgb::parse("#ffd400"),
        ..Colours::default()
    };
    assert!(yellow.palette().contains(&("--on-accent", BLACK)));
    let dark = Colours {
        theme: Theme::Dark,
        ..Colours::default()
    };
    assert!(!dark.palette().contains(&("--ink", DEFAULT_ACCENT)));
}

#[test]
fn a_card_is_dark_by_its_background_whatever_the_theme() {
    let dark = Colours {
        theme: Theme::Dark,
        ..Colours::default()
    };
    assert!(dark.is_dark() && !Colours::default().is_dark());
    assert!(
        Colours {
            background: Rgb::parse("#102030"),
            ..Colours::default()
        }
        .is_dark()
    );
    assert!(
        !Colours {
            background: Some(WHITE),
            ..dark
        }
        .is_dark()
    );
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
