//! What can go wrong, by the codes of the API and two of the browser's own.

/// A code that the widget has words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// The registration token is past its life.
    TokenExpired,
    /// The registration token has connected a key already.
    TokenUsed,
    /// The registration token is malformed, foreign or absent.
    TokenInvalid,
    /// The token is not for this page's origin.
    OriginNotAllowed,
    /// The token is for another provider.
    ProviderLocked,
    /// The provider said 401 to the key.
    KeyRefused,
    /// The provider gave no answer; nothing was stored.
    ProviderUnreachable,
    /// The key is no key.
    KeyMalformed,
    /// The field is empty. The widget's own; never leaves it.
    KeyMissing,
    /// Too many tries.
    RateLimited,
    /// Relay could not be reached. The browser's own.
    Network,
    /// Anything else.
    Unexpected,
}

impl Code {
    /// Every code.
    pub(crate) const ALL: [Self; 12] = [
        Self::TokenExpired,
        Self::TokenUsed,
        Self::TokenInvalid,
        Self::OriginNotAllowed,
        Self::ProviderLocked,
        Self::KeyRefused,
        Self::ProviderUnreachable,
        Self::KeyMalformed,
        Self::KeyMissing,
        Self::RateLimited,
        Self::Network,
        Self::Unexpected,
    ];

    /// The word for it in the API and in `onError`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TokenExpired => "token_expired",
            Self::TokenUsed => "token_used",
            Self::TokenInvalid => "token_invalid",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::ProviderLocked => "provider_locked",
            Self::KeyRefused => "key_refused",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::KeyMalformed => "key_malformed",
            Self::KeyMissing => "key_missing",
            Self::RateLimited => "rate_limited",
            Self::Network => "network",
            Self::Unexpected => "unexpected",
        }
    }

    /// The code of a word.
    pub(crate) fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == word)
            .unwrap_or(Self::Unexpected)
    }

    /// No other key and no second try can help: the token itself is no good.
    pub(crate) const fn is_final(self) -> bool {
        matches!(
            self,
            Self::TokenExpired | Self::TokenUsed | Self::TokenInvalid | Self::OriginNotAllowed
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

    #[test]
    fn every_code_is_read_back_and_an_unknown_one_is_unexpected() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), code);
        }
        assert_eq!(Code::parse("a_code_of_tomorrow"), Code::Unexpected);
    }

    #[test]
    fn only_faults_of_the_token_end_the_form() {
        let last: Vec<_> = Code::ALL
            .into_iter()
            .filter(|code| code.is_final())
            .collect();
        let expected = [
            Code::TokenExpired,
            Code::TokenUsed,
            Code::TokenInvalid,
            Code::OriginNotAllowed,
        ];
        assert_eq!(last, expected);
    }
}
