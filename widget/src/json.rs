//! The API's answers, read by hand: `serde_json` would be a quarter of the widget's download. The tests
//! read what `relay_api` itself writes, so a renamed field does not go unnoticed.

use crate::failure::{Code, Failure};
use crate::session::{Connected, Health, Provider, Session, Use};

/// A JSON value, as far as the widget reads any.
pub(crate) trait Json: Sized {
    /// A field of an object.
    fn field(&self, name: &str) -> Option<Self>;
    /// A string; empty where it is none.
    fn text(&self) -> String;
    /// A whole number, or 1 for a flag that is set; else 0.
    fn number(&self) -> u64;
    /// The elements of an array; none where it is none.
    fn items(&self) -> Vec<Self>;

    /// A field that is a string; empty where it is absent.
    fn text_at(&self, name: &str) -> String {
        self.field(name)
            .map_or_else(String::new, |value| value.text())
    }

    /// A field that is a whole number or a flag; 0 where it is absent.
    fn number_at(&self, name: &str) -> u64 {
        self.field(name).map_or(0, |value| value.number())
    }

    /// The elements of a field that is an array.
    fn items_at<T>(&self, name: &str, read: fn(&Self) -> T) -> Vec<T> {
        let items = self.field(name).map(|value| value.items());
        items.unwrap_or_default().iter().map(read).collect()
    }
}

/// Reads a session. `None` when what the widget cannot do without is missing.
pub(crate) fn session(json: &impl Json) -> Option<Session> {
    let key = json.field("sealingKey")?;
    let session = Session {
        app: json.text_at("tenantName"),
        tenant_id: json.text_at("tenantId"),
        token_id: json.text_at("tokenId"),
        locked: json.text_at("provider"),
        providers: json.items_at("providers", provider),
        connected: json.items_at("credentials", credential),
        seal_id: key.text_at("id"),
        seal_key: key.text_at("publicKey"),
        manages: json.text_at("scope") == "manage",
        privacy_url: json
            .field("branding")
            .map_or_else(String::new, |branding| branding.text_at("privacyUrl")),
    };
    let whole = !session.providers.is_empty() && !session.seal_key.is_empty();
    whole.then_some(session)
}

fn provider<J: Json>(json: &J) -> Provider {
    Provider {
        id: json.text_at("id"),
        name: json.text_at("name"),
        key_hint: json.text_at("keyHint"),
        key_url: json.text_at("keyUrl"),
    }
}

/// Reads a credential.
pub(crate) fn credential<J: Json>(json: &J) -> Connected {
    Connected {
        provider: json.text_at("provider"),
        last4: json.text_at("last4"),
        health: Health::parse(&json.text_at("status")),
        since: json.text_at("connectedAt"),
        used: json.text_at("lastUsedAt"),
        use_of_month: json.field("usage").map(|usage| Use {
            requests: usage.number_at("requests"),
            tokens: usage.number_at("tokens"),
            nanodollars: usage.number_at("costNanodollars"),
        }),
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
    use relay_api::{
        Branding, ConnectCredential, Credential, CredentialStatus, ErrorBody, ErrorDetail,
        MonthUse, SealingKey, TokenScope, WidgetCredential, WidgetSession,
    };
    use serde_json::{Value, json};

    use super::*;

    impl Json for Value {
        fn field(&self, name: &str) -> Option<Self> {
            self.get(name).filter(|value| !value.is_null()).cloned()
        }
        fn text(&self) -> String {
            self.as_str().unwrap_or_default().to_owned()
        }
        fn number(&self) -> u64 {
            self.as_u64().unwrap_or_default()
        }
        fn items(&self) -> Vec<Self> {
            self.as_array().cloned().unwrap_or_default()
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
            last_used_at: Some("2026-11-21T03:06:58.000Z".into()),
            ..Credential::default()
        }
    }

    fn written(value: &impl serde::Serialize) -> Value {
        serde_json::to_value(value).expect("an API type is JSON")
    }

    fn a_session() -> Value {
        written(&WidgetSession {
            tenant_name: "Acme".into(),
            tenant_id: "t".into(),
            token_id: "k".into(),
            provider: Some("openai".into()),
            providers: vec![relay_api::Provider {
                id: "openai".into(),
                name: "OpenAI".into(),
                key_hint: "sk-".into(),
                key_url: "https://platform.openai.com/api-keys".into(),
            }],
            credentials: vec![WidgetCredential {
                credential: a_credential(CredentialStatus::Limited),
                usage: Some(MonthUse {
                    requests: 12,
                    tokens: 3_400,
                    cost_nanodollars: 5_600,
                    ..MonthUse::default()
                }),
            }],
            scope: TokenScope::Manage,
            branding: Branding {
                privacy_url: Some("https://acme.example/privacy".into()),
                ..Branding::default()
            },
            sealing_key: SealingKey {
                id: "v1".into(),
                public_key: "abc".into(),
            },
            expires_at: "2026-11-21T02:21:58.000Z".into(),
        })
    }

    #[test]
    fn what_the_api_writes_of_a_session_is_read() {
        let read = session(&a_session()).expect("it is a session");
        let expected = Session {
            app: "Acme".into(),
            tenant_id: "t".into(),
            token_id: "k".into(),
            locked: "openai".into(),
            providers: vec![Provider {
                id: "openai".into(),
                name: "OpenAI".into(),
                key_hint: "sk-".into(),
                key_url: "https://platform.openai.com/api-keys".into(),
            }],
            connected: vec![Connected {
                provider: "openai".into(),
                last4: "4242".into(),
                health: Health::Limited,
                since: "2026-11-21T02:06:58.000Z".into(),
                used: "2026-11-21T03:06:58.000Z".into(),
                use_of_month: Some(Use {
                    requests: 12,
                    tokens: 3_400,
                    nanodollars: 5_600,
                }),
            }],
            seal_id: "v1".into(),
            seal_key: "abc".into(),
            manages: true,
            privacy_url: "https://acme.example/privacy".into(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn every_status_the_api_writes_is_read() {
        for (status, health) in [
            (CredentialStatus::Active, Health::Active),
            (CredentialStatus::Limited, Health::Limited),
            (CredentialStatus::Broken, Health::Broken),
        ] {
            let json = written(&a_credential(status));
            assert_eq!(credential(&json).health, health);
            assert_eq!(json["status"], health.as_str());
        }
    }

    #[test]
    fn what_the_api_writes_of_a_failure_is_read() {
        let detail = ErrorDetail {
            code: "key_refused".into(),
            message: "m".into(),
            request_id: "r".into(),
        };
        let read = failure(&written(&ErrorBody { error: detail }));
        let expected = Failure {
            code: Code::KeyRefused,
            request_id: "r".into(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn an_answer_without_providers_or_sealing_key_is_no_session() {
        for missing in ["providers", "sealingKey"] {
            let mut json = a_session();
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
