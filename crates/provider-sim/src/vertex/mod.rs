//! Google's Vertex AI: a service account's signed assertion is exchanged for a token (`/token`),
//! which opens Gemini below `/v1/projects/...`.
//! Shapes: <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference>,
//! <https://developers.google.com/identity/protocols/oauth2/service-account>.

mod token;

use crate::deliver::Payload;
use crate::fault::Fault;
use crate::gemini;
use crate::serve::Call;

/// Where tokens are given, below the provider's base: the one path that is open to all.
pub(crate) const TOKEN_PATH: &str = "/token";

/// Takes an access token as the bearer, nothing else.
pub(crate) fn authenticate(
    bearer: Option<&str>,
    accepts: impl Fn(&str) -> bool,
) -> Result<String, Fault> {
    match bearer {
        Some(token) if accepts(token) => Ok(token.to_owned()),
        Some(_) => Err(Fault::new(
            401,
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
             cookie or other valid authentication credential.",
        )
        .code("ACCESS_TOKEN_TYPE_UNSUPPORTED")),
        None => Err(Fault::new(
            401,
            "Request is missing required authentication credential. Expected OAuth 2 access \
             token, login cookie or other valid authentication credential.",
        )
        .code("CREDENTIALS_MISSING")),
    }
}

pub(crate) fn answer(call: &Call<'_>) -> Result<Payload, Fault> {
    let below: Vec<&str> = call.path.split('/').skip(1).collect();
    match (call.method, below.as_slice()) {
        ("POST", ["token"]) => Ok(token::exchange(call.shared, call.body, call.number)),
        (
            "POST",
            [
                "v1" | "v1beta1",
                "projects",
                _,
                "locations",
                _,
                "publishers",
                "google",
                "models",
                resource,
            ],
        ) => match resource.split_once(':') {
            Some((model, operation)) => gemini::operate(call, model, operation),
            None => Err(not_found()),
        },
        _ => Err(not_found()),
    }
}

fn not_found() -> Fault {
    Fault::new(404, "Requested entity was not found.")
}
