//! How people get in: who may sign up, the mail server, and who vouches for members.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::{ConfigError, bad, secret};

/// What the operator decides about people.
#[derive(Clone, Default)]
pub struct People {
    /// `RELAY_SIGN_UP`: whether anybody may make an account with a tenant of its own.
    pub sign_up: bool,
    /// `RELAY_NEW_TENANTS`: whether the owner of a tenant may make further ones.
    pub owners_make_tenants: bool,
    /// `RELAY_SMTP_URL`, `RELAY_SMTP_FROM`: how mail goes out, if it does.
    pub mail: Option<Mail>,
    /// `RELAY_OIDC_PROVIDERS` and what they are, as sign-in pages list them.
    pub oidc: Vec<OidcProvider>,
}

/// A mail server.
#[derive(Clone)]
pub struct Mail {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// Who sends, to the server.
    pub login: Option<(String, SecretString)>,
    /// Whom mail is from: `Relay <relay@example.com>`.
    pub from: String,
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From its first byte: `smtps://`.
    Wrapped,
    /// By STARTTLS, without which nothing is sent: `smtp://`.
    Upgraded,
    /// Not at all, for a server beside this one: `smtp://...?tls=none`.
    None,
}

/// Somebody who vouches for people by OpenID Connect.
#[derive(Clone)]
pub struct OidcProvider {
    /// In `/api/oidc/{id}`.
    pub id: String,
    /// What a button calls it.
    pub name: String,
    /// The issuer, exactly as it calls itself.
    pub issuer: String,
    /// Relay's name there.
    pub client_id: String,
    /// Relay's password there; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Whose addresses it may vouch for.
    pub trust: EmailTrust,
}

/// Whether an e-mail address that a provider calls verified says who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailTrust {
    /// No: people are known by the provider's own name for them alone.
    No,
    /// Yes: the operator says that it verifies addresses and keeps them from changing hands.
    Verified,
    /// As Google says of itself: of its own addresses, and of those in a Workspace's domain.
    Google,
}

const GOOGLE: &str = "https://accounts.google.com";
const SMTP_EXAMPLE: &str = "smtps://relay:PASSWORD@mail.example.com";
const MAX_PROVIDERS: usize = 20;

impl People {
    /// Reads the variables.
    pub(super) fn read(get: impl Fn(&str) -> Option<String> + Copy) -> Result<Self, ConfigError> {
        let mail = mail(get)?;
        let sign_up = match get("RELAY_SIGN_UP").as_deref() {
            None | Some("closed") => false,
            Some("open") if mail.is_some() => true,
            Some("open") => {
                let problem = "is open, which needs mail to show that an address is its owner's: \
                               set RELAY_SMTP_URL too";
                return Err(bad("RELAY_SIGN_UP", problem, "closed"));
            }
            Some(other) => {
                let problem = format!("is `{other}`, neither open nor closed");
                return Err(bad("RELAY_SIGN_UP", problem, "open"));
            }
        };
        let owners_make_tenants = match get("RELAY_NEW_TENANTS").as_deref() {
            None | Some("owners") => true,
            Some("operator") => false,
            Some(other) => {
                let problem = format!("is `{other}`, neither owners nor operator");
                return Err(bad("RELAY_NEW_TENANTS", problem, "operator"));
            }
        };
        Ok(Self {
            sign_up,
            owners_make_tenants,
            mail,
            oidc: providers(get)?,
        })
    }
}

fn mail(get: impl Fn(&str) -> Option<String> + Copy) -> Result<Option<Mail>, ConfigError> {
    const NAME: &str = "RELAY_SMTP_URL";
    let Some(text) = secret(get, NAME)? else {
        return Ok(None);
    };
    // Its text is in no message: it may hold a password.
    let problem = |problem: &str| bad(NAME, problem, SMTP_EXAMPLE);
    let url = Url::parse(text.expose_secret()).map_err(|_| problem("is not a URL"))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| problem("names no host"))?.to_owned();
    let tls = match (url.scheme(), url.query()) {
        ("smtps", None) => MailTls::Wrapped,
        ("smtp", None) => MailTls::Upgraded,
        ("smtp", Some("tls=none")) => MailTls::None,
        _ => {
            return Err(problem(
                "is neither smtps://, smtp:// nor smtp://...?tls=none",
            ));
        }
    };
    let plain = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
        decoded.map(std::borrow::Cow::into_owned)
    };
    let login = match (plain(url.username()), url.password().map(plain)) {
        (Ok(user), None) if user.is_empty() => None,
        (Ok(user), Some(Ok(password))) if !user.is_empty() => {
            Some((user, SecretString::from(password)))
        }
        _ => {
            return Err(problem(
                "has a user without a password, or one that is not UTF-8",
            ));
        }
    };
    if tls == MailTls::None && login.is_some() {
        return Err(problem("would send a password in the clear"));
    }
    let from = get("RELAY_SMTP_FROM").ok_or_else(|| {
        bad(
            "RELAY_SMTP_FROM",
            "is missing: it says whom mail is from",
            "Relay <relay@example.com>",
        )
    })?;
    if from.parse::<lettre::message::Mailbox>().is_err() {
        return Err(bad(
            "RELAY_SMTP_FROM",
            format!("is `{from}`, not an e-mail address"),
            "Relay <relay@example.com>",
        ));
    }
    let port = url.port().unwrap_or(match tls {
        MailTls::Wrapped => 465,
        MailTls::Upgraded => 587,
        MailTls::None => 25,
    });
    Ok(Some(Mail {
        host,
        port,
        tls,
        login,
        from,
    }))
}

fn providers(
    get: impl Fn(&str) -> Option<String> + Copy,
) -> Result<Vec<OidcProvider>, ConfigError> {
    let mut providers = Vec::new();
    if let Some(client_id) = get("RELAY_GOOGLE_CLIENT_ID") {
        providers.push(OidcProvider {
            id: "google".to_owned(),
            name: "Google".to_owned(),
            issuer: GOOGLE.to_owned(),
            client_id,
            client_secret: secret(get, "RELAY_GOOGLE_CLIENT_SECRET")?,
            trust: EmailTrust::Google,
        });
    }
    let list = get("RELAY_OIDC_PROVIDERS").unwrap_or_default();
    for id in list.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let sound = id.len() <= 32
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !sound || providers.iter().any(|known| known.id == id) {
            let problem =
                format!("has `{id}`, which is not lower-case letters and digits, or twice");
            return Err(bad("RELAY_OIDC_PROVIDERS", problem, "okta,keycloak"));
        }
        providers.push(provider(get, id)?);
    }
    if providers.len() > MAX_PROVIDERS {
        return Err(bad("RELAY_OIDC_PROVIDERS", "names more than 20", "okta"));
    }
    Ok(providers)
}

fn provider(
    get: impl Fn(&str) -> Option<String> + Copy,
    id: &str,
) -> Result<OidcProvider, ConfigError> {
    let name = |what: &str| format!("RELAY_OIDC_{}_{what}", id.to_uppercase());
    let needed = |what: &str, example| {
        let name = name(what);
        get(&name).ok_or_else(|| bad(&name, "is missing", example))
    };
    let issuer = needed("ISSUER", "https://login.example.com")?;
    let url = Url::parse(&issuer).ok().filter(may_be_issuer);
    if url.is_none() {
        let problem = format!("is `{issuer}`, not an https:// URL without query");
        return Err(bad(&name("ISSUER"), problem, "https://login.example.com"));
    }
    let trust = match get(&name("TRUST_EMAIL")).as_deref() {
        None | Some("no") => EmailTrust::No,
        Some("verified") => EmailTrust::Verified,
        Some(other) => {
            let problem = format!("is `{other}`, neither verified nor no");
            return Err(bad(&name("TRUST_EMAIL"), problem, "verified"));
        }
    };
    Ok(OidcProvider {
        id: id.to_owned(),
        name: get(&name("NAME")).unwrap_or_else(|| id.to_owned()),
        client_id: needed("CLIENT_ID", "relay")?,
        client_secret: secret(get, &name("CLIENT_SECRET"))?,
        issuer,
        trust,
    })
}

/// In the clear only on this machine: whoever changes an issuer's answers signs in as anybody.
fn may_be_issuer(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && here);
    scheme && url.has_host() && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<People, ConfigError> {
        let get = |name: &str| {
            let found = vars.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        People::read(get)
    }

    #[test]
    fn nothing_set_means_closed_without_mail_or_providers() {
        let people = read(&[]).expect("defaults are valid");
        assert!(!people.sign_up && people.mail.is_none() && people.oidc.is_empty());
        assert!(people.owners_make_tenants);
    }

    #[test]
    fn a_mail_server_is_encrypted_unless_it_is_said_not_to_be() {
        let from = ("RELAY_SMTP_FROM", "Relay <relay@example.com>");
        for (url, tls, port) in [
            ("smtps://u:p%40ss@mail.example.com", MailTls::Wrapped, 465),
            ("smtp://u:p%40ss@mail.example.com", MailTls::Upgraded, 587),
            ("smtp://127.0.0.1:1025?tls=none", MailTls::None, 1025),
        ] {
            let people = read(&[("RELAY_SMTP_URL", url), from, ("RELAY_SIGN_UP", "open")]);
            let people = people.unwrap_or_else(|error| panic!("{error}"));
            let mail = people.mail.expect("mail");
            assert_eq!((mail.tls, mail.port), (tls, port), "{url}");
            assert!(people.sign_up);
            let password = mail.login.map(|(_, password)| password);
            assert_eq!(
                password.as_ref().map(ExposeSecret::expose_secret),
                (tls != MailTls::None).then_some("p@ss")
            );
        }
    }

    #[test]
    fn what_is_unsafe_or_half_said_is_refused_without_its_secrets() {
        let from = ("RELAY_SMTP_FROM", "relay@example.com");
        let oidc = ("RELAY_OIDC_PROVIDERS", "okta");
        let issuer = ("RELAY_OIDC_OKTA_ISSUER", "https://okta.example");
        let client = ("RELAY_OIDC_OKTA_CLIENT_ID", "relay");
        let plain = ("RELAY_OIDC_OKTA_ISSUER", "http://okta.example");
        let asked = ("RELAY_OIDC_OKTA_ISSUER", "https://okta.example?tenant=1");
        for vars in [
            &[("RELAY_SIGN_UP", "open")][..],
            &[("RELAY_SIGN_UP", "maybe")],
            &[("RELAY_NEW_TENANTS", "everybody")],
            &[("RELAY_SMTP_URL", "smtp://u:hunter2@mail.example.com")],
            &[
                (
                    "RELAY_SMTP_URL",
                    "smtp://u:hunter2@mail.example.com?tls=none",
                ),
                from,
            ],
            &[("RELAY_SMTP_URL", "smtp://hunter2@mail.example.com"), from],
            &[
                ("RELAY_SMTP_URL", "http://u:hunter2@mail.example.com"),
                from,
            ],
            &[("RELAY_SMTP_URL", "smtps://"), from],
            &[
                ("RELAY_SMTP_URL", "smtps://mail.example.com"),
                ("RELAY_SMTP_FROM", "me"),
            ],
            &[("RELAY_OIDC_PROVIDERS", "Okta")],
            &[("RELAY_OIDC_PROVIDERS", "okta,okta"), issuer, client],
            &[oidc],
            &[oidc, issuer],
            &[oidc, plain, client],
            &[oidc, asked, client],
            &[oidc, issuer, client, ("RELAY_OIDC_OKTA_TRUST_EMAIL", "yes")],
        ] {
            let Err(error) = read(vars) else {
                panic!("{vars:?} is taken");
            };
            let error = error.to_string();
            assert!(
                error.starts_with("RELAY_") && error.contains("Example: "),
                "{error}"
            );
            assert!(!error.contains("hunter2"), "{error}");
        }
        let local = ("RELAY_OIDC_OKTA_ISSUER", "http://localhost:9000/oidc");
        assert!(read(&[oidc, local, client]).is_ok());
    }
}
