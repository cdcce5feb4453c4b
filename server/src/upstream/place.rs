//! Where a call goes: the host's base URL, the credential's region, project and own base URL, and
//! the dialect's path make one URL.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::UpstreamError;
use super::auth::Credential;
use crate::catalog::{Host, Paths, REGION};

/// What a path's segment keeps as it is (RFC 3986 §2.3).
const SEGMENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a base URL of an Azure resource may end with and need not.
const AZURE_TAILS: [&str; 2] = ["/openai/v1", "/openai"];
/// Vertex's hosts are `LOCATION-aiplatform.googleapis.com`.
const VERTEX_HOST: &str = "-aiplatform.googleapis.com";
/// Bedrock's have the region after this label, which may say more (`bedrock-runtime-fips`).
const BEDROCK_LABEL: &str = "bedrock-runtime";

/// Where a call goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) url: Url,
    /// The region that is called, on hosts that have regions.
    pub(super) region: String,
}

/// The place of `path` at this host, for this credential. `path` is below the host's API, as its
/// dialect or its `check` has it; `model` is given where the path is one model's.
///
/// `UpstreamError::Unsendable` if there is no such URL.
pub(super) fn find(
    host: &Host,
    own: Option<&Url>,
    credential: &Credential<'_>,
    path: &str,
    model: Option<&str>,
) -> Result<Place, UpstreamError> {
    let region = own
        .and_then(region_of)
        .or_else(|| credential.region())
        .unwrap_or(&host.region);
    let base = base(host, own, region)?;
    let base = base.trim_end_matches('/');
    let text = match (host.paths, model) {
        (Paths::AzureDeployments, model) => azure(host, base, path, model)?,
        (Paths::VertexPublisher, Some(_)) => vertex(base, own, credential, region, path)?,
        (Paths::Plain | Paths::VertexPublisher, _) => format!("{base}{path}"),
    };
    let url = Url::parse(&text).map_err(|_| UpstreamError::Unsendable)?;
    Ok(Place {
        url,
        region: region.to_owned(),
    })
}

fn base<'a>(
    host: &'a Host,
    own: Option<&'a Url>,
    region: &str,
) -> Result<Cow<'a, str>, UpstreamError> {
    if let Some(own) = own {
        return Ok(own.as_str().into());
    }
    match &host.regional_url {
        Some(template) if region != host.region => Ok(template.replace(REGION, region).into()),
        _ => {
            let base = host.base_url.as_ref().ok_or(UpstreamError::Unsendable)?;
            Ok(base.as_str().into())
        }
    }
}

/// The region that a base URL itself tells, if it is one of the provider's own.
fn region_of(url: &Url) -> Option<&str> {
    let name = url.host_str()?;
    if let Some(location) = name.strip_suffix(VERTEX_HOST) {
        return Some(location);
    }
    let mut labels = name.strip_suffix(".amazonaws.com")?.split('.');
    labels.find(|label| label.starts_with(BEDROCK_LABEL))?;
    labels.next()
}

fn azure(
    host: &Host,
    base: &str,
    path: &str,
    model: Option<&str>,
) -> Result<String, UpstreamError> {
    let resource = AZURE_TAILS
        .iter()
        .find_map(|tail| base.strip_suffix(tail))
        .unwrap_or(base);
    let version = &host.api_version;
    Ok(match model {
        // The one path of Azure's that names the model in the body, and needs no version.
        _ if path.starts_with("/responses") => format!("{resource}/openai/v1{path}"),
        Some(model) => {
            let deployment = segment(model)?;
            format!("{resource}/openai/deployments/{deployment}{path}?api-version={version}")
        }
        None => format!("{resource}{path}?api-version={version}"),
    })
}

fn vertex(
    base: &str,
    own: Option<&Url>,
    credential: &Credential<'_>,
    location: &str,
    path: &str,
) -> Result<String, UpstreamError> {
    if own.is_some_and(|own| own.path().contains("/projects/")) {
        return Ok(format!("{base}{path}"));
    }
    let version = match own {
        Some(own) if own.path() == "/" => "/v1",
        _ => "",
    };
    let project = segment(credential.project().ok_or(UpstreamError::Unsendable)?)?;
    let location = segment(location)?;
    Ok(format!(
        "{base}{version}/projects/{project}/locations/{location}/publishers/google{path}"
    ))
}

/// The text as one segment of a path, which it cannot leave.
fn segment(text: &str) -> Result<String, UpstreamError> {
    // However they are written, URLs take these two for steps.
    if matches!(text, "" | "." | "..") {
        return Err(UpstreamError::Unsendable);
    }
    Ok(utf8_percent_encode(text, &SEGMENT).to_string())
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::catalog::Catalog;
    use crate::config::Config;

    /// Where a call to `host` with this credential goes, and in which region; `host` may be
    /// followed by a base URL of the credential's own.
    fn found(host: &str, key: &str, path: &str, model: Option<&str>) -> (String, String) {
        let (host, own) = match host.split_once(' ') {
            Some((host, own)) => (host, Some(Url::parse(own).expect(own))),
            None => (host, None),
        };
        let config = Config::read(|_| None).expect("defaults");
        let catalog = Catalog::load(&config).expect("sound");
        let host = catalog.host(host).expect(host);
        let key = SecretString::from(key);
        let credential = Credential::read(host.auth, &key).expect("a credential");
        let place = find(host, own.as_ref(), &credential, path, model).expect("a place");
        (place.url.into(), place.region)
    }

    #[test]
    fn most_paths_stand_below_the_base_url() {
        for (host, url) in [
            ("openai", "https://api.openai.com/v1/chat/completions"),
            (
                "openai https://a.example/x/",
                "https://a.example/x/chat/completions",
            ),
            ("groq", "https://api.groq.com/openai/v1/chat/completions"),
        ] {
            assert_eq!(found(host, "k", "/chat/completions", Some("m")).0, url);
        }
    }

    #[test]
    fn azure_names_deployments_and_versions_but_for_responses() {
        let resource = "azure https://r.openai.azure.com";
        for (path, model, url) in [
            (
                "/chat/completions",
                Some("gpt"),
                "https://r.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
            ),
            (
                "/responses",
                Some("gpt"),
                "https://r.openai.azure.com/openai/v1/responses",
            ),
            (
                "/openai/models",
                None,
                "https://r.openai.azure.com/openai/models?api-version=2024-10-21",
            ),
        ] {
            assert_eq!(found(resource, "k", path, model).0, url);
        }
    }

    #[test]
    fn vertex_has_a_project_and_a_location_in_the_way() {
        let file = |location: &str| {
            let pem = include_str!("../../tests/suite/support/keys/service-account.pem");
            let mut file = serde_json::json!({
                "type": "service_account", "project_id": "p", "private_key": pem, "client_email": "e",
            });
            if !location.is_empty() {
                file["location"] = location.into();
            }
            file.to_string()
        };
        let tail = "publishers/google/models/m:generateContent";
        for (host, location, region, url) in [
            (
                "vertex",
                "",
                "global",
                "https://aiplatform.googleapis.com/v1/projects/p",
            ),
            (
                "vertex",
                "us-east5",
                "us-east5",
                "https://us-east5-aiplatform.googleapis.com/v1/projects/p",
            ),
            (
                "vertex https://europe-west4-aiplatform.googleapis.com",
                "us-east5",
                "europe-west4",
                "https://europe-west4-aiplatform.googleapis.com/v1/projects/p",
            ),
            (
                "vertex https://proxy.example/v1beta1",
                "us-east5",
                "us-east5",
                "https://proxy.example/v1beta1/projects/p",
            ),
        ] {
            let found = found(
                host,
                &file(location),
                "/models/m:generateContent",
                Some("m"),
            );
            let url = format!("{url}/locations/{region}/{tail}");
            assert_eq!(found, (url, region.to_owned()));
        }
    }

    #[test]
    fn bedrock_is_called_in_the_region_that_is_signed_for() {
        let keys = r#"{"accessKeyId": "A", "secretAccessKey": "s", "region": "eu-north-1"}"#;
        let nowhere = r#"{"accessKeyId": "A", "secretAccessKey": "s"}"#;
        for (host, key, region, base) in [
            (
                "bedrock",
                "api-key",
                "us-east-1",
                "bedrock-runtime.us-east-1.amazonaws.com",
            ),
            (
                "bedrock",
                nowhere,
                "us-east-1",
                "bedrock-runtime.us-east-1.amazonaws.com",
            ),
            (
                "bedrock",
                keys,
                "eu-north-1",
                "bedrock-runtime.eu-north-1.amazonaws.com",
            ),
            (
                "bedrock https://bedrock-runtime-fips.us-west-2.amazonaws.com",
                keys,
                "us-west-2",
                "bedrock-runtime-fips.us-west-2.amazonaws.com",
            ),
            (
                "bedrock https://vpce-1-a.bedrock-runtime.ap-south-1.vpce.amazonaws.com",
                keys,
                "ap-south-1",
                "vpce-1-a.bedrock-runtime.ap-south-1.vpce.amazonaws.com",
            ),
            (
                "bedrock https://aws.example",
                keys,
                "eu-north-1",
                "aws.example",
            ),
        ] {
            let found = found(host, key, "/model/m/converse", Some("m"));
            let url = format!("https://{base}/model/m/converse");
            assert_eq!(found, (url, region.to_owned()));
        }
    }
}
