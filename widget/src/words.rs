//! Every sentence the widget says, in every language it speaks. `{app}`, `{provider}` and `{last4}` stand
//! for the tenant's name, the provider's name and a key's last four characters.

mod en;
mod ko;

use crate::failure::Code;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Locale {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Locale {
    /// The locale of a BCP 47 tag by its language (`ko-KR` is Korean); English when there is no other.
    pub(crate) fn parse(tag: &str) -> Self {
        if tag.split(['-', '_']).next() == Some("ko") {
            Self::Ko
        } else {
            Self::En
        }
    }

    /// Its words.
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::Ko => &ko::WORDS,
        }
    }
}

/// The words of one language.
pub(crate) struct Words {
    /// For the `lang` attribute.
    pub(crate) lang: &'static str,
    /// Read out while the session is fetched.
    pub(crate) loading: &'static str,
    /// The title over a choice of providers.
    pub(crate) title: &'static str,
    /// The title when one provider is given.
    pub(crate) title_locked: &'static str,
    /// Below the title: who asks, and what for.
    pub(crate) intro: &'static str,
    /// Over the providers.
    pub(crate) provider: &'static str,
    /// Over the field.
    pub(crate) key: &'static str,
    /// In the empty field.
    pub(crate) placeholder: &'static str,
    /// The link to the provider's page of keys.
    pub(crate) get_key: &'static str,
    /// Read out after that link.
    pub(crate) new_tab: &'static str,
    /// The button that shows what was typed.
    pub(crate) show: &'static str,
    /// The button that hides it again.
    pub(crate) hide: &'static str,
    /// Under the field, when a key is connected already.
    pub(crate) replaces: &'static str,
    /// The text looks like another provider's key.
    pub(crate) looks_like: &'static str,
    /// The button beside that hint.
    pub(crate) switch: &'static str,
    /// The provider was switched to fit the key.
    pub(crate) switched: &'static str,
    /// The text is a relay key.
    pub(crate) relay_key: &'static str,
    /// The main button.
    pub(crate) connect: &'static str,
    /// The main button while the key is being tried.
    pub(crate) checking: &'static str,
    /// The promise under the button.
    pub(crate) promise: &'static str,
    /// The title after success.
    pub(crate) done_title: &'static str,
    /// What has been gained.
    pub(crate) done: &'static str,
    /// The provider knows the key but refused the check.
    pub(crate) limited: &'static str,
    /// The button that tries again.
    pub(crate) retry: &'static str,
    /// Before a request's id.
    pub(crate) reference: &'static str,
    /// The title over a failure that takes the whole card.
    pub(crate) failure_title: fn(Code) -> &'static str,
    /// What happened and what to do next.
    pub(crate) failure: fn(Code) -> &'static str,
}

/// A sentence with its names filled in.
pub(crate) fn fill(sentence: &str, app: &str, provider: &str, last4: &str) -> String {
    let mut filled = String::with_capacity(sentence.len() + app.len() + provider.len());
    let mut rest = sentence;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        filled.push_str(before);
        filled.push_str(match name {
            "app" => app,
            "provider" => provider,
            _ => last4,
        });
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Words {
        fn sentences(&self) -> Vec<&'static str> {
            let mut all = vec![
                self.lang,
                self.loading,
                self.title,
                self.title_locked,
                self.intro,
                self.provider,
                self.key,
                self.placeholder,
                self.get_key,
                self.new_tab,
                self.show,
                self.hide,
                self.replaces,
                self.looks_like,
                self.switch,
                self.switched,
                self.relay_key,
                self.connect,
                self.checking,
                self.promise,
                self.done_title,
                self.done,
                self.limited,
                self.retry,
                self.reference,
            ];
            all.extend(Code::ALL.map(|code| (self.failure_title)(code)));
            all.extend(Code::ALL.map(|code| (self.failure)(code)));
            all
        }
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
        let english = Locale::En.words().sentences();
        for locale in [Locale::En, Locale::Ko] {
            let sentences = locale.words().sentences();
            assert_eq!(sentences.len(), english.len());
            for (sentence, original) in sentences.iter().zip(&english) {
                assert!(!sentence.trim().is_empty());
                assert_eq!(names(sentence), names(original), "{sentence} | {original}");
                for name in names(sentence) {
                    assert!(["app", "provider", "last4"].contains(&name), "{sentence}");
                }
            }
        }
    }

    #[test]
    fn no_korean_sentence_was_left_in_english() {
        let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        let korean = Locale::Ko.words().sentences();
        assert!(korean.iter().skip(1).all(|sentence| is_korean(sentence)));
        assert!(
            !Locale::En
                .words()
                .sentences()
                .iter()
                .any(|sentence| is_korean(sentence))
        );
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

    #[test]
    fn a_locale_is_found_by_its_language() {
        assert_eq!(Locale::parse("ko"), Locale::Ko);
        assert_eq!(Locale::parse("ko-KR"), Locale::Ko);
        for tag in ["en", "en-GB", "", "kok", "fr"] {
            assert_eq!(Locale::parse(tag), Locale::En, "{tag}");
        }
    }
}
