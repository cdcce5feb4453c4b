//! Web origins and addresses of pages, as people give them.

use url::{Host, Url};

use crate::problem::Problem;

/// Web origins as browsers send them, at most so many; the field is named in what is wrong.
pub(super) fn origins(field: &str, given: &[String], most: usize) -> Result<Vec<String>, Problem> {
    let bad = || {
        let problem = format!(
            "must be at most {most} web origins like \"https://app.example.com\", without a path"
        );
        Problem::field(field, &problem)
    };
    if given.len() > most {
        return Err(bad());
    }
    given
        .iter()
        .map(|text| {
            let url = Url::parse(text).map_err(|_| bad())?;
            let bare = matches!(url.scheme(), "http" | "https")
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            // Where pages are framed, the origin stands in a policy, in which other signs mean more.
            let plain = |name: &str| {
                name.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
            };
            let named = match url.host() {
                Some(Host::Domain(name)) => plain(name),
                host => host.is_some(),
            };
            (bare && named)
                .then(|| url.origin().ascii_serialization())
                .ok_or_else(bad)
        })
        .collect()
}

/// Longer than any address that a person gives.
const MAX_URL_BYTES: usize = 1_000;

/// The address of something that browsers load or open: https, or http on the reader's own machine.
pub(super) fn page_url(field: &str, given: &str) -> Result<String, Problem> {
    let is_own_machine = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    Url::parse(given)
        .ok()
        .filter(|_| given.len() <= MAX_URL_BYTES)
        .filter(|url| url.scheme() == "https" || (url.scheme() == "http" && is_own_machine(url)))
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .map(|url| url.to_string())
        .ok_or_else(|| {
            let problem = "must be an https URL without credentials, like \
                           \"https://example.com/privacy\"";
            Problem::field(field, problem)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_nothing_after_its_host() {
        let read = |text: &str| origins("o", &[text.to_owned()], 1).ok();
        assert_eq!(
            read("https://App.Example.com:443/"),
            Some(vec!["https://app.example.com".to_owned()])
        );
        assert_eq!(
            read("http://localhost:3000"),
            Some(vec!["http://localhost:3000".to_owned()])
        );
        for bad in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://a.example/x",
            "https://a.example?x",
            "https://u:p@a.example",
            "https://:p@a.example",
            "file:///etc",
            // In a policy these mean more than a name.
            "https://*",
            "https://*.example.com",
            "https://x;script-src-elem",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(origins("o", &["https://a.example".to_owned()], 0).is_err());
    }

    #[test]
    fn what_browsers_load_comes_over_tls() {
        for good in [
            "https://cdn.example.com/logo.svg?v=2",
            "http://localhost:3000/logo.png",
            "http://127.0.0.1/logo.png",
        ] {
            assert_eq!(page_url("u", good).ok().as_deref(), Some(good));
        }
        let long = format!("https://example.com/{}", "x".repeat(MAX_URL_BYTES));
        for bad in [
            "",
            "http://example.com/logo.png",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "https://u:p@example.com/",
            &long,
        ] {
            assert!(page_url("u", bad).is_err(), "{bad}");
        }
    }
}
