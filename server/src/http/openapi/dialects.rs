//! How each dialect tells errors.

use utoipa::ToSchema;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr, Response};

use super::operation::{JSON, Op, answer};

/// What a route's callers speak.
#[derive(Clone, Copy)]
pub(super) enum Speaks {
    OpenAi,
    Anthropic,
    Gemini,
    /// What its headers say.
    Any,
}

/// An error as OpenAI tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct OpenAiError {
    /// What went wrong.
    error: OpenAiErrorDetail,
}

/// What went wrong, as OpenAI tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct OpenAiErrorDetail {
    /// A sentence for people.
    message: String,
    /// OpenAI's word for the kind of error.
    r#type: Option<String>,
    /// Relay's code or the provider's.
    code: Option<String>,
    /// The field at fault.
    param: Option<String>,
}

/// An error as Anthropic tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct AnthropicError {
    /// Always `error`.
    r#type: String,
    /// What went wrong.
    error: AnthropicErrorDetail,
}

/// What went wrong, as Anthropic tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct AnthropicErrorDetail {
    /// Anthropic's word for the kind of error.
    r#type: String,
    /// A sentence for people.
    message: String,
    /// Relay's code or the provider's.
    code: Option<String>,
}

/// An error as Google tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct GeminiError {
    /// What went wrong.
    error: GeminiErrorDetail,
}

/// What went wrong, as Google tells it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct GeminiErrorDetail {
    /// The HTTP status.
    code: u16,
    /// A sentence for people.
    message: String,
    /// Google's word for the kind of error.
    status: String,
    /// Relay's code is the first one's `reason`.
    details: Option<Vec<GeminiErrorReason>>,
}

/// Why, for a program.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is what it is for")]
struct GeminiErrorReason {
    /// Relay's code or the provider's.
    reason: Option<String>,
}

/// The errors of an inference route.
pub(super) fn failing(mut op: Op, speaks: Speaks) -> Op {
    let name = match speaks {
        Speaks::OpenAi => "OpenAiProblem",
        Speaks::Anthropic => "AnthropicProblem",
        Speaks::Gemini => "GeminiProblem",
        Speaks::Any => "ProblemOfEitherShape",
    };
    op.refer::<OpenAiError>();
    op.refer::<AnthropicError>();
    op.refer::<GeminiError>();
    op.answers_as("4XX", name).answers_as("5XX", name)
}

/// The errors of each dialect, for the components.
pub(super) fn problems() -> Vec<(&'static str, Response)> {
    let meaning = "The call is at fault, may not be made, or failed.";
    let shape = Ref::from_schema_name;
    let either = OneOfBuilder::new()
        .item(shape("OpenAiError"))
        .item(shape("AnthropicError"))
        .item(shape("GeminiError"));
    let shapes: [(_, RefOr<Schema>); 4] = [
        ("OpenAiProblem", shape("OpenAiError").into()),
        ("AnthropicProblem", shape("AnthropicError").into()),
        ("GeminiProblem", shape("GeminiError").into()),
        ("ProblemOfEitherShape", either.into()),
    ];
    shapes
        .into_iter()
        .map(|(name, schema)| (name, answer(meaning, &[(JSON, schema)])))
        .collect()
}
