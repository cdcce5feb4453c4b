//! How a host knows who calls: one file for each way. A credential is text from the vault; here it
//! is read as what its host wants, and a call is given the headers that prove it.

mod aws;
mod google;
mod header;

use http::{HeaderMap, Method};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Opened, Upstream, UpstreamError};
use crate::catalog::{Auth, Host};

pub(super) use google::Tokens;

/// No provider's key is longer.
const MAX_KEY_BYTES: usize = 4096;
/// Nor is the file of a service account.
const MAX_FILE_BYTES: usize = 16 * 1024;
/// No project, region or key's id is longer.
const MAX_WORD_BYTES: usize = 128;

/// Why a text cannot be a host's credential. It never holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misshapen {
    /// It cannot be a key: empty, too long, or with blanks and line breaks inside.
    #[error("this does not look like a key")]
    NotAKey,
    /// It is not the JSON that it should be; this says what that is, after the field's name.
    #[error("the credential {0}")]
    Document(&'static str),
}

/// A text that may be a host's credential.
#[derive(Debug)]
pub struct Examined {
    /// The text, without what a paste leaves around it.
    pub provider_key: SecretString,
    /// What may be shown of it, where its own end says nothing.
    pub last4: Option<String>,
}

/// A credential as its host's kind of authentication reads it.
pub(super) enum Credential<'a> {
    /// A key that goes into a header as it is.
    Key(&'a SecretString),
    /// Google's key file.
    ServiceAccount(google::ServiceAccount),
    /// AWS access keys.
    AccessKeys(aws::AccessKeys),
}

/// Headers that prove who calls.
pub(super) struct Proof {
    pub(super) headers: HeaderMap,
    /// The secret that goes with the call, to be looked for in what comes back.
    pub(super) travels: SecretString,
    /// Whether it is from memory, and may have been taken back since.
    pub(super) remembered: bool,
}

/// Reads a text that is to become `host`'s credential, without asking anybody.
pub fn examine(host: &Host, text: &SecretString) -> Result<Examined, Misshapen> {
    let trimmed = text.expose_secret().trim();
    if host.auth == Auth::GoogleServiceAccount || (host.auth == Auth::Aws && is_document(trimmed)) {
        if trimmed.len() > MAX_FILE_BYTES {
            return Err(Misshapen::Document("is longer than any such file"));
        }
    } else if trimmed.is_empty()
        || trimmed.len() > MAX_KEY_BYTES
        || !trimmed
            .chars()
            .all(|character| character.is_ascii_graphic())
    {
        return Err(Misshapen::NotAKey);
    }
    let provider_key = SecretString::from(trimmed);
    let credential = Credential::read(host.auth, &provider_key)?;
    if let Credential::ServiceAccount(account) = &credential {
        account.check_key()?;
    }
    let last4 = credential.last4();
    Ok(Examined {
        provider_key,
        last4,
    })
}

fn is_document(text: &str) -> bool {
    text.starts_with('{')
}

/// Letters, digits and hyphens: nothing that could leave its place in a URL or a header.
fn is_word(text: &str) -> bool {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= MAX_WORD_BYTES && text.bytes().all(sound)
}

impl<'a> Credential<'a> {
    pub(super) fn read(auth: Auth, text: &'a SecretString) -> Result<Self, Misshapen> {
        match auth {
            Auth::GoogleServiceAccount => {
                google::ServiceAccount::read(text).map(Self::ServiceAccount)
            }
            Auth::Aws if is_document(text.expose_secret()) => {
                aws::AccessKeys::read(text).map(Self::AccessKeys)
            }
            Auth::Aws | Auth::Bearer | Auth::XApiKey | Auth::XGoogApiKey | Auth::ApiKey => {
                Ok(Self::Key(text))
            }
        }
    }

    /// The region it is for, if it says.
    pub(super) fn region(&self) -> Option<&str> {
        match self {
            Self::Key(_) => None,
            Self::ServiceAccount(account) => account.location.as_deref(),
            Self::AccessKeys(keys) => keys.region.as_deref(),
        }
    }

    /// The Google project it belongs to.
    pub(super) fn project(&self) -> Option<&str> {
        match self {
            Self::ServiceAccount(account) => Some(&account.project_id),
            Self::Key(_) | Self::AccessKeys(_) => None,
        }
    }

    /// Of a document, the end of what names the key in it: its own end is a brace.
    fn last4(&self) -> Option<String> {
        let id = match self {
            Self::Key(_) => return None,
            Self::ServiceAccount(account) => &account.private_key_id,
            Self::AccessKeys(keys) => &keys.access_key_id,
        };
        let from = id.len().checked_sub(4)?;
        id.get(from..).map(str::to_owned)
    }
}

/// A call, as far as a proof needs to know it.
pub(super) struct Unproven<'a> {
    pub(super) host: &'a Host,
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    pub(super) region: &'a str,
    pub(super) body: &'a [u8],
}

impl Upstream {
    /// The headers that prove a call. Only Google's may have to be fetched first, and are kept.
    pub(super) async fn prove(
        &self,
        call: &Unproven<'_>,
        opened: &Opened<'_>,
        credential: &Credential<'_>,
    ) -> Result<Proof, UpstreamError> {
        match credential {
            Credential::Key(key) => header::prove(call.host.auth, key),
            Credential::ServiceAccount(account) => {
                let token_url = call.host.token_url.as_ref();
                let token_url = token_url.ok_or(UpstreamError::Unsendable)?;
                self.access_token(token_url, account, opened.id).await
            }
            Credential::AccessKeys(keys) => aws::prove(keys, call, self.clock.now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::config::Config;

    fn examined(host: &str, text: &str) -> Result<Examined, Misshapen> {
        let config = Config::read(|_| None).expect("defaults");
        let catalog = Catalog::load(&config).expect("sound");
        examine(catalog.host(host).expect(host), &SecretString::from(text))
    }

    #[test]
    fn a_paste_is_trimmed_and_what_cannot_be_a_key_is_refused() {
        let key = examined("openai", " sk-abc\n").expect("a key").provider_key;
        assert_eq!(key.expose_secret(), "sk-abc");
        let long = "k".repeat(MAX_KEY_BYTES + 1);
        for text in ["", " \n", "sk abc", "sk-\u{e9}", "sk-a\nb", &long] {
            assert_eq!(examined("openai", text).err(), Some(Misshapen::NotAKey));
        }
    }
}
