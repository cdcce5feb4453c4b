//! What can go wrong, by the codes of the API and a few of the browser's own.

use crate::words::Word;

/// Says each code once: its variant, its word in the API and in `onError`, and its sentence.
macro_rules! codes {
    ($($(#[doc = $about:literal])+ $name:ident = $word:literal,)+) => {
        /// A code that the widget has words for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($(#[doc = $about])+ $name,)+ }

        impl Code {
            /// Every code.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];
            const NAMES: &[&str] = &[$($word),+];
            const WORDS: &[Word] = &[$(Word::$name),+];
        }
    };
}

codes! {
    /// The registration token is past its life.
    TokenExpired = "token_expired",
    /// The registration token has connected a key already.
    TokenUsed = "token_used",
    /// The registration token is malformed, foreign or absent.
    TokenInvalid = "token_invalid",
    /// The page's function gave no token. The browser's own.
    TokenUnavailable = "token_unavailable",
    /// The token may connect but not manage.
    TokenScope = "token_scope",
    /// The token is not for this page's origin.
    OriginNotAllowed = "origin_not_allowed",
    /// The token is for another provider.
    ProviderLocked = "provider_locked",
    /// The page asked for a provider that the token does not offer. The browser's own.
    ProviderUnavailable = "provider_unavailable",
    /// The provider said 401 to the key.
    KeyRefused = "key_refused",
    /// The provider gave no answer; nothing was stored.
    ProviderUnreachable = "provider_unreachable",
    /// The key is no key.
    KeyMalformed = "key_malformed",
    /// The field is empty. The widget's own; never leaves it.
    KeyMissing = "key_missing",
    /// Too many tries.
    RateLimited = "rate_limited",
    /// Relay could not be reached. The browser's own.
    Network = "network",
    /// Anything else.
    Unexpected = "unexpected",
}

impl Code {
    /// The word for it in the API and in `onError`.
    pub(crate) fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The code of a word.
    pub(crate) fn parse(word: &str) -> Self {
        let place = Self::NAMES.iter().position(|name| *name == word);
        place.map_or(Self::Unexpected, |place| Self::ALL[place])
    }

    /// What happened and what to do next.
    pub(crate) fn sentence(self) -> Word {
        Self::WORDS[self as usize]
    }

    /// The title where it takes the whole card.
    pub(crate) const fn title(self) -> Word {
        match self {
            Self::TokenExpired => Word::TokenExpiredTitle,
            Self::TokenUsed => Word::TokenUsedTitle,
            Self::TokenInvalid | Self::TokenScope => Word::TokenInvalidTitle,
            Self::OriginNotAllowed => Word::OriginNotAllowedTitle,
            Self::ProviderUnavailable => Word::ProviderUnavailableTitle,
            Self::Network => Word::NetworkTitle,
            _ => Word::UnexpectedTitle,
        }
    }

    /// No other key and no second try can help: the token itself is no good here.
    pub(crate) const fn is_final(self) -> bool {
        matches!(
            self,
            Self::TokenInvalid
                | Self::TokenScope
                | Self::OriginNotAllowed
                | Self::ProviderUnavailable
        ) || self.is_spent()
    }

    /// Another token of the same kind would do.
    pub(crate) const fn is_spent(self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenUsed)
    }

    /// The key was not judged: the same key may be sent again.
    pub(crate) const fn may_pass(self) -> bool {
        matches!(
            self,
            Self::TokenUnavailable
                | Self::ProviderUnreachable
                | Self::RateLimited
                | Self::Network
                | Self::Unexpected
        )
    }
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What kind.
    pub(crate) code: Code,
    /// The request's id for support, or nothing when no request was answered.
    pub(crate) request_id: String,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self {
            code,
            request_id: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::NAMES;

    #[test]
    fn every_code_is_read_back_and_an_unknown_one_is_unexpected() {
        for &code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), code);
        }
        assert_eq!(Code::parse("a_code_of_tomorrow"), Code::Unexpected);
    }

    #[test]
    fn only_faults_of_the_token_end_the_form() {
        let last: Vec<_> = Code::ALL
            .iter()
            .copied()
            .filter(|code| code.is_final())
            .collect();
        let expected = [
            Code::TokenExpired,
            Code::TokenUsed,
            Code::TokenInvalid,
            Code::TokenScope,
            Code::OriginNotAllowed,
            Code::ProviderUnavailable,
        ];
        assert_eq!(last, expected);
        assert!(last.iter().all(|code| !code.may_pass()));
    }

    #[test]
    fn every_code_has_the_sentence_of_its_own_name() {
        for &code in Code::ALL {
            assert_eq!(NAMES[code.sentence() as usize], code.as_str());
        }
    }
}
