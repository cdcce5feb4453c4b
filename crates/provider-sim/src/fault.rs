//! A refusal, before it takes its provider's shape.

/// Why a provider refuses a request. Each provider words it in its own error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// HTTP status.
    pub(crate) status: u16,
    /// What a person reads.
    pub(crate) message: String,
    /// OpenAI's `code`; Gemini's `reason` in the error's details.
    pub(crate) code: Option<&'static str>,
    /// The field at fault, where OpenAI names it in `param`.
    pub(crate) param: Option<String>,
    /// In how many seconds to come back, where Google tells it in the body.
    pub(crate) retry_seconds: Option<u64>,
}

impl Fault {
    /// A refusal with a status and a message.
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
            param: None,
            retry_seconds: None,
        }
    }

    /// A request that the provider cannot make sense of.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// A required field is not there.
    pub(crate) fn missing(param: &str, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.to_owned()),
            ..Self::invalid(message)
        }
    }

    /// With the provider's word for programs.
    pub(crate) fn code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }
}
