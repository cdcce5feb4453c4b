//! The routes by which apps call models, each also below the name of the API it is of.

use super::super::{inference, models, responses};
use super::{Access, DELETE, GET, POST, Routes};

const STORED_RESPONSE: [&str; 2] = ["/v1/responses/{id}", "/openai/v1/responses/{id}"];

const MODELS: [&str; 6] = [
    "/v1/models",
    "/v1beta/models",
    "/openai/v1/models",
    "/anthropic/v1/models",
    "/gemini/v1beta/models",
    "/gemini/v1/models",
];

const MODEL: [&str; 6] = [
    "/v1/models/{*id}",
    "/v1beta/models/{*id}",
    "/openai/v1/models/{*id}",
    "/anthropic/v1/models/{*id}",
    "/gemini/v1beta/models/{*id}",
    "/gemini/v1/models/{*id}",
];

pub(super) fn add(routes: Routes) -> Routes {
    use Access::Inference;
    routes
        .add_all(
            &POST,
            &["/v1/chat/completions", "/openai/v1/chat/completions"],
            Inference,
            &inference::chat,
        )
        .add_all(
            &POST,
            &["/v1/embeddings", "/openai/v1/embeddings"],
            Inference,
            &inference::embeddings,
        )
        .add_all(
            &POST,
            &["/v1/responses", "/openai/v1/responses"],
            Inference,
            &inference::chat,
        )
        .add_all(
            &POST,
            &[
                "/v1/responses/input_tokens",
                "/openai/v1/responses/input_tokens",
            ],
            Inference,
            &inference::count_tokens,
        )
        .add_all(&GET, &STORED_RESPONSE, Inference, &responses::show)
        .add_all(&DELETE, &STORED_RESPONSE, Inference, &responses::remove)
        .add_all(
            &GET,
            &[
                "/v1/responses/{id}/input_items",
                "/openai/v1/responses/{id}/input_items",
            ],
            Inference,
            &responses::input_items,
        )
        .add_all(
            &POST,
            &[
                "/v1/responses/{id}/cancel",
                "/openai/v1/responses/{id}/cancel",
            ],
            Inference,
            &responses::cancel,
        )
        .add_all(
            &POST,
            &["/v1/messages", "/anthropic/v1/messages"],
            Inference,
            &inference::chat,
        )
        .add_all(
            &POST,
            &[
                "/v1/messages/count_tokens",
                "/anthropic/v1/messages/count_tokens",
            ],
            Inference,
            &inference::count_tokens,
        )
        .add_all(
            &POST,
            &[
                "/v1beta/models/{*id}",
                "/v1/models/{*id}",
                "/gemini/v1beta/models/{*id}",
                "/gemini/v1/models/{*id}",
            ],
            Inference,
            &inference::gemini,
        )
        .add_all(&GET, &MODELS, Inference, &models::list)
        .add_all(&GET, &MODEL, Inference, &models::show)
}
