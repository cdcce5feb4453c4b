//! Keys that the operator keeps outside the vault: `env:NAME` and `file:/PATH` of the server's own
//! machine. Read anew for every call, so that a key that is replaced there is replaced here, and no
//! copy stays in memory. Only the operator's commands make them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

/// No key or service account's file is longer.
const MAX_BYTES: u64 = 16 * 1024;
const MAX_REFERENCE_BYTES: usize = 1024;
/// What the vault seals in a key's place begins so: no key holds a blank, so none can pass for it.
const SEALED_AS: &str = "reference to ";

/// Where the operator keeps a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the server's environment.
    Env(String),
    /// A file on the server's machine.
    File(PathBuf),
}

/// Why there is no key where a reference says. It names the place, never what is there.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// It is no reference.
    #[error(
        "a reference is env:NAME, of a variable that is not Relay's own, or file:/PATH, absolute \
         and not below /proc, /sys or /dev"
    )]
    Malformed,
    /// The row says another place than what was sealed for it.
    #[error("the reference is not the one that was sealed for its row")]
    Forged,
    /// There is no such variable, or it is not text.
    #[error("the variable {0} is not set in the server's environment")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("the file {path} cannot be read: {1}", path = .0.display())]
    NoFile(PathBuf, std::io::Error),
    /// What is there is no key.
    #[error("{0} holds no key: it is empty, no text, or longer than 16 KiB")]
    NoKey(Reference),
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl std::str::FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let reference = match text.split_once(':') {
            Some(("env", name)) if is_variable(name) => Self::Env(name.to_owned()),
            Some(("file", path)) if is_file(Path::new(path)) => Self::File(path.into()),
            _ => return Err(ReferenceError::Malformed),
        };
        let sound = text.len() <= MAX_REFERENCE_BYTES && !text.contains(char::is_control);
        sound.then_some(reference).ok_or(ReferenceError::Malformed)
    }
}

/// Relay's own variables hold the keys to everything else.
fn is_variable(name: &str) -> bool {
    let of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(of_a_name) && !name.starts_with("RELAY_")
}

fn is_file(path: &Path) -> bool {
    let plain = path
        .components()
        .all(|part| !matches!(part, std::path::Component::ParentDir));
    let outside = ["/proc", "/sys", "/dev"]
        .iter()
        .all(|folder| !path.starts_with(folder));
    path.is_absolute() && plain && outside
}

impl Reference {
    /// What the vault seals in the key's place, so that nobody who can write to the database can
    /// point a row at another file.
    pub(super) fn to_sealed(&self) -> SecretString {
        SecretString::from(format!("{SEALED_AS}{self}"))
    }

    /// The reference of a row whose envelope held `sealed`.
    pub(super) fn of_row(shown: &str, sealed: &str) -> Result<Self, ReferenceError> {
        match sealed.strip_prefix(SEALED_AS) {
            Some(sealed) if sealed == shown => sealed.parse(),
            _ => Err(ReferenceError::Forged),
        }
    }

    /// The key that is there now.
    pub async fn resolve(&self) -> Result<SecretString, ReferenceError> {
        match self {
            Self::Env(name) => {
                let value = std::env::var(name).map(Zeroizing::new);
                let value = value.map_err(|_| ReferenceError::NoVariable(name.clone()))?;
                self.key(value.as_bytes())
            }
            Self::File(path) => {
                let place = path.clone();
                let read = tokio::task::spawn_blocking(move || read(&place)).await;
                let read = read.unwrap_or_else(|stopped| Err(std::io::Error::other(stopped)));
                let bytes = read.map_err(|error| ReferenceError::NoFile(path.clone(), error))?;
                self.key(&bytes)
            }
        }
    }

    fn key(&self, bytes: &[u8]) -> Result<SecretString, ReferenceError> {
        let text = std::str::from_utf8(bytes).unwrap_or_default().trim();
        let fits = u64::try_from(bytes.len()).is_ok_and(|bytes| bytes <= MAX_BYTES);
        if text.is_empty() || !fits {
            return Err(ReferenceError::NoKey(self.clone()));
        }
        Ok(SecretString::from(text))
    }
}

/// A file's beginning, one byte more than a key may have.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    // A pipe would block before it said anything.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_reference_is_a_variable_or_an_absolute_file() {
        for text in ["env:OPENAI_API_KEY", "file:/run/secrets/openai"] {
            let reference: Reference = text.parse().expect(text);
            assert_eq!(reference.to_string(), text);
        }
        for text in [
            "",
            "OPENAI_API_KEY",
            "env:",
            "env:A B",
            "env:RELAY_MASTER_KEY",
            "file:",
            "file:secrets/openai",
            "file:/run/../root.key",
            "file:/proc/self/environ",
            "file:/run/a\nb",
            "https://example.com/key",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_row_that_was_pointed_elsewhere_is_not_believed() {
        let reference: Reference = "file:/run/secrets/openai".parse().expect("sound");
        let sealed = reference.to_sealed();
        let of_row = |shown: &str, sealed: &str| Reference::of_row(shown, sealed).ok();
        let own = of_row("file:/run/secrets/openai", sealed.expose_secret());
        assert_eq!(own, Some(reference));
        assert_eq!(of_row("file:/data/root.key", sealed.expose_secret()), None);
        // A key that a tenant connected, however it is written.
        let shown = "file:/data/root.key";
        assert_eq!(of_row(shown, shown), None);
    }

    #[tokio::test]
    async fn a_file_is_read_anew_each_time_and_trimmed() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("key");
        let reference = Reference::File(path.clone());
        let resolved = async || {
            let key = reference.resolve().await;
            key.map(|key| key.expose_secret().to_owned())
        };
        assert!(matches!(resolved().await, Err(ReferenceError::NoFile(..))));
        for (content, key) in [(" sk-1\n", "sk-1"), ("sk-2", "sk-2")] {
            std::fs::write(&path, content).expect("written");
            assert_eq!(resolved().await.expect("a key"), key);
        }
        let long = vec![b'x'; 16 * 1024 + 1];
        for content in [&b""[..], b" \n", b"\xff\xfe", &long] {
            std::fs::write(&path, content).expect("written");
            assert!(matches!(resolved().await, Err(ReferenceError::NoKey(_))));
        }
        let pipe = Reference::File(folder.path().to_owned());
        assert!(matches!(
            pipe.resolve().await,
            Err(ReferenceError::NoFile(..))
        ));
    }
}
