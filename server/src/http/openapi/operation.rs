//! The words in which the tables say what a route takes and answers.

use http::Method;
use serde_json::{Value, json};
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{AdditionalProperties, Schema, SchemaType, Type};
use utoipa::openapi::{
    ArrayBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::security;
use super::tag::Tag;
use crate::http::routes::Access;

pub(super) const JSON: &str = "application/json";

/// The errors that many of Relay's own routes share: status, name, what it means.
const PROBLEMS: [(&str, &str, &str); 6] = [
    (
        "400",
        "Unusable",
        "What was sent cannot be used: `invalid_request`, `invalid_json`, ...",
    ),
    (
        "401",
        "Unknown",
        "Nobody may call with what was sent, or nothing was.",
    ),
    ("403", "Forbidden", "The caller may not do this."),
    ("404", "NotFound", "There is no such thing: `not_found`."),
    (
        "413",
        "TooLarge",
        "The body is too large: `body_too_large`.",
    ),
    (
        "5XX",
        "Failed",
        "Relay failed, or could not reach its database or a provider.",
    ),
];

/// The errors of every call that names itself by an idempotency key.
const OF_KEYS: [(&str, &str, &str); 2] = [
    (
        "409",
        "KeyInUse",
        "A call with this `Idempotency-Key` is under way, `idempotency_in_progress`, or was done and \
         its answer is not kept, `idempotency_answer_not_kept`.",
    ),
    (
        "422",
        "KeyReused",
        "This `Idempotency-Key` was sent with another body: `idempotency_key_reused`.",
    ),
];

/// The shared errors, for the components.
pub(super) fn problems() -> Vec<(&'static str, Response)> {
    let schema: RefOr<Schema> = Ref::from_schema_name("ErrorBody").into();
    let shared = PROBLEMS.into_iter().chain(OF_KEYS);
    shared
        .map(|(_, name, meaning)| (name, answer(meaning, &[(JSON, schema.clone())])))
        .collect()
}

/// An answer of these kinds of content.
pub(super) fn answer(description: &str, content: &[(&str, RefOr<Schema>)]) -> Response {
    let mut response = ResponseBuilder::new().description(description);
    for (media, schema) in content {
        let content = ContentBuilder::new().schema(Some(schema.clone()));
        response = response.content(*media, content.build());
    }
    response.build()
}

/// A schema under the name it has among the components.
pub(super) type Named = (String, RefOr<Schema>);

/// What one route does.
pub(super) struct Op {
    pub(super) method: Method,
    /// The route, as the router knows it.
    pub(super) route: &'static str,
    /// The path in the document.
    pub(super) path: String,
    /// The schemas it refers to.
    pub(super) schemas: Vec<Named>,
    id: String,
    tag: Tag,
    summary: &'static str,
    details: String,
    parameters: Vec<Parameter>,
    body: Option<utoipa::openapi::request_body::RequestBody>,
    answers: Vec<(String, RefOr<Response>)>,
}

/// The operation of a route, with the parameters of its path.
pub(super) fn op(
    tag: Tag,
    method: Method,
    route: &'static str,
    id: &str,
    summary: &'static str,
) -> Op {
    let path = route.replace("{*", "{");
    let op = Op {
        method,
        route,
        path,
        schemas: Vec::new(),
        id: id.to_owned(),
        tag,
        summary,
        details: String::new(),
        parameters: Vec::new(),
        body: None,
        answers: Vec::new(),
    };
    op.path_parameters()
}

impl Op {
    /// Another path than the router's pattern, which knows no parameter within a segment.
    pub(super) fn shown_as(mut self, path: String) -> Self {
        self.path = path;
        self.parameters.clear();
        self.path_parameters()
    }

    /// What there is to say beyond the summary.
    pub(super) fn details(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }

    pub(super) fn parameter(mut self, parameter: ParameterBuilder) -> Self {
        self.parameters.push(parameter.build());
        self
    }

    /// An optional text in the query.
    pub(super) fn query(self, name: &str, description: &str) -> Self {
        self.query_as(name, description, text())
    }

    /// One of a few words in the query.
    pub(super) fn query_of(self, name: &str, description: &str, words: &[&str]) -> Self {
        self.query_as(name, description, one_of(words))
    }

    pub(super) fn query_as(
        self,
        name: &str,
        description: &str,
        schema: impl Into<RefOr<Schema>>,
    ) -> Self {
        self.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(schema)),
        )
    }

    /// `?limit=&cursor=`
    pub(super) fn paged(self) -> Self {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(200))
            .default(Some(json!(50)));
        self.query_as("limit", "How many rows at most.", limit)
            .query("cursor", "`nextCursor` of the page before.")
    }

    /// A JSON body.
    pub(super) fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        let schema = self.refer::<T>();
        self.takes_json(schema, Some(example))
    }

    pub(super) fn takes_json(
        mut self,
        schema: impl Into<RefOr<Schema>>,
        example: Option<Value>,
    ) -> Self {
        let content = ContentBuilder::new().schema(Some(schema)).example(example);
        let body = RequestBodyBuilder::new()
            .content(JSON, content.build())
            .required(Some(Required::True));
        self.body = Some(body.build());
        self
    }

    /// A JSON answer.
    pub(super) fn answers<T: ToSchema>(mut self, status: u16, description: &str) -> Self {
        let schema = self.refer::<T>();
        self.answers_with(&status.to_string(), description, &[(JSON, schema)])
    }

    /// One page of a list.
    pub(super) fn answers_page_of<T: ToSchema>(mut self, description: &str) -> Self {
        let row = self.refer::<T>();
        let cursor = "Pass as `?cursor=` to get the next page; absent on the last one.";
        let page = ObjectBuilder::new()
            .description(Some("One page of a list."))
            .property("data", ArrayBuilder::new().items(row))
            .required("data")
            .property(
                "nextCursor",
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(cursor)),
            );
        let name = format!("{}Page", T::name());
        let schema = Ref::from_schema_name(&name).into();
        self.schemas.push((name, page.into()));
        self.answers_with("200", description, &[(JSON, schema)])
    }

    /// `204`
    pub(super) fn answers_nothing(self) -> Self {
        self.answers_with("204", "Done.", &[])
    }

    pub(super) fn answers_with(
        mut self,
        status: &str,
        description: &str,
        content: &[(&str, RefOr<Schema>)],
    ) -> Self {
        let response = answer(description, content);
        self.answers.push((status.to_owned(), response.into()));
        self
    }

    /// An error of its own, besides those that [`Op::describe`] knows every such route to have.
    pub(super) fn problem(mut self, status: u16, codes: &str) -> Self {
        let problem = self.problem_of(codes);
        self.answers.push((status.to_string(), problem));
        self
    }

    fn problem_of(&mut self, description: &str) -> RefOr<Response> {
        let schema = self.refer::<relay_api::ErrorBody>();
        answer(description, &[(JSON, schema)]).into()
    }

    /// The errors of Relay's own routes that follow from what the route is.
    pub(super) fn with_usual_problems(mut self, access: Access) -> Self {
        let takes = self.body.is_some();
        let mut found = self.parameters.iter();
        let named = found.any(|p| p.parameter_in == ParameterIn::Path);
        let asked = takes || !self.parameters.is_empty();
        let guarded = access != Access::Public;
        let applies = [asked, guarded, guarded, named, takes, true];
        for ((status, name, _), applies) in PROBLEMS.into_iter().zip(applies) {
            if applies && !self.answers.iter().any(|(known, _)| known == status) {
                self = self.answers_as(status, name);
            }
        }
        self
    }

    /// What a call may name itself by, and the errors that follow.
    pub(super) fn keyed(mut self) -> Self {
        let key = text().min_length(Some(1)).max_length(Some(255));
        self = self.parameter(
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Names this call, by a fresh UUID: sent again with the same key and body within \
                     24 hours it is not done again, and gets the first one's answer, with \
                     `Idempotency-Replayed: true`.",
                ))
                .schema(Some(key)),
        );
        for (status, name, meaning) in OF_KEYS {
            let own = self.answers.iter_mut().find(|(known, _)| known == status);
            if let Some((_, RefOr::T(own))) = own {
                own.description = format!("{} {meaning}", own.description);
            } else {
                self = self.answers_as(status, name);
            }
        }
        self
    }

    /// An answer that is among the components.
    pub(super) fn answers_as(mut self, status: &str, name: &str) -> Self {
        let answer = RefOr::Ref(Ref::from_response_name(name));
        self.answers.push((status.to_owned(), answer));
        self
    }

    /// A reference to a type's schema, which becomes a component.
    pub(super) fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        let reference = Ref::from_schema_name(&name).into();
        self.schemas.push((name, T::schema()));
        T::schemas(&mut self.schemas);
        reference
    }

    pub(super) fn describe(self, access: Access) -> Operation {
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag.name())
            .summary(Some(self.summary))
            .request_body(self.body)
            .securities(Some(security::of(access)));
        if !self.details.is_empty() {
            operation = operation.description(Some(self.details));
        }
        for parameter in self.parameters {
            operation = operation.parameter(parameter);
        }
        for (status, answer) in self.answers {
            operation = operation.response(status, answer);
        }
        operation.build()
    }

    fn path_parameters(mut self) -> Self {
        let path = self.path.clone();
        for piece in path.split('{').skip(1) {
            let name = piece.split('}').next().unwrap_or_default();
            let description = match (name, self.route) {
                ("label", _) => "The end user's label, percent-encoded.",
                ("provider", route) if route.starts_with("/api/") => {
                    "The sign-in provider's id: `google`, ..."
                }
                ("provider", _) => "The host's id: `openai`, `anthropic`, `google`, ...",
                ("name", _) => "1 to 64 lower-case letters, digits, `-` and `_`.",
                ("model", _) => "A model's name; its slashes may stay as they are.",
                ("method", _) => "What is asked of the model.",
                (_, route) if route.contains("/models/") => {
                    "The model's id; its slashes may stay as they are."
                }
                (_, route) if route.contains("/policies/") => "The policy's id, or its name.",
                _ => "The id.",
            };
            let schema: RefOr<Schema> = if name == "method" {
                one_of(&super::inference::GEMINI_METHODS).into()
            } else {
                text().into()
            };
            self.parameters.push(
                ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Path)
                    .required(Required::True)
                    .description(Some(description))
                    .schema(Some(schema))
                    .build(),
            );
        }
        self
    }
}

pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

pub(super) fn one_of(words: &[&str]) -> ObjectBuilder {
    text().enum_values(Some(words.iter().copied()))
}

/// An object whose fields another document defines.
pub(super) fn free_form(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .into()
}

/// Anything that JSON can say.
pub(super) fn anything(description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .description(Some(description))
        .into()
}

/// The schema of a type, written out where it stands.
pub(super) fn inline<T: PartialSchema>() -> RefOr<Schema> {
    T::schema()
}
