//! The API's answers, read by hand: `serde_json` would be a quarter of the widget's download. The tests
//! read what `relay_api` itself writes, so a renamed field does not go unnoticed.

use relay_api::{Credential, CredentialStatus, Provider, SealingKey, WidgetSession};

use crate::failure::{Code, Failure};

/// A JSON value, as far as the widget reads any.
pub(crate) trait Json: Sized {
    /// A field of an object.
    fn field(&self, name: &str) -> Option<Self>;
    /// A string.
    fn text(&self) -> Option<String>;
    /// The elements of an array.
    fn items(&self) -> Option<Vec<Self>>;

    /// A field that is a string; empty where it is absent.
    fn text_at(&self, name: &str) -> String {
        self.field(name)
            .and_then(|value| value.text())
            .unwrap_or_default()
    }
}

/// Reads a session. `None` when what the widget cannot do without is missing.
pub(crate) fn session(json: &impl Json) -> Option<WidgetSession> {
    let key = json.field("sealingKey")?;
    let sealing_key = SealingKey {
        id: key.text_at("id"),
        public_key: key.text_at("publicKey"),
    };
    let providers: Vec<_> = json
        .field("providers")?
        .items()?
        .iter()
        .map(provider)
        .collect();
    let credentials = json
        .field("credentials")
        .and_then(|list| list.items())
        .unwrap_or_default();
    let session = WidgetSession {
        tenant_name: json.text_at("tenantName"),
        tenant_id: json.text_at("tenantId"),
        token_id: json.text_at("tokenId"),
        provider: json.field("provider").and_then(|value| value.text()),
        providers,
        credentials: credentials.iter().map(credential).collect(),
        sealing_key,
        expires_at: json.text_at("expiresAt"),
    };
    let whole = !session.providers.is_empty() && !session.sealing_key.public_key.is_empty();
    whole.then_some(session)
}

fn provider(json: &impl Json) -> Provider {
    Provider {
        id: json.text_at("id"),
        name: json.text_at("name"),
        key_hint: json.text_at("keyHint"),
        key_url: json.text_at("keyUrl"),
    }
}

/// Reads a credential.
pub(crate) fn credential(json: &impl Json) -> Credential {
    Credential {
        id: json.text_at("id"),
        provider: json.text_at("provider"),
        name: json.text_at("name"),
        last4: json.text_at("last4"),
        fingerprint: json.text_at("fingerprint"),
        status: match json.text_at("status").as_str() {
            "limited" => CredentialStatus::Limited,
            "broken" => CredentialStatus::Broken,
            _ => CredentialStatus::Active,
        },
        base_url: json.field("baseUrl").and_then(|value| value.text()),
        connected_at: json.text_at("connectedAt"),
        last_used_at: json.field("lastUsedAt").and_then(|value| value.text()),
        // What a pool does with a credential is nothing to an end user.
        ..Credential::default()
    }
}

/// Reads an error body; anything else is an unexpected failure.
pub(crate) fn failure(json: &impl Json) -> Failure {
    match json.field("error") {
        Some(error) => Failure {
            code: Code::parse(&error.text_at("code")),
            request_id: error.text_at("requestId"),
        },
        None => Code::Unexpected.into(),
    }
}

/// `ConnectCredential` with a sealed key. Only the ids need quoting: base64url has nothing to escape.
pub(crate) fn connect(provider: &str, key_id: &str, enc: &str, ciphertext: &str) -> String {
    let mut body = String::from("{\"provider\":");
    quote(&mut body, provider);
    body.push_str(",\"sealedKey\":{\"keyId\":");
    quote(&mut body, key_id);
    for part in [
        ",\"enc\":\"",
        enc,
        "\",\"ciphertext\":\"",
        ciphertext,
        "\"}}",
    ] {
        body.push_str(part);
    }
    body
}

/// Appends `text` as a JSON string (RFC 8259 §7).
fn quote(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\0'..='\u{1f}' => {
                let digit = |nibble: u32| char::from_digit(nibble, 16).unwrap_or('0');
                json.push_str("\\u00");
                json.extend([digit(u32::from(c) >> 4), digit(u32::from(c) & 15)]);
            }
            _ => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use relay_api::{ConnectCredential, ErrorBody, ErrorDetail};
    use serde_json::{Value, json};

    use super::*;

    impl Json for Value {
        fn field(&self, name: &str) -> Option<Self> {
            self.get(name).cloned()
        }
        fn text(&self) -> Option<String> {
            self.as_str().map(str::to_owned)
        }
        fn items(&self) -> Option<Vec<Self>> {
            self.as_array().cloned()
        }
    }

    fn a_credential(status: CredentialStatus) -> Credential {
        Credential {
            id: "c".into(),
            provider: "openai".into(),
            name: "default".into(),
            last4: "4242".into(),
            fingerprint: "f".into(),
            status,
            base_url: Some("https://example.com".into()),
            connected_at: "2026-11-21T02:06:58.000Z".into(),
            last_used_at: None,
            ..Credential::default()
        }
    }

    fn a_session() -> WidgetSession {
        WidgetSession {
            tenant_name: "Acme".into(),
            tenant_id: "t".into(),
            token_id: "k".into(),
            provider: Some("openai".into()),
            providers: vec![Provider {
                id: "openai".into(),
                name: "OpenAI".into(),
                key_hint: "sk-".into(),
                key_url: "https://platform.openai.com/api-keys".into(),
            }],
            credentials: vec![a_credential(CredentialStatus::Limited)],
            sealing_key: SealingKey {
                id: "v1".into(),
                public_key: "abc".into(),
            },
            expires_at: "2026-11-21T02:21:58.000Z".into(),
        }
    }

    fn written(value: &impl serde::Serialize) -> Value {
        serde_json::to_value(value).expect("an API type is JSON")
    }

    #[test]
    fn what_the_api_writes_is_read_back_whole() {
        assert_eq!(session(&written(&a_session())), Some(a_session()));
        for status in [
            CredentialStatus::Active,
            CredentialStatus::Limited,
            CredentialStatus::Broken,
        ] {
            assert_eq!(
                credential(&written(&a_credential(status))),
                a_credential(status)
            );
        }
        let detail = ErrorDetail {
            code: "key_refused".into(),
            message: "m".into(),
            request_id: "r".into(),
        };
        let read = failure(&written(&ErrorBody { error: detail }));
        assert_eq!(
            read,
            Failure {
                code: Code::KeyRefused,
                request_id: "r".into()
            }
        );
    }

    #[test]
    fn an_answer_without_providers_or_sealing_key_is_no_session() {
        for missing in ["providers", "sealingKey"] {
            let mut json = written(&a_session());
            json[missing] = Value::Null;
            assert_eq!(session(&json), None, "{missing}");
        }
        assert_eq!(session(&json!("<html>")), None);
        assert_eq!(failure(&json!(null)).code, Code::Unexpected);
    }

    #[test]
    fn the_api_reads_what_the_widget_submits_whatever_the_ids_hold() {
        for id in ["openai", "a\"b\\c\n\u{1}키"] {
            let body = connect(id, "v1", "ZW5j", "Y3Q");
            let read: ConnectCredential = serde_json::from_str(&body).expect("the API reads it");
            assert_eq!(read.provider, id);
            assert!(read.api_key.is_none());
            let sealed = read.sealed_key.expect("it is sealed");
            let parts = (
                sealed.key_id.as_str(),
                sealed.enc.as_str(),
                sealed.ciphertext.as_str(),
            );
            assert_eq!(parts, ("v1", "ZW5j", "Y3Q"));
        }
    }
}
