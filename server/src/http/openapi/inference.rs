//! Calls of models: their paths, and whose document defines their bodies.

use http::Method;
use serde_json::json;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};

use super::dialects::{Speaks, failing};
use super::operation::{JSON, Op, anything, free_form, inline, op, text};
use super::tag::Tag::Inference;

pub(super) const GEMINI_METHODS: [&str; 5] = [
    "generateContent",
    "streamGenerateContent",
    "countTokens",
    "embedContent",
    "batchEmbedContents",
];

const OPENAI_CHAT: &str = "https://platform.openai.com/docs/api-reference/chat/create";
const OPENAI_EMBEDDINGS: &str = "https://platform.openai.com/docs/api-reference/embeddings/create";
const OPENAI_RESPONSES: &str = "https://platform.openai.com/docs/api-reference/responses";
const ANTHROPIC_MESSAGES: &str = "https://docs.anthropic.com/en/api/messages";
const ANTHROPIC_COUNT: &str = "https://docs.anthropic.com/en/api/messages-count-tokens";
const GEMINI: &str = "https://ai.google.dev/api/generate-content";

pub(super) fn operations() -> Vec<Op> {
    let tables = [openai(), responses(), anthropic(), gemini(), models()];
    tables.into_iter().flatten().collect()
}

/// The same operation at several paths, each with what is added to the operation's id there.
fn at(
    paths: &[(&'static str, &str)],
    method: &Method,
    id: &str,
    summary: &'static str,
    describe: impl Fn(Op) -> Op,
) -> Vec<Op> {
    paths
        .iter()
        .map(|(path, suffix)| {
            let id = format!("{id}{suffix}");
            describe(for_whom(op(Inference, method.clone(), path, &id, summary)))
        })
        .collect()
}

fn for_whom(op: Op) -> Op {
    let header = |name: &str, description: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
    };
    let user = header(
        "X-Relay-User",
        "The label of the end user this call is for: their key is used.",
    );
    let paid = header(
        "X-Relay-Paid",
        "Whether this end user pays, for limits on the free tier.",
    );
    op.parameter(user.schema(Some(text())).example(Some(json!("ada"))))
        .parameter(paid.schema(Some(inline::<bool>())))
}

/// The body, the answer (whole, or as a stream of events) and the errors of a dialect.
fn call(op: Op, speaks: Speaks, document: &str, streams: bool) -> Op {
    let defined = format!("As {document} defines it.");
    let answer = whole(op.details(&defined), speaks, &defined, streams);
    answer.takes_json(free_form(&defined), None)
}

fn whole(op: Op, speaks: Speaks, defined: &str, streams: bool) -> Op {
    let mut content = vec![(JSON, free_form(defined))];
    if streams {
        content.push(("text/event-stream", text().into()));
    }
    failing(op.answers_with("200", defined, &content), speaks)
}

fn openai() -> Vec<Op> {
    let chat = at(
        &[
            ("/v1/chat/completions", ""),
            ("/openai/v1/chat/completions", "AtOpenAi"),
        ],
        &Method::POST,
        "createChatCompletion",
        "Answers a chat, in OpenAI's shape.",
        |op| call(op, Speaks::OpenAi, OPENAI_CHAT, true),
    );
    let embeddings = at(
        &[
            ("/v1/embeddings", ""),
            ("/openai/v1/embeddings", "AtOpenAi"),
        ],
        &Method::POST,
        "createEmbedding",
        "Embeds text, in OpenAI's shape.",
        |op| call(op, Speaks::OpenAi, OPENAI_EMBEDDINGS, false),
    );
    [chat, embeddings].into_iter().flatten().collect()
}

fn responses() -> Vec<Op> {
    let defined = format!("As {OPENAI_RESPONSES} defines it.");
    let stored = |op: Op| {
        let asked = format!(
            "Asked of OpenAI, which keeps it, with the query as it is. As {OPENAI_RESPONSES} \
             defines it."
        );
        whole(op.details(asked), Speaks::OpenAi, &defined, false)
    };
    let shown = |op: Op| {
        let asked = "Asked of OpenAI, which keeps it, with the query as it is; `stream=true` \
                     answers events.";
        whole(op.details(asked), Speaks::OpenAi, &defined, true).query_of(
            "stream",
            "Whether to stream it.",
            &["true", "false"],
        )
    };
    let one = [
        ("/v1/responses/{id}", ""),
        ("/openai/v1/responses/{id}", "AtOpenAi"),
    ];
    let tables = [
        at(
            &[("/v1/responses", ""), ("/openai/v1/responses", "AtOpenAi")],
            &Method::POST,
            "createResponse",
            "Answers a chat, in the shape of OpenAI's Responses.",
            |op| call(op, Speaks::OpenAi, OPENAI_RESPONSES, true),
        ),
        at(
            &[
                ("/v1/responses/input_tokens", ""),
                ("/openai/v1/responses/input_tokens", "AtOpenAi"),
            ],
            &Method::POST,
            "countResponseInputTokens",
            "Counts what a response would read.",
            |op| call(op, Speaks::OpenAi, OPENAI_RESPONSES, false),
        ),
        at(
            &one,
            &Method::GET,
            "getResponse",
            "Shows a response that OpenAI keeps.",
            shown,
        ),
        at(
            &one,
            &Method::DELETE,
            "deleteResponse",
            "Removes a response that OpenAI keeps.",
            stored,
        ),
        at(
            &[
                ("/v1/responses/{id}/input_items", ""),
                ("/openai/v1/responses/{id}/input_items", "AtOpenAi"),
            ],
            &Method::GET,
            "listResponseInputItems",
            "Lists what a response that OpenAI keeps was made of.",
            stored,
        ),
        at(
            &[
                ("/v1/responses/{id}/cancel", ""),
                ("/openai/v1/responses/{id}/cancel", "AtOpenAi"),
            ],
            &Method::POST,
            "cancelResponse",
            "Stops a response that OpenAI makes in the background.",
            stored,
        ),
    ];
    tables.into_iter().flatten().collect()
}

fn anthropic() -> Vec<Op> {
    let messages = at(
        &[
            ("/v1/messages", ""),
            ("/anthropic/v1/messages", "AtAnthropic"),
        ],
        &Method::POST,
        "createMessage",
        "Answers a chat, in Anthropic's shape.",
        |op| call(op, Speaks::Anthropic, ANTHROPIC_MESSAGES, true),
    );
    let count = at(
        &[
            ("/v1/messages/count_tokens", ""),
            ("/anthropic/v1/messages/count_tokens", "AtAnthropic"),
        ],
        &Method::POST,
        "countMessageTokens",
        "Counts what a message would read.",
        |op| call(op, Speaks::Anthropic, ANTHROPIC_COUNT, false),
    );
    [messages, count].into_iter().flatten().collect()
}

fn gemini() -> Vec<Op> {
    let defined = format!("As {GEMINI} defines it.");
    at(
        &[
            ("/v1beta/models/{*id}", ""),
            ("/v1/models/{*id}", "AtV1"),
            ("/gemini/v1beta/models/{*id}", "AtGemini"),
            ("/gemini/v1/models/{*id}", "AtGeminiV1"),
        ],
        &Method::POST,
        "callGeminiModel",
        "Answers a chat, counts tokens or embeds, in Google's shape.",
        |op| {
            let path = op.path.replace("{id}", "{model}:{method}");
            let answer =
                "One object; `streamGenerateContent` answers an array, or events with `alt=sse`.";
            let op = op
                .shown_as(path)
                .details(format!("{defined} {answer}"))
                .query_of("alt", "`sse` streams events.", &["sse", "json"])
                .takes_json(free_form(&defined), None)
                .answers_with(
                    "200",
                    answer,
                    &[
                        (JSON, anything(&defined)),
                        ("text/event-stream", text().into()),
                    ],
                );
            failing(for_whom(op), Speaks::Gemini)
        },
    )
}

fn models() -> Vec<Op> {
    let defined = "In OpenAI's shape, in Anthropic's where the call has `anthropic-version`, in \
                   Google's where it has `x-goog-api-key` or the path is Google's.";
    let shape = |op: Op| {
        let speaks = match op.path.as_str() {
            path if path.starts_with("/openai") => Speaks::OpenAi,
            path if path.starts_with("/anthropic") => Speaks::Anthropic,
            path if path.starts_with("/gemini") || path.starts_with("/v1beta") => Speaks::Gemini,
            _ => Speaks::Any,
        };
        whole(op.details(defined), speaks, "In the caller's shape.", false)
    };
    let list = at(
        &[
            ("/v1/models", ""),
            ("/v1beta/models", "AtV1beta"),
            ("/openai/v1/models", "AtOpenAi"),
            ("/anthropic/v1/models", "AtAnthropic"),
            ("/gemini/v1beta/models", "AtGemini"),
            ("/gemini/v1/models", "AtGeminiV1"),
        ],
        &Method::GET,
        "listModels",
        "Lists the models that the caller may ask for.",
        shape,
    );
    let one = at(
        &[
            ("/v1/models/{*id}", ""),
            ("/v1beta/models/{*id}", "AtV1beta"),
            ("/openai/v1/models/{*id}", "AtOpenAi"),
            ("/anthropic/v1/models/{*id}", "AtAnthropic"),
            ("/gemini/v1beta/models/{*id}", "AtGemini"),
            ("/gemini/v1/models/{*id}", "AtGeminiV1"),
        ],
        &Method::GET,
        "getModel",
        "Shows a model that the caller may ask for.",
        shape,
    );
    [list, one].into_iter().flatten().collect()
}
