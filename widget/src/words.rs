//! Every sentence the widget says, by name. The sentences themselves are in `widget/words/LOCALE.json`, of
//! which the page fetches the one it needs. `{app}`, `{provider}` and `{last4}` stand for the tenant's name,
//! the provider's name and a key's last four characters.

/// Names each sentence once: as a variant, and as the JSON and the page's `strings` spell it.
macro_rules! words {
    ($($(#[doc = $about:literal])+ $name:ident = $key:literal,)+) => {
        /// A sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word { $($(#[doc = $about])+ $name,)+ }
        /// The names of all, in the same order.
        pub(crate) const NAMES: &[&str] = &[$($key),+];
    };
}

words! {
    /// Read out while the session is fetched.
    Loading = "loading",
    /// The title over a choice of providers.
    Title = "title",
    /// The title when one provider is given.
    TitleLocked = "titleLocked",
    /// Below the title: who asks, and what for.
    Intro = "intro",
    /// Over the providers.
    Provider = "provider",
    /// Over the field.
    Key = "key",
    /// In the empty field.
    Placeholder = "placeholder",
    /// The link to the provider's page of keys.
    GetKey = "getKey",
    /// Read out after that link.
    NewTab = "newTab",
    /// The button that shows what was typed.
    Show = "show",
    /// The button that hides it again.
    Hide = "hide",
    /// Under the field, when a key is connected already.
    Replaces = "replaces",
    /// Under the empty field, when the key that was not connected is still at hand.
    Held = "held",
    /// The text looks like another provider's key.
    LooksLike = "looksLike",
    /// The button beside that hint.
    Switch = "switch",
    /// The provider was switched to fit the key.
    Switched = "switched",
    /// The text is a relay key.
    RelayKey = "relayKey",
    /// The main button.
    Connect = "connect",
    /// The main button while the key is being tried.
    Checking = "checking",
    /// When that takes long.
    Slow = "slow",
    /// The promise under the button.
    Promise = "promise",
    /// The link to the tenant's page about privacy.
    Privacy = "privacy",
    /// The title after success.
    DoneTitle = "doneTitle",
    /// What has been gained.
    Done = "done",
    /// The provider knows the key but refused the check.
    Limited = "limited",
    /// The button to connect one more.
    Another = "another",
    /// The button that leaves when all is done.
    Finish = "finish",
    /// The button that leaves before.
    Cancel = "cancel",
    /// The button back to the list.
    Back = "back",
    /// The button that tries again.
    Retry = "retry",
    /// Before a request's id.
    Reference = "reference",
    /// The title over the list of what is connected.
    ManageTitle = "manageTitle",
    /// Below it.
    ManageIntro = "manageIntro",
    /// In the empty list.
    Empty = "empty",
    /// The button below the list.
    Add = "add",
    /// Health: the provider takes the key.
    Working = "working",
    /// Health: it takes it for some things.
    Narrowed = "narrowed",
    /// Health: it does not.
    Refused = "refused",
    /// What to do about it.
    RefusedNote = "refusedNote",
    /// Before the day it was connected.
    Since = "since",
    /// Before when it was used last.
    Used = "used",
    /// When it never was.
    Never = "never",
    /// Before this month's requests.
    Requests = "requests",
    /// Before this month's tokens.
    Tokens = "tokens",
    /// Before what they cost.
    Cost = "cost",
    /// The button that replaces a key.
    Replace = "replace",
    /// The same, read out.
    ReplaceNamed = "replaceNamed",
    /// The button that disconnects.
    Disconnect = "disconnect",
    /// The same, read out.
    DisconnectNamed = "disconnectNamed",
    /// Asks before it does.
    DisconnectTitle = "disconnectTitle",
    /// What follows from it.
    DisconnectText = "disconnectText",
    /// While it does.
    Disconnecting = "disconnecting",
    /// When it has.
    Disconnected = "disconnected",
    /// The titles over failures that take the whole card, by code.
    TokenExpiredTitle = "token_expired.title",
    /// See there.
    TokenUsedTitle = "token_used.title",
    /// See there.
    TokenInvalidTitle = "token_invalid.title",
    /// See there.
    OriginNotAllowedTitle = "origin_not_allowed.title",
    /// See there.
    ProviderUnavailableTitle = "provider_unavailable.title",
    /// See there.
    NetworkTitle = "network.title",
    /// Every other failure's.
    UnexpectedTitle = "unexpected.title",
    /// What happened and what to do next, by code.
    TokenExpired = "token_expired",
    /// See there.
    TokenUsed = "token_used",
    /// See there.
    TokenInvalid = "token_invalid",
    /// See there.
    TokenUnavailable = "token_unavailable",
    /// See there.
    TokenScope = "token_scope",
    /// See there.
    OriginNotAllowed = "origin_not_allowed",
    /// See there.
    ProviderLocked = "provider_locked",
    /// See there.
    ProviderUnavailable = "provider_unavailable",
    /// See there.
    KeyRefused = "key_refused",
    /// See there.
    ProviderUnreachable = "provider_unreachable",
    /// See there.
    KeyMalformed = "key_malformed",
    /// See there.
    KeyMissing = "key_missing",
    /// See there.
    RateLimited = "rate_limited",
    /// See there.
    Network = "network",
    /// See there.
    Unexpected = "unexpected",
}

/// The sentences of one language, some of them perhaps in the page's own words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Reads all of them, each by its name.
    pub(crate) fn read(sentence: impl FnMut(&&str) -> String) -> Self {
        Self(NAMES.iter().map(sentence).collect())
    }

    /// One sentence; empty only before any were read.
    pub(crate) fn get(&self, word: Word) -> &str {
        self.0.get(word as usize).map_or("", String::as_str)
    }
}

/// A sentence with its names filled in.
pub(crate) fn fill(sentence: &str, app: &str, provider: &str, last4: &str) -> String {
    let mut filled = String::new();
    let mut rest = sentence;
    while let Some(open) = rest.find('{')
        && let Some(close) = rest[open..].find('}')
    {
        let name = &rest[open + 1..open + close];
        filled.push_str(&rest[..open]);
        filled.push_str(match name {
            "app" => app,
            "provider" => provider,
            _ => last4,
        });
        rest = &rest[open + close + 1..];
    }
    filled.push_str(rest);
    filled
}

/// Texts one after the other; `concat` is ten times this code.
pub(crate) fn joined(texts: &[&str]) -> String {
    let mut all = String::new();
    for text in texts {
        all.push_str(text);
    }
    all
}

#[cfg(test)]
#[path = "words_tests.rs"]
pub(crate) mod tests;
