//! Where the root keys come from: `RELAY_MASTER_KEY`, or a file in the data directory that is made
//! once, readable by its owner alone. Never the database.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use relay_vault::{RootKeys, VaultError};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::clock::new_id;
use crate::config::Config;

const FILE: &str = "root.key";

/// Why there are no usable root keys.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// `RELAY_MASTER_KEY` is not what it should be.
    #[error("RELAY_MASTER_KEY cannot be used: {0}. Make one with: openssl rand -base64 32")]
    Variable(VaultError),
    /// The file's text is not what it should be.
    #[error("the root key in {} cannot be used: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: VaultError,
    },
    /// The file can be neither read nor made.
    #[error("the root key file {} cannot be used: {problem}", path.display())]
    Place {
        /// The file.
        path: PathBuf,
        /// What the system said.
        problem: std::io::Error,
    },
}

/// The root keys of this installation, made now if this is its first start.
pub fn load_root_keys(config: &Config) -> Result<RootKeys, RootKeyError> {
    if let Some(text) = &config.master_key {
        return RootKeys::parse(text.expose_secret()).map_err(RootKeyError::Variable);
    }
    let path = config.data_dir.join(FILE);
    let place = |problem| RootKeyError::Place {
        path: path.clone(),
        problem,
    };
    let file = |problem| RootKeyError::File {
        path: path.clone(),
        problem,
    };
    match fs::read_to_string(&path) {
        Ok(text) => return RootKeys::parse(&Zeroizing::new(text)).map_err(file),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(place(error)),
    }
    fs::create_dir_all(&config.data_dir).map_err(place)?;
    let roots = RootKeys::generate().map_err(file)?;
    // Whole or not at all, and never over an existing file: two first starts at once must not shred
    // each other's vault, and a start that is killed must not leave half a key.
    let draft = config.data_dir.join(format!("{FILE}.{}", new_id()));
    let made = write_draft(&draft, &roots).and_then(|()| fs::hard_link(&draft, &path));
    let tidied = fs::remove_file(&draft);
    match made.and(tidied) {
        Ok(()) => File::open(&config.data_dir)
            .and_then(|folder| folder.sync_all())
            .map_err(place)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = Zeroizing::new(fs::read_to_string(&path).map_err(place)?);
            return RootKeys::parse(&text).map_err(file);
        }
        Err(error) => return Err(place(error)),
    }
    tracing::warn!(
        path = %path.display(),
        "made a new root key. Back it up: without it every stored provider key is lost. \
         In production give it as RELAY_MASTER_KEY instead"
    );
    Ok(roots)
}

/// Writes the keys to a file that only its owner can read, down to the disk.
fn write_draft(path: &Path, roots: &RootKeys) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut draft = options.open(path)?;
    draft.write_all(roots.to_text().as_bytes())?;
    draft.sync_all()
}
