//! Whether a relay key works. Pure.

use relay_api::RelayKey;

use crate::browser;
use crate::ui::Tone;

/// How a relay key is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Active,
    ExpiresSoon,
    Disabled,
    Expired,
    Revoked,
}

/// How long before its end a key is said to expire soon.
const SOON_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

impl State {
    /// The state of a key at this moment.
    pub(super) fn of_key(key: &RelayKey, now_ms: i64) -> Self {
        let expires = key.expires_at.as_deref().and_then(browser::instant_ms);
        Self::of(key.revoked_at.is_some(), key.disabled, expires, now_ms)
    }

    fn of(revoked: bool, disabled: bool, expires_ms: Option<i64>, now_ms: i64) -> Self {
        match expires_ms {
            _ if revoked => Self::Revoked,
            Some(at) if at <= now_ms => Self::Expired,
            _ if disabled => Self::Disabled,
            Some(at) if at - now_ms <= SOON_MS => Self::ExpiresSoon,
            _ => Self::Active,
        }
    }

    /// Whether calls with it are let in.
    pub(super) const fn works(self) -> bool {
        matches!(self, Self::Active | Self::ExpiresSoon)
    }

    /// Whether it may ever work again.
    pub(super) const fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }

    /// In a word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ExpiresSoon => "Expires soon",
            Self::Disabled => "Disabled",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    /// As a colour.
    pub(super) const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Good,
            Self::ExpiresSoon | Self::Disabled => Tone::Warn,
            Self::Expired | Self::Revoked => Tone::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn a_revoked_key_is_revoked_whatever_else_it_is() {
        assert_eq!(State::of(true, false, None, NOW), State::Revoked);
        assert_eq!(State::of(true, true, Some(NOW - 1), NOW), State::Revoked);
    }

    #[test]
    fn a_key_warns_in_its_last_week_and_expires_on_the_instant() {
        assert_eq!(State::of(false, false, None, NOW), State::Active);
        assert_eq!(
            State::of(false, false, Some(NOW + SOON_MS + 1), NOW),
            State::Active
        );
        assert_eq!(
            State::of(false, false, Some(NOW + 1), NOW),
            State::ExpiresSoon
        );
        assert_eq!(State::of(false, true, Some(NOW + 1), NOW), State::Disabled);
        assert_eq!(State::of(false, true, Some(NOW), NOW), State::Expired);
    }
}
