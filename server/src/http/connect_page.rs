//! `/connect`: the widget on a page of Relay's own origin, for frames, apps' WebViews and links.
//!
//! Which pages may frame it is a header, sent before any token is known, so the address names the tenant:
//! `/connect/{tenant}` is framed by that tenant's allowed origins, and by Relay's own console, which shows what the
//! widget will look like; by no other page where there are none. `/connect` stands alone: nobody frames it. The
//! token comes after the `#`, or from the page around it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::assets::{CROSS_ORIGIN_RESOURCE_POLICY, file};
use super::body::Path;
use crate::app::App;
use crate::problem::Problem;
use crate::store::SettingsRow;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_EMBEDDER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-embedder-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// How long a tenant's id is: a UUID, written out.
const TENANT_ID_BYTES: usize = 36;

/// All that the page itself needs; WebAssembly needs its own word. Script may come from nowhere else, be written
/// nowhere, and be made of no text but under the loader's policy, which lets through the widget's files alone.
const OWN_PARTS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
    trusted-types relay-widget";
/// What a form for a key has no use for.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    hid=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), \
    screen-wake-lock=(), serial=(), usb=()";

/// `GET /connect`
pub(super) async fn alone(headers: HeaderMap) -> Result<Response, Problem> {
    page(&headers, "'none'", &SettingsRow::default())
}

/// `GET /connect/{tenant}`
pub(super) async fn of_tenant(
    State(app): State<Arc<App>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A tenant that is not there allows no page: the answer is the same as for one that allows none.
    // What is longer than any id is not asked for, nor remembered.
    if tenant.len() > TENANT_ID_BYTES {
        return page(&headers, "'self'", &SettingsRow::default());
    }
    let settings = app.settings.of(&tenant).await?;
    page(&headers, &ancestors(&settings), &settings)
}

/// Who may frame a tenant's page.
fn ancestors(settings: &SettingsRow) -> String {
    let allowed = settings.allowed_origins.iter().map(String::as_str);
    let all: Vec<&str> = std::iter::once("'self'").chain(allowed).collect();
    all.join(" ")
}

fn page(headers: &HeaderMap, ancestors: &str, settings: &SettingsRow) -> Result<Response, Problem> {
    let mut response = file("widget/connect.html", headers, "no-cache")?;
    let set = response.headers_mut();
    set.insert(CONTENT_SECURITY_POLICY, policy(ancestors, settings)?);
    // For browsers that do not know `frame-ancestors`; the others go by that alone (CSP Level 3 §6.4.2).
    set.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let fixed = [
        (REFERRER_POLICY, "no-referrer"),
        (PERMISSIONS_POLICY, PERMISSIONS),
        // Who opened it keeps no hold of it.
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        // For pages that are isolated themselves, and so frame only what is.
        (CROSS_ORIGIN_EMBEDDER_POLICY, "credentialless"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
    ];
    for (name, value) in fixed {
        set.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn policy(ancestors: &str, settings: &SettingsRow) -> Result<HeaderValue, Problem> {
    let logo = settings.branding.logo_url.as_deref();
    let logo = logo.and_then(|logo| Url::parse(logo).ok());
    let pictures = logo.map_or_else(
        || "'self' data:".to_owned(),
        |logo| format!("'self' data: {}", logo.origin().ascii_serialization()),
    );
    let policy = format!("{OWN_PARTS}; img-src {pictures}; frame-ancestors {ancestors}");
    HeaderValue::try_from(policy).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use relay_api::Branding;

    use super::*;

    fn directive<'a>(policy: &'a HeaderValue, name: &str) -> Option<&'a str> {
        let policy = policy.to_str().expect("text");
        let mut parts = policy.split("; ").filter_map(|part| part.split_once(' '));
        parts.find_map(|(known, value)| (known == name).then_some(value))
    }

    #[test]
    fn no_page_frames_it_but_relays_own_and_whom_the_tenant_allows() {
        let mut settings = SettingsRow::default();
        assert_eq!(ancestors(&settings), "'self'");
        settings.allowed_origins = ["https://a.example", "http://localhost:3000"]
            .map(str::to_owned)
            .to_vec();
        let policy = policy(&ancestors(&settings), &settings).expect("a policy");
        let allowed = directive(&policy, "frame-ancestors");
        assert_eq!(
            allowed,
            Some("'self' https://a.example http://localhost:3000")
        );
    }

    #[test]
    fn a_logo_adds_where_it_is_and_nothing_else() {
        let branding = Branding {
            logo_url: Some("https://cdn.example/a;script-src%20*,/logo.svg".to_owned()),
            ..Branding::default()
        };
        let settings = SettingsRow {
            branding,
            ..SettingsRow::default()
        };
        let policy = policy("'none'", &settings).expect("a policy");
        let pictures = directive(&policy, "img-src");
        assert_eq!(pictures, Some("'self' data: https://cdn.example"));
        let scripts = directive(&policy, "script-src");
        assert_eq!(scripts, Some("'self' 'wasm-unsafe-eval'"));
    }
}
