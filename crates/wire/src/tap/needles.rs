//! Looks for the few words of an event that matter, by their bytes. Within a JSON string quotes are
//! escaped, so a quoted name found here is the name of a field and never what a model said.

use memchr::memmem::Finder;

/// A field's name, quotes included.
pub(crate) struct Field(Finder<'static>);

impl Field {
    pub(crate) fn new(quoted_name: &'static str) -> Self {
        Self(Finder::new(quoted_name))
    }

    /// The values of every field of this name, each from its first byte to the end of the event.
    pub(crate) fn values<'a>(&self, event: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let name_len = self.0.needle().len();
        self.0.find_iter(event).filter_map(move |at| {
            let rest = event[at + name_len..].trim_ascii_start();
            Some(rest.strip_prefix(b":")?.trim_ascii_start())
        })
    }

    /// The field says anything: it is there and is not `null`.
    pub(crate) fn says(&self, event: &[u8]) -> bool {
        self.values(event).any(|value| !value.starts_with(b"null"))
    }
}

/// A word, wherever it stands.
pub(crate) struct Word(Finder<'static>);

impl Word {
    pub(crate) fn new(word: &'static str) -> Self {
        Self(Finder::new(word))
    }

    pub(crate) fn is_in(&self, event: &[u8]) -> bool {
        self.0.find(event).is_some()
    }
}
