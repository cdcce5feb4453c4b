use std::collections::BTreeMap;

use super::*;

type Sentences = BTreeMap<String, String>;
/// A language, and which letters are its own.
type Script = (&'static str, fn(char) -> bool);

const LOCALES: [(&str, &str); 7] = [
    ("en", include_str!("../words/en.json")),
    ("ko", include_str!("../words/ko.json")),
    ("ja", include_str!("../words/ja.json")),
    ("zh", include_str!("../words/zh.json")),
    ("es", include_str!("../words/es.json")),
    ("de", include_str!("../words/de.json")),
    ("fr", include_str!("../words/fr.json")),
];

fn sentences(locale: &str) -> Sentences {
    let (_, json) = LOCALES
        .iter()
        .find(|(name, _)| *name == locale)
        .expect("a locale");
    serde_json::from_str(json).expect("a file of sentences")
}

/// The sentences of a locale, as the widget reads them.
pub(crate) fn words(locale: &str) -> Words {
    let all = sentences(locale);
    Words::read(|name| all.get(*name).cloned().unwrap_or_default())
}

fn names(sentence: &str) -> Vec<&str> {
    let mut names: Vec<_> = sentence
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn every_locale_has_every_sentence_with_the_same_names_in_it() {
    let english = sentences("en");
    for (locale, _) in LOCALES {
        let all = sentences(locale);
        let missing: Vec<_> = NAMES
            .iter()
            .filter(|name| !all.contains_key(**name))
            .collect();
        assert!(missing.is_empty(), "{locale} lacks {missing:?}");
        assert_eq!(all.len(), NAMES.len(), "{locale} has sentences nobody says");
        for (name, sentence) in &all {
            let at = format!("{locale} {name}: {sentence}");
            assert!(!sentence.trim().is_empty(), "{at}");
            assert!(!sentence.contains(['!', '！', '<', '>']), "{at}");
            for used in names(sentence) {
                assert!(["app", "provider", "last4"].contains(&used), "{at}");
            }
            assert_eq!(names(sentence), names(&english[name]), "{at}");
        }
    }
}

#[test]
fn no_sentence_was_left_in_english() {
    let english = sentences("en");
    for (locale, _) in LOCALES.iter().skip(1) {
        for (name, sentence) in sentences(locale) {
            assert_ne!(sentence, english[&name], "{locale} {name}");
        }
    }
}

#[test]
fn languages_with_letters_of_their_own_use_them_in_every_sentence() {
    let scripts: [Script; 3] = [
        ("ko", |c| ('가'..='힣').contains(&c)),
        ("ja", |c| {
            ('ぁ'..='ヿ').contains(&c) || ('一'..='鿿').contains(&c)
        }),
        ("zh", |c| ('一'..='鿿').contains(&c)),
    ];
    for (locale, is_own) in scripts {
        for (name, sentence) in sentences(locale) {
            assert!(sentence.chars().any(is_own), "{locale} {name}: {sentence}");
        }
    }
}

#[test]
fn a_word_is_found_by_its_name() {
    let english = words("en");
    assert_eq!(english.get(Word::Loading), "Loading…");
    assert_eq!(english.get(Word::Disconnect), "Disconnect");
    assert_eq!(english.get(Word::Unexpected), sentences("en")["unexpected"]);
    assert_eq!(Words::default().get(Word::Loading), "");
}

#[test]
fn names_are_filled_in_and_text_without_names_is_kept() {
    let filled = fill(
        "{app} uses {provider} •••• {last4}.",
        "Acme {x}",
        "OpenAI",
        "4242",
    );
    assert_eq!(filled, "Acme {x} uses OpenAI •••• 4242.");
    assert_eq!(fill("no names", "a", "b", "c"), "no names");
    assert_eq!(fill("open { brace", "a", "b", "c"), "open { brace");
}
