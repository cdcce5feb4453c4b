//! One connection to Redis that is made anew when it breaks, and a bounded wait for each answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisError, ScriptInvocation};
use secrecy::{ExposeSecret, SecretString};

/// How long making a connection may take. Calls do not wait for it beyond their patience.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// While Redis is away one call in so much time tries it; the others do not wait.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// How often it is said that Redis is away.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// Redis did not answer, or answered an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::limits) struct Away;

/// The way to Redis.
pub(super) struct Link {
    client: Client,
    patience: Duration,
    connection: RwLock<Option<Numbered>>,
    made: AtomicU64,
    connecting: tokio::sync::Mutex<()>,
    is_away: AtomicBool,
    away: Mutex<WhileAway>,
}

/// A connection and its number, so that what broke on an old one does not end a new one.
#[derive(Clone)]
struct Numbered {
    number: u64,
    connection: MultiplexedConnection,
}

#[derive(Default)]
struct WhileAway {
    tried: Option<Instant>,
    said: Option<Instant>,
}

impl Link {
    /// A way to the Redis at a URL, which is not connected to yet; its answers may take so long.
    /// None if it is no Redis URL.
    pub(super) fn to(url: &SecretString, patience: Duration) -> Option<Arc<Self>> {
        // The error would tell the URL, and the URL may tell a password.
        let client = Client::open(url.expose_secret()).ok()?;
        Some(Arc::new(Self {
            client,
            patience,
            connection: RwLock::default(),
            made: AtomicU64::new(0),
            connecting: tokio::sync::Mutex::default(),
            is_away: AtomicBool::new(false),
            away: Mutex::default(),
        }))
    }

    /// Runs a script: one round trip, two where Redis does not know the script yet. While Redis is
    /// away most calls fail at once.
    pub(super) async fn run<T: FromRedisValue>(
        self: &Arc<Self>,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Away> {
        if !self.may_try() {
            return Err(Away);
        }
        self.run_in_any_case(script).await
    }

    /// The same, without regard to whether Redis was away a moment ago.
    pub(super) async fn run_in_any_case<T: FromRedisValue>(
        self: &Arc<Self>,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Away> {
        let mut number = None;
        let answer = async {
            let mut used = self.connected().await?;
            number = Some(used.number);
            script.invoke_async(&mut used.connection).await
        };
        let answered = tokio::time::timeout(self.patience, answer).await;
        let why = match answered {
            Ok(Ok(answer)) => {
                self.is_back();
                return Ok(answer);
            }
            Ok(Err(error)) => describe(&error),
            Err(_) => "it does not answer in time".to_owned(),
        };
        self.forget(number);
        self.has_gone_away(&why);
        Err(Away)
    }

    /// The connection there is, or a new one.
    async fn connected(self: &Arc<Self>) -> Result<Numbered, RedisError> {
        if let Some(connection) = self.known() {
            return Ok(connection);
        }
        // A caller that stops waiting does not end the attempt: the next one finds its result.
        let link = Arc::clone(self);
        let attempt = tokio::spawn(async move { link.connect().await });
        attempt.await.unwrap_or_else(|_| {
            Err(RedisError::from((
                redis::ErrorKind::Io,
                "the attempt to connect was ended",
            )))
        })
    }

    async fn connect(&self) -> Result<Numbered, RedisError> {
        let _one_at_a_time = self.connecting.lock().await;
        if let Some(connection) = self.known() {
            return Ok(connection);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(CONNECT_WITHIN));
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let connection = Numbered {
            number: self.made.fetch_add(1, Ordering::Relaxed),
            connection,
        };
        let mut known = self
            .connection
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = Some(connection.clone());
        Ok(connection)
    }

    fn known(&self) -> Option<Numbered> {
        let known = self
            .connection
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn forget(&self, number: Option<u64>) {
        let mut known = self
            .connection
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().map(|known| known.number) == number {
            *known = None;
        }
    }

    fn may_try(&self) -> bool {
        if !self.is_away.load(Ordering::Acquire) {
            return true;
        }
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        let due = away.tried.is_none_or(|tried| tried.elapsed() >= TRY_EVERY);
        if due {
            away.tried = Some(Instant::now());
        }
        due
    }

    fn has_gone_away(&self, why: &str) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        away.tried = Some(Instant::now());
        if away.said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            away.said = Some(Instant::now());
            tracing::warn!(why, "Redis is away: limits do not hold across replicas");
        }
        self.is_away.store(true, Ordering::Release);
    }

    fn is_back(&self) {
        if self.is_away.load(Ordering::Acquire) && self.is_away.swap(false, Ordering::AcqRel) {
            tracing::info!("Redis answers: limits hold across replicas");
        }
    }
}

/// What is wrong, without anything that may come from the URL.
fn describe(error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("{:?} ({code})", error.kind()),
        None => format!("{:?}", error.kind()),
    }
}
