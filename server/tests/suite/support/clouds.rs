//! What tests of cloud providers share: their rows, which lead to the simulated ones, and a
//! service account that nobody has.

use std::fs;

use relay_server::config::Config;
use serde_json::{Value, json};

use super::{Reply, Tenant, TestApp};
use crate::shapes::SHAPES;

/// The service account's address, which is what the simulated Vertex allows as a key.
pub(crate) const ACCOUNT: &str = "relay@simulated.iam.gserviceaccount.com";
/// The other half of its key.
pub(crate) const PUBLIC_KEY: &[u8] = include_bytes!("keys/service-account-public.pem");

const PRIVATE_KEY: &str = include_str!("keys/service-account.pem");

/// Lets the clouds' rows lead to the simulated ones.
pub(crate) fn simulate_clouds(config: &mut Config) {
    let openai = config.host_urls["openai"].as_str();
    let sim = openai.strip_suffix("/openai/v1").expect("the simulation");
    let rows = format!(
        r#"
        [[host]]
        id = "vertex"
        name = "Google Vertex AI"
        base_url = "{sim}/vertex/v1"
        region = "global"
        paths = "vertex-publisher"
        dialects = ["gemini"]
        auth = "google-service-account"
        token_url = "{sim}/vertex/token"
        check = ""

        [[host]]
        id = "bedrock"
        name = "Amazon Bedrock"
        base_url = "{sim}/bedrock"
        region = "us-east-1"
        dialects = ["bedrock-converse"]
        auth = "aws"
        check = "/async-invoke?maxResults=1"
        "#
    );
    let path = config.data_dir.join("catalog.toml");
    fs::write(&path, rows).expect("written");
    config.catalog = Some(path);
}

/// A service account's key file, as Google gives it, but for where its token comes from.
pub(crate) fn service_account() -> Value {
    json!({
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "0123456789abcdef0123456789abcdef0123beef",
        "private_key": PRIVATE_KEY,
        "client_email": ACCOUNT,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    })
}

impl TestApp {
    /// Asks `model` for the user `u` as every dialect's client does, whole and streamed, and
    /// expects the simulated providers' usual answer.
    pub(crate) async fn assert_every_client_is_answered(&self, tenant: &Tenant, model: &str) {
        for shape in &SHAPES {
            for streamed in [false, true] {
                let request = shape.request(self, tenant, model, streamed);
                let reply = Reply::of(request.header("X-Relay-User", "u")).await;
                let what = format!("{} to {model}: {}", shape.name, reply.text);
                assert_eq!(reply.status, 200, "{what}");
                if streamed {
                    assert!(reply.text.contains(shape.ends), "{what}");
                } else {
                    let text = reply.json().pointer(shape.text).cloned();
                    assert_eq!(text, Some(json!("You said: hi")), "{what}");
                }
            }
        }
    }
}
