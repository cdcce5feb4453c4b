//! `GET /openapi.json`: every route is described, as what it is, and nothing else. Every answer
//! that any test gets is held to the document besides (`support/documented.rs`).

use std::collections::BTreeSet;
use std::fs;

use relay_server::http::{Access, LEFT_OUT, described, routes};
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::Value;

use crate::support::{DOCUMENT, Kind, Reply, TestApp};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_is_described_and_every_description_is_of_a_route() {
    let app = TestApp::start(Kind::Sqlite).await;
    let described: Vec<_> = described()
        .into_iter()
        .map(|(method, route, _)| format!("{method} {route}"))
        .collect();
    let unique: BTreeSet<_> = described.iter().cloned().collect();
    assert_eq!(unique.len(), described.len(), "a route is described twice");
    let left_out = |path: &str| LEFT_OUT.iter().any(|(known, _)| *known == path);
    let routes = routes(&app.service);
    let called: BTreeSet<_> = routes
        .iter()
        .filter(|route| !left_out(route.path))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let missing: Vec<_> = called.difference(&unique).collect();
    assert!(
        missing.is_empty(),
        "describe them in server/src/http/openapi: {missing:?}"
    );
    let gone: Vec<_> = unique.difference(&called).collect();
    assert!(gone.is_empty(), "these are no routes any more: {gone:?}");
    for (path, _) in LEFT_OUT {
        let known = routes.iter().any(|route| route.path == path);
        assert!(known, "{path} is left out, but is no route");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_committed_document_is_what_the_server_answers() {
    let app = TestApp::start(Kind::Sqlite).await;
    let served = app.get("/openapi.json").await.json();
    if std::env::var_os("RELAY_WRITE_DOCS").is_some() {
        let text = serde_json::to_string_pretty(&served).expect("JSON");
        fs::write(DOCUMENT, format!("{text}\n")).expect("written");
    }
    let committed = fs::read_to_string(DOCUMENT).unwrap_or_default();
    let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
    assert!(
        served == committed,
        "docs/openapi.json is another; RELAY_WRITE_DOCS=1 cargo test -p relay-server openapi writes it"
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_call_is_what_the_document_says() {
    let app = TestApp::start(Kind::Sqlite).await;
    let document = app.get("/openapi.json").await.json();
    let routes = routes(&app.service);
    let mut told = 0;
    for (method, route, path) in described() {
        let access = routes
            .iter()
            .find(|known| known.method == method && known.path == route)
            .expect("a route")
            .access;
        let operation = &document["paths"][&path][method.as_str().to_lowercase()];
        let ways: Vec<String> = operation["security"]
            .as_array()
            .unwrap_or_else(|| panic!("{method} {path} says nothing of who may call"))
            .iter()
            .map(ToString::to_string)
            .collect();
        let keys = |scope: &str, more: &str| {
            let mut ways = ["relayKey", "xApiKey", "xGoogApiKey"]
                .map(|scheme| format!(r#"{{"{scheme}":["{scope}"]}}"#))
                .to_vec();
            ways.push(more.to_owned());
            ways
        };
        let session = r#"{"session":[]}"#;
        let expected = match access {
            Access::Public => Vec::new(),
            Access::Inference => keys("inference", r#"{"keyInQuery":["inference"]}"#),
            Access::Tokens => keys("tokens", session),
            Access::Manage => keys("manage", session),
            Access::Session => vec![session.to_owned()],
            Access::Widget => vec![r#"{"registrationToken":[]}"#.to_owned()],
        };
        assert_eq!(ways, expected, "{method} {path}");
        told += 1;
    }
    let paths = document["paths"].as_object().expect("paths").values();
    let operations: usize = paths
        .map(|path| {
            METHODS
                .iter()
                .filter(|method| !path[**method].is_null())
                .count()
        })
        .sum();
    assert_eq!(told, operations, "the document has no other operations");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_unique_references_lead_somewhere_and_everything_is_explained() {
    let app = TestApp::start(Kind::Sqlite).await;
    let document = app.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let tag = &operation["tags"][0];
            let tags = document["tags"].as_array().expect("tags");
            assert!(tags.iter().any(|known| known["name"] == *tag), "{tag}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(
                    parameter["description"].is_string(),
                    "{method} {path}: {parameter}"
                );
            }
        }
    }
    let mut references = BTreeSet::new();
    references_of(&document, &mut references);
    for reference in &references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for (name, schema) in schemas {
        let reference = format!("#/components/schemas/{name}");
        assert!(references.contains(&reference), "nothing refers to {name}");
        assert!(schema["description"].is_string(), "{name} is not explained");
    }
    app.finish().await;
}

fn references_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" => {
                        found.insert(reference.clone());
                    }
                    value => references_of(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references_of(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_document_is_not_sent_it_again() {
    let app = TestApp::start(Kind::Sqlite).await;
    let first = app.get("/openapi.json").await;
    assert_eq!(first.header("content-type"), Some("application/json"));
    let etag = first.header("etag").expect("an etag").to_owned();
    let again = app
        .request(Method::GET, "/openapi.json")
        .header(IF_NONE_MATCH, etag);
    let again = Reply::of(again).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    app.finish().await;
}
