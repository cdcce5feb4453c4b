//! Configuration from the environment: one struct, checked once at start. A bad value stops the
//! start with one sentence that names the variable, what is wrong and an example. It is one file,
//! though a long one, because it is one list: each variable with its default, its rule and its example.

mod people;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use people::{EmailTrust, Mail, MailTls, OidcProvider, People};

use crate::limits::WithoutRedis;

const DEFAULT_LISTEN: &str = "127.0.0.1:8787";
/// The official clients wait ten minutes for an answer; a silence longer than that is an end.
const UPSTREAM_TIMEOUT: Duration = Duration::from_mins(10);
const CACHE_ENTRIES: u64 = 100_000;
/// How long requests are kept one by one.
const REQUESTS_RETENTION: Duration = Duration::from_hours(90 * 24);
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// Everything the operator decides.
#[derive(Clone)]
pub struct Config {
    /// `RELAY_LISTEN`: data plane, widget and console.
    pub listen: SocketAddr,
    /// `RELAY_ADMIN_LISTEN`: `/metrics` and probes, kept private.
    pub admin_listen: Option<SocketAddr>,
    /// `RELAY_PUBLIC_URL`: what browsers see, without a trailing slash.
    pub public_url: String,
    /// `RELAY_DATA_DIR`: the SQLite file and, if not given, the root key.
    pub data_dir: PathBuf,
    /// `RELAY_DATABASE_URL`, or SQLite in the data directory.
    pub database: Database,
    /// `RELAY_MASTER_KEY`: root key versions, current first.
    pub master_key: Option<SecretString>,
    /// `RELAY_UPSTREAM_ALLOW`: networks upstream URLs may reach besides the public internet.
    pub upstream_allow: Vec<IpNet>,
    /// `RELAY_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `RELAY_UPSTREAM_TIMEOUT`: how long a provider may stay silent.
    pub upstream_timeout: Duration,
    /// `RELAY_HOST_<ID>_URL`: base URLs that override the catalog's, by host id.
    pub host_urls: BTreeMap<String, Url>,
    /// `RELAY_CATALOG`: a file of the operator's own hosts and models.
    pub catalog: Option<PathBuf>,
    /// `RELAY_REDIS_URL`: where limits are counted for all replicas together.
    pub redis_url: Option<SecretString>,
    /// `RELAY_CACHE_ENTRIES`: how many owners' credentials, and how many relay keys, are kept in
    /// memory (sealed, and hashed).
    pub cache_entries: u64,
    /// `RELAY_LIMITS_WITHOUT_REDIS`: what becomes of calls while that Redis is away.
    pub limits_without_redis: WithoutRedis,
    /// `RELAY_REQUESTS_RETENTION`: how long requests are kept one by one; none is for good.
    pub requests_retention: Option<Duration>,
    /// How long an address may take to answer a webhook. No variable sets it.
    pub webhook_timeout: Duration,
    /// How people get in.
    pub people: People,
    /// How long a provider may take to judge a key that is being connected. No variable sets it.
    pub check_timeout: Duration,
}

/// Where the rows live.
#[derive(Clone)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the URL holds a password.
    Postgres(SecretString),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite at {}", path.display()),
            Self::Postgres(_) => f.write_str("postgres (URL withheld)"),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("data_dir", &self.data_dir)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// A variable that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{variable} {problem}. Example: {variable}={example}")]
pub struct ConfigError {
    variable: String,
    problem: String,
    example: &'static str,
}

fn bad(variable: &str, problem: impl Into<String>, example: &'static str) -> ConfigError {
    ConfigError {
        variable: variable.to_owned(),
        problem: problem.into(),
        example,
    }
}

impl Config {
    /// Reads the configuration through `lookup`, which answers a variable's value. Secrets may
    /// also come by file: `RELAY_MASTER_KEY_FILE`, `RELAY_DATABASE_URL_FILE`, `RELAY_REDIS_URL_FILE`.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| {
            lookup(name)
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
        };

        let listen = address("RELAY_LISTEN", get("RELAY_LISTEN"))?
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8787)));
        let data_dir = PathBuf::from(get("RELAY_DATA_DIR").unwrap_or_else(|| "./data".to_owned()));
        let database = match secret(get, "RELAY_DATABASE_URL")? {
            None => Database::Sqlite(data_dir.join("relay.db")),
            Some(url) => database(&url)?,
        };
        let upstream_allow = match get("RELAY_UPSTREAM_ALLOW") {
            Some(list) => networks("RELAY_UPSTREAM_ALLOW", &list)?,
            None if listen.ip().is_loopback() => loopback(),
            None => Vec::new(),
        };
        let trusted_proxies = get("RELAY_TRUSTED_PROXIES").unwrap_or_default();
        let upstream_timeout = match get("RELAY_UPSTREAM_TIMEOUT") {
            Some(text) => upstream_timeout(&text)?,
            None => UPSTREAM_TIMEOUT,
        };
        let mut host_urls = BTreeMap::new();
        for host in ["openai", "anthropic", "google"] {
            let name = format!("RELAY_HOST_{}_URL", host.to_uppercase());
            if let Some(value) = get(&name) {
                host_urls.insert(host.to_owned(), base_url(&name, &value)?);
            }
        }
        let redis_url = secret(get, "RELAY_REDIS_URL")?;
        if let Some(url) = &redis_url
            && !["redis://", "rediss://"]
                .iter()
                .any(|p| url.expose_secret().starts_with(p))
        {
            return Err(bad(
                "RELAY_REDIS_URL",
                "is not a redis:// URL",
                "redis://127.0.0.1:6379",
            ));
        }
        Ok(Self {
            admin_listen: address("RELAY_ADMIN_LISTEN", get("RELAY_ADMIN_LISTEN"))?,
            public_url: public_url(get("RELAY_PUBLIC_URL"), listen)?,
            master_key: secret(get, "RELAY_MASTER_KEY")?,
            listen,
            data_dir,
            database,
            upstream_allow,
            trusted_proxies: networks("RELAY_TRUSTED_PROXIES", &trusted_proxies)?,
            upstream_timeout,
            host_urls,
            catalog: get("RELAY_CATALOG").map(PathBuf::from),
            redis_url,
            cache_entries: cache_entries(get("RELAY_CACHE_ENTRIES"))?,
            limits_without_redis: without_redis(get("RELAY_LIMITS_WITHOUT_REDIS").as_deref())?,
            requests_retention: match get("RELAY_REQUESTS_RETENTION") {
                Some(text) => requests_retention(&text)?,
                None => Some(REQUESTS_RETENTION),
            },
            webhook_timeout: WEBHOOK_TIMEOUT,
            people: People::read(get)?,
            check_timeout: CHECK_TIMEOUT,
        })
    }

    /// Reads the configuration from the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Whether browsers reach Relay over TLS, so that cookies can be `__Host-` and `Secure`.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn secret(
    get: impl Fn(&str) -> Option<String>,
    name: &str,
) -> Result<Option<SecretString>, ConfigError> {
    if let Some(value) = get(name) {
        return Ok(Some(SecretString::from(value)));
    }
    let file_name = format!("{name}_FILE");
    let Some(path) = get(&file_name) else {
        return Ok(None);
    };
    let value = std::fs::read_to_string(&path).map_err(|error| {
        bad(
            &file_name,
            format!("cannot be read at {path}: {error}"),
            "/run/secrets/relay",
        )
    })?;
    Ok(Some(SecretString::from(value.trim().to_owned())))
}

fn cache_entries(value: Option<String>) -> Result<u64, ConfigError> {
    let Some(value) = value else {
        return Ok(CACHE_ENTRIES);
    };
    value
        .parse()
        .ok()
        .filter(|entries| (1..=100_000_000).contains(entries))
        .ok_or_else(|| {
            let problem = format!("is `{value}`, not a number from 1 to 100000000");
            bad("RELAY_CACHE_ENTRIES", problem, "100000")
        })
}

fn address(name: &str, value: Option<String>) -> Result<Option<SocketAddr>, ConfigError> {
    value
        .map(|value| {
            value.parse().map_err(|_| {
                bad(
                    name,
                    format!("is `{value}`, not an address and a port"),
                    DEFAULT_LISTEN,
                )
            })
        })
        .transpose()
}

fn upstream_timeout(text: &str) -> Result<Duration, ConfigError> {
    crate::duration::parse(text)
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| {
            bad(
                "RELAY_UPSTREAM_TIMEOUT",
                format!("is `{text}`, not a time"),
                "10m",
            )
        })
}

fn without_redis(value: Option<&str>) -> Result<WithoutRedis, ConfigError> {
    match value {
        None | Some("fail_open") => Ok(WithoutRedis::FailOpen),
        Some("fail_closed") => Ok(WithoutRedis::FailClosed),
        Some(other) => Err(bad(
            "RELAY_LIMITS_WITHOUT_REDIS",
            format!("is `{other}`, neither fail_open nor fail_closed"),
            "fail_closed",
        )),
    }
}

fn requests_retention(text: &str) -> Result<Option<Duration>, ConfigError> {
    if text == "forever" {
        return Ok(None);
    }
    crate::duration::parse(text)
        .filter(|life| !life.is_zero())
        .map(Some)
        .ok_or_else(|| {
            bad(
                "RELAY_REQUESTS_RETENTION",
                format!("is `{text}`, neither a time nor `forever`"),
                "90d",
            )
        })
}

fn database(url: &SecretString) -> Result<Database, ConfigError> {
    let text = url.expose_secret();
    if let Some(path) = text.strip_prefix("sqlite://") {
        let path = path.split('?').next().unwrap_or_default();
        if !path.is_empty() && path != ":memory:" {
            return Ok(Database::Sqlite(PathBuf::from(path)));
        }
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Database::Postgres(url.clone()));
    }
    Err(bad(
        "RELAY_DATABASE_URL",
        "must begin with sqlite:// and a file's path, or with postgres://",
        "postgres://relay:PASSWORD@localhost/relay",
    ))
}

fn networks(name: &str, list: &str) -> Result<Vec<IpNet>, ConfigError> {
    list.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            entry
                .parse()
                .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| {
                    bad(
                        name,
                        format!("has `{entry}`, which is not a network"),
                        "10.0.0.0/8,127.0.0.1",
                    )
                })
        })
        .collect()
}

fn loopback() -> Vec<IpNet> {
    [
        IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8),
        IpNet::from(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])),
    ]
    .into()
}

fn base_url(name: &str, value: &str) -> Result<Url, ConfigError> {
    match Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(bad(
            name,
            format!("is `{value}`, not an http(s) URL"),
            "https://api.openai.com/v1",
        )),
    }
}

fn public_url(value: Option<String>, listen: SocketAddr) -> Result<String, ConfigError> {
    let Some(value) = value else {
        let host = match listen.ip() {
            ip if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        };
        return Ok(format!("http://{host}:{}", listen.port()));
    };
    let url = Url::parse(&value).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
    });
    match url {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => Err(bad(
            "RELAY_PUBLIC_URL",
            format!("is `{value}`, not a web origin"),
            "https://relay.example.com",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_means_loopback_and_sqlite_in_the_data_directory() {
        let config = read(&[]).expect("defaults are valid");
        assert_eq!(config.listen.to_string(), DEFAULT_LISTEN);
        assert_eq!(config.public_url, "http://localhost:8787");
        assert!(matches!(config.database, Database::Sqlite(path) if path.ends_with("relay.db")));
        assert_eq!(
            config.upstream_allow.len(),
            2,
            "loopback upstreams are allowed on loopback"
        );
    }

    #[test]
    fn listening_on_the_network_allows_no_private_upstream() {
        let config = read(&[("RELAY_LISTEN", "0.0.0.0:80")]).expect("valid");
        assert!(config.upstream_allow.is_empty());
    }

    #[test]
    fn a_bad_value_is_one_sentence_with_an_example() {
        for (name, value) in [
            ("RELAY_LISTEN", "everywhere"),
            ("RELAY_DATABASE_URL", "mysql://x"),
            ("RELAY_DATABASE_URL", "sqlite://:memory:"),
            ("RELAY_UPSTREAM_ALLOW", "lan"),
            ("RELAY_TRUSTED_PROXIES", "10.0.0.0/8,lan"),
            ("RELAY_UPSTREAM_TIMEOUT", "10"),
            ("RELAY_UPSTREAM_TIMEOUT", "0s"),
            ("RELAY_REQUESTS_RETENTION", "0d"),
            ("RELAY_REQUESTS_RETENTION", "always"),
            ("RELAY_PUBLIC_URL", "relay.example.com"),
            ("RELAY_HOST_OPENAI_URL", "ftp://x"),
            ("RELAY_REDIS_URL", "localhost"),
            ("RELAY_LIMITS_WITHOUT_REDIS", "closed"),
        ] {
            let error = read(&[(name, value)]).expect_err(name).to_string();
            assert!(
                error.starts_with(name) && error.contains("Example: "),
                "{error}"
            );
        }
    }

    #[test]
    fn debug_withholds_the_database_password() {
        let config = read(&[("RELAY_DATABASE_URL", "postgres://u:hunter2@h/db")]).expect("valid");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
