//! `GET /openapi.json`: every route that people and programs call, described. Tables beside this
//! file say what each route takes and answers, in the types of `relay_api`; the route list says
//! who may call it; tests hold the two together, and every answer they see to the document.

mod dialects;
mod inference;
mod management;
mod operation;
mod pages;
mod people;
mod platform;
mod security;
mod tag;
mod vault;

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};
use utoipa::openapi::path::PathItem;
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder,
    OpenApi, OpenApiBuilder, PathsBuilder, SchemaFormat, Server, Type,
};

use self::operation::Op;
use super::routes::{Access, Route};
use crate::problem::Problem;

const ABOUT: &str = "Relay keeps end users' provider keys in a vault and proxies AI calls for them.\n\n\
    Names in JSON are camelCase; instants are RFC 3339 in UTC with milliseconds. What is absent \
    may be left out or `null`. Every answer has `x-relay-request-id`, which names the request in \
    logs and traces. Errors of Relay's own routes are `ErrorBody`; those of inference come in the \
    dialect of the route, with Relay's code in it. A 429 or 503 may say `retry-after`.\n\n\
    A POST that changes something takes an `Idempotency-Key`: sent again with the same key, it is \
    done once, and every time answered as the first.";

/// The routes that the document leaves out, with the reason.
pub const LEFT_OUT: [(&str, &str); 11] = [
    ("/", "leads a browser to the console"),
    ("/console", "a page"),
    ("/console/", "a page"),
    ("/console/{*page}", "a page"),
    ("/console/assets/{file}", "a file of a page"),
    (
        "/widget.js",
        "a script for pages, whose interface is `Relay.mount`",
    ),
    ("/widget/v1.js", "the same script, by its version"),
    ("/widget/integrity.json", "what that script's bytes hash to"),
    ("/widget/assets/{file}", "a file of the widget"),
    ("/connect", "a page"),
    ("/connect/{tenant}", "a page"),
];

const TIMESTAMP: &str = "Timestamp";
/// The name by which derived schemas refer to `Timestamp`, which is an alias. They have no other
/// reference of this name: what is a `String` by its own name is written out where it stands.
const ALIASED: &str = "String";

fn timestamp() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("An instant as RFC 3339 text in UTC."))
        .examples(["2026-11-21T02:06:58.000Z"])
}

fn operations() -> Vec<Op> {
    let tables = [
        inference::operations(),
        vault::operations(),
        management::operations(),
        platform::operations(),
        pages::operations(),
        people::operations(),
    ];
    tables.into_iter().flatten().collect()
}

/// What the tables describe: the method, the route, and the path it has in the document.
pub fn described() -> Vec<(Method, &'static str, String)> {
    let operations = operations().into_iter();
    operations
        .map(|op| (op.method, op.route, op.path))
        .collect()
}

/// The document, as it is sent.
pub(super) struct Document {
    json: Bytes,
    etag: HeaderValue,
}

impl Document {
    /// Describes these routes.
    pub(super) fn of(routes: &[Route]) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(&describe(routes))?;
        let reference = |name| format!("\"#/components/schemas/{name}\"");
        let json = json.replace(&reference(ALIASED), &reference(TIMESTAMP));
        let hash = Sha256::digest(&json);
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..12]));
        let etag = HeaderValue::try_from(etag);
        Ok(Self {
            json: json.into(),
            etag: etag.unwrap_or(HeaderValue::from_static("\"\"")),
        })
    }

    /// Sends it, or says that the caller has it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let caching = [
            (
                CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=300"),
            ),
            (ETAG, self.etag.clone()),
        ];
        if headers.get(IF_NONE_MATCH) == Some(&self.etag) {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (caching, json, self.json.clone()).into_response()
    }
}

/// Answers with the document, if it could be written.
pub(super) fn show(
    document: &Result<Document, serde_json::Error>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    match document {
        Ok(document) => Ok(document.answer(headers)),
        Err(error) => Err(Problem::internal(error)),
    }
}

fn describe(routes: &[Route]) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = ComponentsBuilder::new();
    for (name, scheme) in security::schemes() {
        components = components.security_scheme(name, scheme);
    }
    let problems = operation::problems().into_iter();
    for (name, problem) in problems.chain(dialects::problems()) {
        components = components.response(name, problem);
    }
    components = components.schema(TIMESTAMP, timestamp());
    for mut op in operations() {
        let route = routes
            .iter()
            .find(|route| route.method == op.method && route.path == op.route);
        // A description of nothing: the tests tell.
        let Some(&Route { access, keyed, .. }) = route else {
            continue;
        };
        if access != Access::Inference {
            op = op.with_usual_problems(access);
        }
        if keyed {
            op = op.keyed();
        }
        let schemas = std::mem::take(&mut op.schemas).into_iter();
        components = components.schemas_from_iter(schemas.filter(|(name, _)| name != ALIASED));
        let (path, method) = (op.path.clone(), method(&op.method));
        paths = paths.path(path, PathItem::new(method, op.describe(access)));
    }
    let license = LicenseBuilder::new()
        .name("Apache-2.0")
        .identifier(Some("Apache-2.0"));
    let info = InfoBuilder::new()
        .title("Relay")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license.build()));
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tag::all()))
        .build()
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
