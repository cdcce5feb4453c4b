//! `docs/error-tables.md`, written from what was seen.

use std::fmt::Write as _;
use std::path::Path;

use super::cell::{Cell, Failure, Inbound, Upstream};
use super::rules;
use super::told::Told;

const DOC: &str = "docs/error-tables.md";
const WRITE: &str = "RELAY_WRITE_DOCS";

/// What a call was told.
pub(super) struct Row {
    pub(super) cell: Cell,
    pub(super) told: Result<Told, String>,
}

impl Row {
    /// What is wrong with it.
    pub(super) fn fault(&self) -> Option<String> {
        let fault = match &self.told {
            Ok(told) => rules::fault(self.cell, told)?,
            Err(fault) => fault.clone(),
        };
        Some(format!("{}: {fault}", self.cell))
    }
}

/// Fails if the document is not what was seen; writes it if asked to.
pub(super) fn compare(rows: &[Row]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(DOC);
    let seen = document(rows);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &seen).expect("the document can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written
        .lines()
        .zip(seen.lines())
        .find(|(written, seen)| written != seen);
    assert!(
        written == seen,
        "{DOC} is not what was seen; {WRITE}=1 writes it anew. The first line that differs: {differs:?}"
    );
}

fn document(rows: &[Row]) -> String {
    let mut out = String::from(
        "# Error tables\n\n\
         What a client is told when a provider fails, by the client's dialect. Every line was seen: the\n\
         server test `error_tables` makes each failure happen in front of a running Relay, checks the answer\n\
         against the rules in `server/tests/suite/error_tables/rules.rs`, and writes this page\n\
         (`RELAY_WRITE_DOCS=1`). `docs/errors.md` says what Relay's own codes mean and what to do.\n\n\
         *Upstream* is the dialect in which Relay called the provider. Once a stream has begun, there is no\n\
         status to be had any more: *in the stream* means that the error is the stream's last event, in the\n\
         dialect's shape, and that nothing before it says that the answer is whole. Words in *italics* are the\n\
         provider's own. *Code* is `error.code` for clients of OpenAI and Anthropic, and\n\
         `error.details[0].reason` for those of Gemini.\n",
    );
    for (title, inbounds) in DIALECTS {
        let _ = write!(
            out,
            "\n## {title}\n\n\
             | The provider | Upstream | Answer | Told | {} | Code | `Retry-After` | Message |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            kind_title(inbounds[0]),
        );
        for failure in Failure::ALL {
            for (upstreams, answers, line) in lines(rows, inbounds, failure) {
                let _ = writeln!(
                    out,
                    "| {} | {upstreams} | {answers} | {line} |",
                    happened(failure)
                );
            }
        }
    }
    out
}

const DIALECTS: [(&str, &[Inbound]); 4] = [
    (
        "OpenAI Chat: `POST /v1/chat/completions`",
        &[
            Inbound::Chat { streamed: false },
            Inbound::Chat { streamed: true },
        ],
    ),
    (
        "OpenAI Responses: `POST /v1/responses`",
        &[
            Inbound::Responses { streamed: false },
            Inbound::Responses { streamed: true },
        ],
    ),
    (
        "Anthropic: `POST /v1/messages`",
        &[
            Inbound::Messages { streamed: false },
            Inbound::Messages { streamed: true },
        ],
    ),
    (
        "Gemini: `POST /v1beta/models/{model}:generateContent`, `:streamGenerateContent`",
        &[
            Inbound::Gemini { streamed: false },
            Inbound::Gemini { streamed: true },
            Inbound::GeminiArray,
        ],
    ),
];

const fn kind_title(inbound: Inbound) -> &'static str {
    match inbound {
        Inbound::Chat { .. } | Inbound::Responses { .. } | Inbound::Messages { .. } => "`type`",
        Inbound::Gemini { .. } | Inbound::GeminiArray => "`status`",
    }
}

/// A failure's lines: upstreams and answers that are told the same share one.
fn lines(rows: &[Row], inbounds: &[Inbound], failure: Failure) -> Vec<(String, String, String)> {
    // By answer, what each upstream leads to.
    let mut by_line: Vec<(String, Vec<(Inbound, Upstream)>)> = Vec::new();
    for row in rows {
        let Cell {
            inbound, upstream, ..
        } = row.cell;
        if row.cell.failure != failure || !inbounds.contains(&inbound) {
            continue;
        }
        let line = row
            .told
            .as_ref()
            .map_or_else(Clone::clone, |told| line(told, failure, upstream.name()));
        match by_line.iter_mut().find(|(known, _)| *known == line) {
            Some((_, pairs)) => pairs.push((inbound, upstream)),
            None => by_line.push((line, vec![(inbound, upstream)])),
        }
    }
    let mut lines = Vec::new();
    for (line, pairs) in by_line {
        // Upstreams with the same answers share a line; those with others have their own.
        let mut by_answers: Vec<(Vec<Inbound>, Vec<Upstream>)> = Vec::new();
        for upstream in Upstream::ALL {
            let answers: Vec<Inbound> = pairs
                .iter()
                .filter(|pair| pair.1 == upstream)
                .map(|pair| pair.0)
                .collect();
            match by_answers.iter_mut().find(|(known, _)| *known == answers) {
                _ if answers.is_empty() => {}
                Some((_, upstreams)) => upstreams.push(upstream),
                None => by_answers.push((answers, vec![upstream])),
            }
        }
        for (answers, upstreams) in by_answers {
            lines.push((
                upstream_names(&upstreams),
                answer_names(&answers, inbounds),
                line.clone(),
            ));
        }
    }
    lines
}

fn upstream_names(upstreams: &[Upstream]) -> String {
    if upstreams.len() == Upstream::ALL.len() {
        return "any".to_owned();
    }
    let names = upstreams.iter().map(|upstream| match upstream {
        Upstream::Chat => "Chat",
        Upstream::Responses => "Responses",
        Upstream::Messages => "Anthropic",
        Upstream::Gemini => "Gemini",
    });
    names.collect::<Vec<_>>().join(", ")
}

fn answer_names(answers: &[Inbound], all: &[Inbound]) -> String {
    if answers.len() == all.len() {
        return "whole, streamed".to_owned();
    }
    let names = answers.iter().map(|inbound| match inbound {
        Inbound::GeminiArray => "streamed as an array",
        other if other.streamed() => "streamed",
        _ => "whole",
    });
    names.collect::<Vec<_>>().join(", ")
}

fn line(told: &Told, failure: Failure, provider: &str) -> String {
    let status = if told.in_stream {
        "in the stream".to_owned()
    } else {
        told.status.to_string()
    };
    let code = match &told.code {
        Some(code) => format!("`{code}`"),
        None => "-".to_owned(),
    };
    let theirs = matches!(
        failure,
        Failure::Status(_) | Failure::Limited | Failure::ErrorLater
    ) && failure != Failure::Status(401);
    let message = told.message.replace(provider, "PROVIDER");
    let message = if theirs {
        format!("*{message}*")
    } else {
        message
    };
    let retry_after = told.retry_after.as_deref().unwrap_or("-");
    let kind = &told.kind;
    format!("{status} | `{kind}` | {code} | {retry_after} | {message}")
}

/// What the provider did, as the first column says it.
fn happened(failure: Failure) -> String {
    match failure {
        Failure::Status(401) => "refuses the key (401)".to_owned(),
        Failure::Status(status) => format!("answers {status}"),
        Failure::Limited => "answers 429, come back in 17 s".to_owned(),
        Failure::Silent => "never answers".to_owned(),
        Failure::Refused => "refuses the connection".to_owned(),
        Failure::Untrusted => "shows a certificate of its own making".to_owned(),
        Failure::Reset => "breaks the connection before it answers".to_owned(),
        Failure::Closed => "closes the connection before it answers".to_owned(),
        Failure::ResetLater => "breaks the connection in mid-answer".to_owned(),
        Failure::ClosedLater => "ends in mid-answer".to_owned(),
        Failure::SilentLater => "falls silent in mid-answer".to_owned(),
        Failure::ErrorLater => "reports an error in mid-stream".to_owned(),
    }
}
