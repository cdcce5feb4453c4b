//! The simulated Vertex AI.

use crate::support::{Answer, send, sim};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use relay_provider_sim::{Provider, Reply, Sim};
use serde_json::{Value, json};

const ACCOUNT: &str = "relay@simulated.iam.gserviceaccount.com";
const MODEL: &str =
    "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash";

async fn vertex() -> Sim {
    let sim = sim().await;
    sim.allow_key("vertex", ACCOUNT);
    sim
}

fn claims(sim: &Sim) -> Value {
    json!({
        "iss": ACCOUNT, "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": format!("{}/token", sim.url(Provider::Vertex)), "iat": 1000, "exp": 4600,
    })
}

async fn token(sim: &Sim, claims: &Value) -> Answer {
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let parts = [header.to_string(), claims.to_string(), "signed".to_owned()];
    let assertion = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}"
    );
    post_form(sim, form).await
}

async fn post_form(sim: &Sim, form: String) -> Answer {
    let url = format!("{}/token", sim.url(Provider::Vertex));
    let content_type = [("content-type", "application/x-www-form-urlencoded")];
    crate::support::send_bytes("POST", &url, &content_type, form.into()).await
}

async fn generate(sim: &Sim, token: &str) -> Answer {
    let url = format!("{}{MODEL}:generateContent", sim.url(Provider::Vertex));
    let bearer = format!("Bearer {token}");
    let request = json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]});
    send("POST", &url, &[("authorization", &bearer)], &request).await
}

#[tokio::test]
async fn an_assertion_is_exchanged_for_a_token_that_opens_gemini() {
    let sim = vertex().await;
    // A script is about the model; the token on the way to it does not use it up.
    sim.script("vertex", Reply::text("scripted"));
    let given = token(&sim, &claims(&sim)).await.json();
    let token = given["access_token"].as_str().expect("a token");
    assert_eq!(given["token_type"], "Bearer");
    let answer = generate(&sim, token).await.json();
    let said = &answer["candidates"][0]["content"]["parts"][0]["text"];
    assert_eq!(said, "scripted");
    assert_eq!(generate(&sim, "ya29.other").await.status, 401);
}

#[tokio::test]
async fn what_is_no_good_assertion_gets_no_token() {
    let sim = vertex().await;
    for (field, value, error) in [
        ("iss", json!("other@simulated"), "invalid_grant"),
        ("aud", json!("https://elsewhere.example"), "invalid_grant"),
        ("exp", json!(100_000), "invalid_grant"),
        ("scope", json!(""), "invalid_scope"),
    ] {
        let mut claims = claims(&sim);
        claims[field] = value;
        let answer = token(&sim, &claims).await;
        assert_eq!(answer.status, 400, "{field}");
        assert_eq!(answer.json()["error"], error, "{field}");
    }
    let answer = post_form(&sim, "grant_type=password".to_owned()).await;
    assert_eq!(answer.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn the_token_endpoint_fails_when_a_script_says_so() {
    let sim = vertex().await;
    sim.script("vertex", Reply::error(503, "Not now.").on("/token"));
    assert_eq!(token(&sim, &claims(&sim)).await.status, 503);
    assert_eq!(token(&sim, &claims(&sim)).await.status, 200);
}
