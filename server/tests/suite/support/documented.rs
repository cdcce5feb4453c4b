//! Holds every answer of Relay's to the document of its API: a status that is said, and JSON of the
//! schema that is said. What Relay took from its caller is held to it too.

use std::collections::HashMap;
use std::fs;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, as it is committed.
pub(crate) const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

/// What a route may answer: by status, the validator of its JSON, if it is JSON.
type Answers = HashMap<String, Option<Validator>>;

struct Operation {
    method: String,
    /// Its path's pieces between slashes.
    pattern: Vec<String>,
    /// What the last piece may end with, where that is not open.
    ends: Vec<String>,
    takes: Option<Validator>,
    answers: Answers,
}

fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let Ok(text) = fs::read_to_string(DOCUMENT) else {
            return Vec::new();
        };
        let document: Value = serde_json::from_str(&text).expect("docs/openapi.json is JSON");
        let paths = document["paths"].as_object().expect("paths");
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().expect("operations") {
                let answers = operation["responses"].as_object().expect("answers");
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let ends = parameters
                    .filter(|parameter| parameter["in"] == "path")
                    .filter_map(|parameter| parameter["schema"]["enum"].as_array())
                    .flatten()
                    .filter_map(|word| Some(format!(":{}", word.as_str()?)))
                    .collect();
                operations.push(Operation {
                    method: method.to_uppercase(),
                    pattern: path.split('/').map(str::to_owned).collect(),
                    ends,
                    takes: validator(&document, &operation["requestBody"]),
                    answers: answers
                        .iter()
                        .map(|(status, answer)| (status.clone(), validator(&document, answer)))
                        .collect(),
                });
            }
        }
        operations
    })
}

fn validator(document: &Value, answer: &Value) -> Option<Validator> {
    let referred = answer["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    let answer = referred.map_or(answer, |to| document.pointer(to).expect("an answer"));
    let schema = answer["content"]["application/json"].get("schema")?;
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    Some(jsonschema::draft202012::new(&schema).expect("a schema"))
}

impl Operation {
    /// How many of the path's pieces it names itself, if it is the path's.
    fn fits(&self, method: &str, path: &str) -> Option<usize> {
        let open = |piece: &str| piece.starts_with('{');
        let given: Vec<&str> = path.split('/').collect();
        let last = self.pattern.last().map_or("", String::as_str);
        // The ids of models have slashes.
        let rest = open(last) && self.pattern.iter().any(|piece| piece == "models");
        let long_enough = if rest {
            given.len() >= self.pattern.len()
        } else {
            given.len() == self.pattern.len()
        };
        let pieces = self.pattern.iter().zip(&given);
        let same = pieces
            .clone()
            .all(|(piece, given)| open(piece) && !given.is_empty() || piece == given);
        let ends = self.ends.is_empty() || self.ends.iter().any(|end| path.ends_with(end));
        (self.method == method && long_enough && same && ends)
            .then(|| pieces.filter(|(piece, _)| !open(piece)).count())
    }
}

/// An answer, and what it answers.
pub(super) struct Seen<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) sent: &'a [u8],
    pub(super) status: u16,
    pub(super) text: &'a str,
}

/// Fails if the document says otherwise of the route. What is no route of the document is let pass.
pub(super) fn assert_documented(seen: &Seen<'_>) {
    let Seen { method, path, .. } = seen;
    let operation = operations()
        .iter()
        .filter_map(|operation| Some((operation.fits(method, path)?, operation)))
        .max_by_key(|(named, _)| *named);
    let Some((_, operation)) = operation else {
        return;
    };
    let status = seen.status;
    let class = format!("{}XX", status / 100);
    let answers = &operation.answers;
    let answer = answers.get(&status.to_string()).or(answers.get(&class));
    let Some(answer) = answer else {
        panic!(
            "{method} {path} answers {status}, which docs/openapi.json does not say: {}",
            seen.text
        );
    };
    let mut held = vec![(answer, seen.text.as_bytes())];
    if status < 300 {
        held.push((&operation.takes, seen.sent));
    }
    for (validator, json) in held {
        let (Some(validator), Ok(json)) = (validator, serde_json::from_slice(json)) else {
            continue;
        };
        let faults = validator.iter_errors(&json);
        let faults: Vec<String> = faults
            .map(|fault| format!("{fault} at {}", fault.instance_path()))
            .collect();
        assert!(
            faults.is_empty(),
            "{method} {path} {status} is not what docs/openapi.json says: {faults:?} in {json}"
        );
    }
}
