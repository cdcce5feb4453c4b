//! Passwords, hashed with Argon2id (RFC 9106) at the parameters OWASP asks for, off the async
//! threads and a few at a time: hashing must not become a way to exhaust the server.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::IdentityError;

const AT_ONCE: usize = 4;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Verified against when there is no such member, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    argon2()
        .hash_password(b"nobody's password")
        .map_or_else(|_| String::new(), |h| h.to_string())
});

/// Hashes and verifies, a few at a time.
#[derive(Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The PHC string of a password, with a fresh salt.
    pub async fn hash(&self, password: SecretString) -> Result<String, IdentityError> {
        self.run(move || {
            let hash = argon2().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|e| IdentityError::Internal(e.to_string()))
        })
        .await?
    }

    /// Whether the password is the one of `hash`. Without a hash it works as long and says no.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, IdentityError> {
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let matches = PasswordHash::new(&hash).is_ok_and(|hash| {
                argon2()
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            });
            known && matches
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, IdentityError> {
        let internal = |error: String| IdentityError::Internal(error);
        let turn = Arc::clone(&self.0).acquire_owned();
        let turn = turn.await.map_err(|error| internal(error.to_string()))?;
        // A caller who hangs up does not stop the work: its turn is over when the work is.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| internal(error.to_string()))
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn callers_who_hang_up_keep_their_turn_until_the_work_is_done() {
        let passwords = Passwords::default();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(std::sync::Mutex::new(wait));
        let (began, mut working) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..AT_ONCE {
            let (passwords, wait, began) = (passwords.clone(), Arc::clone(&wait), began.clone());
            let caller = tokio::spawn(async move {
                let work = move || {
                    began.send(()).expect("the test waits");
                    wait.lock().expect("no panic").recv()
                };
                passwords.run(work).await
            });
            working.recv().await.expect("it began");
            caller.abort();
            assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        }
        assert_eq!(passwords.0.available_permits(), 0);
        for _ in 0..AT_ONCE {
            go.send(()).expect("the work waits");
        }
        let all = u32::try_from(AT_ONCE).expect("a few");
        drop(passwords.0.acquire_many(all).await.expect("open"));
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::default();
        let secret = |text: &str| SecretString::from(text);
        let hash = passwords
            .hash(secret("correct horse battery"))
            .await
            .expect("hashed");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = async |text: &str, hash: Option<String>| {
            passwords
                .verify(secret(text), hash)
                .await
                .expect("verified")
        };
        assert!(verify("correct horse battery", Some(hash.clone())).await);
        assert!(!verify("correct horse batterz", Some(hash)).await);
        assert!(!verify("nobody's password", None).await);
    }
}
