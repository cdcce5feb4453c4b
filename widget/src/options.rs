//! What the page asked for.

use std::fmt;
use std::rc::Rc;

use crate::colour::Colours;
use crate::words::Words;

/// From a kind (`date`, `ago`, `number`, `money`) and a value to a text.
type Writer = dyn Fn(&str, &str) -> String;

/// Writes dates and numbers as the reader does.
#[derive(Clone)]
pub(crate) struct Format(pub(crate) Rc<Writer>);

impl Default for Format {
    fn default() -> Self {
        Self(Rc::new(|_, value| value.to_owned()))
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Format")
    }
}

/// What the page asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// What is connected is shown first.
    pub(crate) manage: bool,
    /// The only provider to offer; empty for all that the token allows.
    pub(crate) provider: String,
    /// The page's colours.
    pub(crate) colours: Colours,
    /// The sentences.
    pub(crate) words: Words,
    /// The language they are in, for the `lang` attribute.
    pub(crate) lang: String,
    /// The reader's dates and numbers.
    pub(crate) format: Format,
    /// The page can give another token.
    pub(crate) renewable: bool,
    /// The page wants to know when the person is done, so there is a way out.
    pub(crate) leaves: bool,
}
