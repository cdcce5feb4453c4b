//! AWS: requests signed by access keys (Signature Version 4). The secret key never leaves Relay.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4;
use http::{HeaderMap, HeaderName};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Misshapen, Proof, Unproven, header, is_word};
use crate::clock::EpochMs;
use crate::upstream::UpstreamError;

/// The name that Bedrock's requests are signed for.
const SERVICE: &str = "bedrock";

/// Access keys, as they are stored; `aws sts` writes its own with capitals.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::upstream) struct AccessKeys {
    #[serde(alias = "AccessKeyId")]
    pub(super) access_key_id: String,
    #[serde(alias = "SecretAccessKey")]
    secret_access_key: SecretString,
    #[serde(default, alias = "SessionToken")]
    session_token: Option<SecretString>,
    #[serde(default, alias = "Region")]
    pub(super) region: Option<String>,
}

impl AccessKeys {
    pub(super) fn read(text: &SecretString) -> Result<Self, Misshapen> {
        // The parser's own words may hold some of the text.
        let keys: Self = serde_json::from_str(text.expose_secret()).map_err(|_| {
            Misshapen::Document(
                "must be an API key, or JSON with the texts `accessKeyId`, `secretAccessKey`, and, \
                 where there are such, `sessionToken` and `region`",
            )
        })?;
        // Both become part of a header, and the region of a host's name.
        if !is_word(&keys.access_key_id) {
            return Err(Misshapen::Document(
                "has an `accessKeyId` that cannot be one",
            ));
        }
        if !keys.region.as_deref().is_none_or(is_word) {
            return Err(Misshapen::Document("has a `region` that cannot be one"));
        }
        Ok(keys)
    }
}

/// Signs a call as it will be sent: its method, URL and body, at this moment.
pub(super) fn prove(
    keys: &AccessKeys,
    call: &Unproven<'_>,
    now: EpochMs,
) -> Result<Proof, UpstreamError> {
    let token = keys.session_token.as_ref();
    let identity = Credentials::new(
        keys.access_key_id.as_str(),
        keys.secret_access_key.expose_secret(),
        token.map(|token| token.expose_secret().to_owned()),
        None,
        "relay",
    )
    .into();
    let since_epoch = Duration::from_millis(u64::try_from(now).unwrap_or_default());
    let unsendable = |()| UpstreamError::Unsendable;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(call.region)
        .name(SERVICE)
        .time(UNIX_EPOCH + since_epoch)
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| unsendable(()))?
        .into();
    let signable = SignableRequest::new(
        call.method.as_str(),
        call.url.as_str(),
        std::iter::empty(),
        SignableBody::Bytes(call.body),
    );
    let signable = signable.map_err(|_| unsendable(()))?;
    let signed = http_request::sign(signable, &params).map_err(|_| unsendable(()))?;
    let (instructions, _) = signed.into_parts();
    let mut headers = HeaderMap::new();
    for (name, value) in instructions.headers() {
        let name = HeaderName::try_from(name).map_err(|_| unsendable(()))?;
        headers.insert(name, header::secret(value)?);
    }
    // Of the three, only the session token travels.
    let travels = token.cloned().unwrap_or_default();
    Ok(Proof {
        headers,
        travels,
        remembered: false,
    })
}
