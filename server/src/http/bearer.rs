//! Where the bearer of a request is, and what may follow it.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::users::check_label;
use crate::identity::PREFIX;
use crate::problem::Problem;

/// Headers that may carry the bearer, besides `Authorization`: the official clients' own.
const KEY_HEADERS: [&str; 2] = ["x-api-key", "x-goog-api-key"];
/// What may follow a relay key, for tools that can set no header of their own:
/// `rly-...:user=LABEL`, the label percent-encoded.
const USER_SUFFIX: &str = ":user=";

/// The bearer, wherever the official clients put it. Tools that send several (a placeholder in
/// one header, the key in another) mean the one that looks like a relay key.
pub(super) fn bearer<'a>(headers: &'a HeaderMap, in_query: Option<&'a str>) -> Option<&'a str> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let others = KEY_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    let mut found = authorization.into_iter().chain(others).chain(in_query);
    let first = found.next()?;
    if first.starts_with(PREFIX) {
        return Some(first);
    }
    Some(
        found
            .find(|bearer| bearer.starts_with(PREFIX))
            .unwrap_or(first),
    )
}

/// `?key=`, where Google's tools put it.
pub(super) fn key_in_query(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "key").then(|| value.into_owned()))
}

/// A bearer without the end user it may name, and that end user.
pub(super) fn named_user(bearer: &str) -> Result<(Option<&str>, Option<String>), Problem> {
    let Some((key, label)) = bearer.split_once(USER_SUFFIX) else {
        return Ok((Some(bearer), None));
    };
    let field = "the end user behind the relay key";
    let label = percent_encoding::percent_decode_str(label)
        .decode_utf8()
        .map_err(|_| Problem::field(field, "must be percent-encoded UTF-8"))?;
    check_label(field, &label)?;
    Ok((Some(key), Some(label.into_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    value.parse().expect("a header"),
                )
            })
            .collect()
    }

    #[test]
    fn the_bearer_is_found_where_official_clients_put_it() {
        for (given, found) in [
            (&[("authorization", "Bearer a")][..], Some("a")),
            (&[("authorization", "bearer  a ")], Some("a")),
            (&[("x-api-key", "b")], Some("b")),
            (&[("x-goog-api-key", "c")], Some("c")),
            (&[("authorization", "Basic eDp5")], None),
            (
                &[("authorization", "Basic eDp5"), ("x-api-key", "b")],
                Some("b"),
            ),
            (
                &[("authorization", "Bearer a"), ("x-api-key", "rly-b")],
                Some("rly-b"),
            ),
            (&[], None),
        ] {
            assert_eq!(bearer(&headers(given), None), found, "{given:?}");
        }
        assert_eq!(bearer(&headers(&[]), Some("rly-d")), Some("rly-d"));
        assert_eq!(
            key_in_query("alt=sse&key=rly%2Dd").as_deref(),
            Some("rly-d")
        );
    }

    #[test]
    fn a_bearer_may_name_an_end_user_behind_the_key() {
        let named = |bearer: &'static str| named_user(bearer).ok();
        assert_eq!(named("rly-a"), Some((Some("rly-a"), None)));
        assert_eq!(
            named("rly-a:user=ada%20l%C3%A9"),
            Some((Some("rly-a"), Some("ada l\u{e9}".to_owned())))
        );
        for bad in [
            "rly-a:user=",
            "rly-a:user=%FF",
            "rly-a:user=%0A",
            "rly-a:user=..",
        ] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }
}
