//! The role matrix: every route that members may call × every role × a member's own tenant and
//! another, walked over the router's own list; and docs/roles.md, which says the same to people.

use std::collections::BTreeMap;
use std::fs;

use relay_api::Role;
use relay_server::http::{Route, routes};
use reqwest::Method;

use super::{person, session};
use crate::console::{from_page, owner};
use crate::support::{Kind, Reply, TestApp};
use crate::walk::{Aim, aimed};

on_each_database!(every_route_takes_the_roles_that_it_says_and_no_other);

const DOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/roles.md");

/// The routes that members may call, with the least role of each.
fn for_members(app: &TestApp) -> Vec<(Route, Role)> {
    let routes = routes(&app.service).into_iter();
    routes
        .filter_map(|route| route.least.map(|least| (route, least)))
        .collect()
}

async fn every_route_takes_the_roles_that_it_says_and_no_other(app: &TestApp) {
    let (ada, _) = owner(app, "acme").await;
    let tenant = ada["tenant"]["id"].as_str().expect("an id").to_owned();
    let other = app.tenant("other").await;
    let stranger = person(app, &other.id, "stranger@example.com", Role::Owner).await;
    let mut asked: BTreeMap<(Role, bool), usize> = BTreeMap::new();
    for role in Role::ALL {
        let somebody =
            async |times| person(app, &tenant, &format!("{role}-{times}@example.com"), role).await;
        let (mut member, mut left) = (somebody(0).await, 0);
        for (route, least) in for_members(app) {
            // Things of one's own tenant that are not there, and those of another.
            for (member_id, tenant_id) in [("none", "none"), (stranger.id.as_str(), &other.id)] {
                let provider_key = app.provider_key("openai");
                let aimed = aimed(
                    &route,
                    &Aim {
                        label: "nobody",
                        relay_key_id: "none",
                        policy_id: "none",
                        request_id: "none",
                        webhook_id: "none",
                        delivery_id: "none",
                        member_id,
                        invitation_id: "none",
                        tenant_id,
                        session_id: "none",
                        cursor: "",
                        provider_key: &provider_key,
                    },
                );
                // Each with a session of its own: some of the routes end it.
                let cookie = session(app, &member.id, &tenant).await;
                let mut request = from_page(app, route.method.clone(), &aimed.path, &cookie);
                if !aimed.body.is_null() {
                    request = request.json(&aimed.body);
                }
                let reply = Reply::of(request).await;
                let what = format!("{role}: {} {}", route.method, aimed.path);
                let may = role >= least;
                let refused = (reply.status, reply.text.contains("\"role_may_not\""));
                if may {
                    assert!(!refused.1, "{what} is refused: {}", reply.text);
                    assert!(
                        reply.status < 500,
                        "{what}: {} {}",
                        reply.status,
                        reply.text
                    );
                } else {
                    assert_eq!(
                        refused,
                        (403, true),
                        "{what} is let through: {}",
                        reply.text
                    );
                }
                *asked.entry((role, may)).or_default() += 1;
                if route.method == Method::DELETE && aimed.path == "/api/session/tenant" {
                    left += 1;
                    member = somebody(left).await;
                }
            }
        }
    }
    let count = |role, may| asked.get(&(role, may)).copied().unwrap_or_default();
    assert_eq!(count(Role::Owner, false), 0);
    for role in [Role::Viewer, Role::Developer, Role::Admin] {
        assert!(
            count(role, false) > 0 && count(role, true) > 40,
            "{role}: {asked:?}"
        );
    }
    // The other tenant is as it was.
    let members = app.service.store.members(&other.id).await.expect("read");
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].role, Role::Owner);
}

/// `POST /v1/relay-keys`
fn written(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

fn table(app: &TestApp) -> String {
    let mut lines = vec![
        "| Route | viewer | developer | admin | owner |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    let mut rows: Vec<_> = for_members(app)
        .into_iter()
        .filter(|(route, _)| !matches!(route.method, Method::OPTIONS))
        .map(|(route, least)| (route.path, route.method.to_string(), written(&route), least))
        .collect();
    rows.sort();
    for (_, _, route, least) in rows {
        let cells = Role::ALL.map(|role| if role >= least { "yes" } else { "-" });
        lines.push(format!("| `{route}` | {} |", cells.join(" | ")));
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_roles_says_what_the_router_does() {
    let app = TestApp::start(Kind::Sqlite).await;
    let table = table(&app);
    let page = fs::read_to_string(DOC).expect("docs/roles.md");
    let begin = page.find("| Route |").expect("the table");
    let end = page[begin..]
        .find("\n\n")
        .map_or(page.len(), |end| begin + end);
    if std::env::var_os("RELAY_WRITE_DOCS").is_some() {
        let written = format!("{}{table}{}", &page[..begin], &page[end..]);
        fs::write(DOC, written).expect("written");
    } else {
        assert_eq!(
            page[begin..end].trim_end(),
            table,
            "write it anew with RELAY_WRITE_DOCS=1"
        );
    }
    app.finish().await;
}
