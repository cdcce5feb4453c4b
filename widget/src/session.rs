//! What the widget keeps of a session: less than the API says, and in types of its own, because the API's
//! would bring all their fields into the download.

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Session {
    /// The tenant's name, to say who asks.
    pub(crate) app: String,
    /// Bound into the seal.
    pub(crate) tenant_id: String,
    /// The same.
    pub(crate) token_id: String,
    /// The provider the token is locked to; empty when to none.
    pub(crate) locked: String,
    /// What can be connected, in the order to show.
    pub(crate) providers: Vec<Provider>,
    /// What is connected.
    pub(crate) connected: Vec<Connected>,
    /// The sealing key's id.
    pub(crate) seal_id: String,
    /// The sealing key, base64url.
    pub(crate) seal_key: String,
    /// The token may list, replace and disconnect.
    pub(crate) manages: bool,
    /// The tenant's page about privacy; empty when there is none.
    pub(crate) privacy_url: String,
}

/// A provider a key can be connected for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Provider {
    /// The host's id.
    pub(crate) id: String,
    /// The name people know.
    pub(crate) name: String,
    /// How its keys usually begin.
    pub(crate) key_hint: String,
    /// Where a person gets one.
    pub(crate) key_url: String,
}

/// Whether a key is expected to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Health {
    /// The provider took it.
    #[default]
    Active,
    /// The provider knows it but refused the check.
    Limited,
    /// The provider refuses it.
    Broken,
}

impl Health {
    /// The API's word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Limited => "limited",
            Self::Broken => "broken",
        }
    }

    /// The health of a word.
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "limited" => Self::Limited,
            "broken" => Self::Broken,
            _ => Self::Active,
        }
    }
}

/// A key that is connected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Connected {
    /// The host's id.
    pub(crate) provider: String,
    /// The key's last four characters.
    pub(crate) last4: String,
    /// Whether it is expected to work.
    pub(crate) health: Health,
    /// RFC 3339.
    pub(crate) since: String,
    /// RFC 3339; empty when it never was.
    pub(crate) used: String,
    /// This month's, where the session tells it.
    pub(crate) use_of_month: Option<Use>,
}

/// What a key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Use {
    /// Calls.
    pub(crate) requests: u64,
    /// Tokens, in and out.
    pub(crate) tokens: u64,
    /// Billionths of a dollar; nothing where no price is known.
    pub(crate) nanodollars: u64,
}
