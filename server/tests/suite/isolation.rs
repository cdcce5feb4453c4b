//! Tenants apart: every route of the server's own list is walked with everything that tenant A
//! has, against everything that tenant B has; and every route that is not public refuses whoever
//! may not call it. A route that this file does not know how to call fails it.

use std::time::Duration;

use relay_api::{Role, Scope};
use relay_server::clock::new_id;
use relay_server::http::{Access, routes};
use relay_server::identity::{NewKey, hash_bearer, session_id};
use relay_server::store::{Actor, InvitationRow};
use reqwest::Method;
use serde_json::{Value, json};

use crate::console::{from_page, owner};
use crate::people::{member_id, person, session};
use crate::sql::Sql;
use crate::support::{EPOCH, Reply, Tenant, TestApp};
use crate::walk::{Aim, aimed, request};

on_each_database!(
    nothing_of_one_tenant_reaches_another_on_any_route,
    every_route_that_is_not_public_refuses_who_may_not_call_it,
    a_member_of_no_tenant_is_nobody,
);

/// What tenant B sees of itself, and its rows with their ciphertexts.
async fn all_of(app: &TestApp, tenant: &Tenant) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/v1/users?limit=200",
        "/v1/credentials",
        "/v1/relay-keys",
        "/v1/requests",
        "/v1/policies",
        "/v1/audit?limit=200",
        "/v1/webhooks",
        "/v1/settings",
        "/v1/hosts",
        "/v1/catalog/models?q=bee-",
        "/v1/users/bee-hidden/credentials",
        "/v1/users/shared/credentials",
    ] {
        let reply = app.call(Method::GET, path, &tenant.key, Value::Null).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        seen.push(reply.json());
    }
    for label in ["bee-hidden", "shared"] {
        let row = app.stored_credential(&tenant.id, label, "openai").await;
        seen.push(json!(row.sealed));
    }
    let store = &app.service.store;
    let members = store.members(&tenant.id).await.expect("read");
    let invitations = store.invitations(&tenant.id, 0).await.expect("read");
    seen.push(json!(format!("{members:?} {invitations:?}")));
    for member in members {
        let sessions = store.sessions(&member.id, 0).await.expect("read");
        seen.push(json!(format!("{sessions:?}")));
    }
    seen
}

/// Tenant B, with users, a key of its own, a relay key and requests, all of them distinctive.
/// A knows two of the users' labels, and names them in its own calls; `bee-secret` it does not.
struct Bee {
    tenant: Tenant,
    relay_key_id: String,
    policy_id: String,
    request_id: String,
    webhook_id: String,
    delivery_id: String,
    user_id: String,
    member_id: String,
    invitation_id: String,
    session_id: String,
    provider_keys: Vec<String>,
    /// What no answer to A may hold.
    marks: Vec<String>,
}

/// A webhook that cannot be reached, and what was to be told there.
async fn told(app: &TestApp, tenant: &Tenant) -> (String, String) {
    let url = format!("{}/bee-secret-hook", app.sim.openai_url());
    let body = json!({ "url": url, "events": ["credential.connected"] });
    let made = app.call(Method::POST, "/v1/webhooks", &tenant.key, body);
    let made = made.await.json();
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/webhooks/{id}/test");
    let tested = app.call(Method::POST, &path, &tenant.key, Value::Null);
    let tested = tested.await.json();
    let delivery = tested["id"].as_str().expect("an id").to_owned();
    (id, delivery)
}

async fn bee(app: &TestApp) -> Bee {
    let tenant = app.tenant("bee-tenant").await;
    let mut provider_keys = Vec::new();
    for label in ["bee-secret", "bee-hidden", "shared"] {
        provider_keys.push(app.connect(&tenant, label, "openai").await);
        let reply = app.chat(&tenant, label, "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let own = app.provider_key("openai");
    let body = json!({ "apiKey": own });
    let reply = app
        .call(Method::PUT, "/v1/credentials/openai", &tenant.key, body)
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    provider_keys.push(own);
    let spare = app.provider_key("openai");
    let path = "/v1/credentials/openai/bee-spare";
    let body = json!({ "apiKey": spare, "weight": 3 });
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    provider_keys.push(spare);
    let body = json!({ "name": "Bee Host", "baseUrl": "https://bee-secret.example/v1" });
    let path = "/v1/hosts/bee-host";
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let body = json!({ "name": "Bee Model", "bindings": [{ "host": "bee-host" }] });
    let path = "/v1/catalog/models/bee-model";
    let reply = app.call(Method::PUT, path, &tenant.key, body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let body = json!({ "name": "bee-policy", "rules": { "maxAttempts": 2 } });
    let policy = app.call(Method::POST, "/v1/policies", &tenant.key, body);
    let policy_id = policy.await.json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let body = json!({ "name": "bee-key", "policy": "bee-policy" });
    let made = app
        .call(Method::POST, "/v1/relay-keys", &tenant.key, body)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    app.service.meter.flush().await;
    let (webhook_id, delivery_id) = told(app, &tenant).await;
    let (member_id, invitation_id, session_id) = people_of(app, &tenant).await;

    let user_id = app.service.store.end_user(&tenant.id, "bee-hidden").await;
    let user_id = user_id.expect("read").expect("known").id;
    let mut marks = vec![
        "bee-tenant".to_owned(),
        "bee-secret".to_owned(),
        "bee-key".to_owned(),
        "bee-policy".to_owned(),
        "Bee Host".to_owned(),
        "Bee Model".to_owned(),
        tenant.id.clone(),
        tenant.key.clone(),
        user_id.clone(),
        "bee-owner".to_owned(),
        "bee-invited".to_owned(),
        member_id.clone(),
        invitation_id.clone(),
        session_id.clone(),
    ];
    for seen in all_of(app, &tenant).await {
        let rows = seen["data"].as_array().into_iter().flatten();
        // Hosts and models have names that anybody may use; what they are called is a mark above.
        for row in rows.filter(|row| row["builtin"].is_null()) {
            for field in ["id", "fingerprint", "hint"] {
                marks.extend(row[field].as_str().map(str::to_owned));
            }
        }
    }
    marks.sort();
    marks.dedup();
    assert!(marks.len() > 12, "{marks:?}");
    Bee {
        relay_key_id: made.json()["id"].as_str().expect("an id").to_owned(),
        policy_id,
        request_id: app.ended_requests(&tenant).await[0].id.clone(),
        webhook_id,
        delivery_id,
        tenant,
        user_id,
        member_id,
        invitation_id,
        session_id,
        provider_keys,
        marks,
    }
}

/// An owner of B's who is signed in, somebody whom they invited, and the session's id.
async fn people_of(app: &TestApp, tenant: &Tenant) -> (String, String, String) {
    let owner = person(app, &tenant.id, "bee-owner@bee.example", Role::Owner).await;
    let store = &app.service.store;
    let invitation = InvitationRow {
        id: new_id(),
        email: "bee-invited@bee.example".to_owned(),
        role: Role::Admin,
        mailed: false,
        invited_by: owner.id.clone(),
        created_at: EPOCH,
        expires_at: EPOCH + 1_000_000,
    };
    let link = hash_bearer("the invitation's");
    let added = store.add_invitation(&tenant.id, &invitation, &link).await;
    assert!(added.expect("stored"));
    let sessions = store.sessions(&owner.id, EPOCH).await.expect("read");
    let session_id = session_id(&sessions[0].token_hash);
    (owner.id, invitation.id, session_id)
}

async fn nothing_of_one_tenant_reaches_another_on_any_route(app: &TestApp) {
    let (me, _) = owner(app, "ay").await;
    let owner_id = member_id(app, "ada@example.com").await;
    let id = me["tenant"]["id"].as_str().expect("an id").to_owned();
    let key = app.relay_key(&id, &Scope::ALL).await;
    let ay = Tenant { id, key };
    let bee = bee(app).await;
    let before = all_of(app, &bee.tenant).await;
    app.sim.clear_received();

    let mut walked = 0;
    for route in routes(&app.service) {
        for label in ["bee-hidden", "shared"] {
            for cursor in ["", bee.user_id.as_str(), "ffffffff"] {
                // A key that A makes its own, in its own name, is A's to use.
                let provider_key = app.provider_key("openai");
                let aim = Aim {
                    // What A names itself is no secret of B's, so A connects for `shared` alone.
                    label: if route.method == Method::PUT {
                        "shared"
                    } else {
                        label
                    },
                    relay_key_id: &bee.relay_key_id,
                    policy_id: &bee.policy_id,
                    request_id: &bee.request_id,
                    webhook_id: &bee.webhook_id,
                    delivery_id: &bee.delivery_id,
                    member_id: &bee.member_id,
                    invitation_id: &bee.invitation_id,
                    tenant_id: &bee.tenant.id,
                    session_id: &bee.session_id,
                    cursor,
                    provider_key: &provider_key,
                };
                let aimed = aimed(&route, &aim);
                let token = app.registration_token(&ay, aim.label).await;
                // Each call with a session of its own: some of the routes end it.
                let cookie = session(app, &owner_id, &ay.id).await;
                for with in [
                    request(app, &route, &aimed).bearer_auth(&ay.key),
                    request(app, &route, &aimed).bearer_auth(&token),
                    request(app, &route, &aimed)
                        .header("Cookie", &cookie)
                        .header("Sec-Fetch-Site", "same-origin"),
                ] {
                    let reply = Reply::of(with.header("X-Relay-User", label)).await;
                    let what = format!("{} {}", route.method, aimed.path);
                    // The console's pages may not be built where these tests run.
                    let failed = reply.status >= 500 && reply.code() != "assets_not_built";
                    assert!(!failed, "{what}: {} {}", reply.status, reply.text);
                    for mark in &bee.marks {
                        let told = reply.text.contains(mark.as_str());
                        assert!(!told, "{what} tells of B: {mark} in {}", reply.text);
                    }
                    walked += 1;
                }
            }
        }
    }
    assert!(walked > 18 * 30, "{walked}");
    for received in app.sim.received() {
        for (name, value) in &received.headers {
            let of_bee = bee
                .provider_keys
                .iter()
                .any(|key| value.contains(key.as_str()));
            assert!(!of_bee, "a key of B's went out in {name} for A");
        }
    }
    assert_eq!(all_of(app, &bee.tenant).await, before, "B is as it was");
    for label in ["bee-hidden", "shared"] {
        let reply = app.chat(&bee.tenant, label, "gpt-4o-mini", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
}

/// What callers without credential, with a revoked key, with an expired key and with a key of the
/// wrong scopes are told.
fn refusals(scope: Scope) -> [(&'static str, u16, &'static str); 4] {
    // Where a member's session would do as well, it is what is missing.
    let missing = match scope {
        Scope::Inference => "missing_relay_key",
        Scope::Tokens | Scope::Manage => "not_signed_in",
    };
    [
        ("none", 401, missing),
        ("revoked", 401, "relay_key_revoked"),
        ("expired", 401, "relay_key_expired"),
        ("wrong scope", 403, "missing_scope"),
    ]
}

/// A relay key of every scope whose time is over.
async fn expired_key(app: &TestApp, tenant: &Tenant) -> String {
    let minute = Duration::from_mins(1);
    let wanted = NewKey {
        name: "short".to_owned(),
        scopes: Scope::ALL.to_vec(),
        life: Some(minute),
        ..NewKey::default()
    };
    let minted = app
        .service
        .relay_keys
        .mint(&tenant.id, wanted, &Actor::Operator);
    let minted = minted.await;
    app.clock.advance(minute);
    secrecy::ExposeSecret::expose_secret(&minted.expect("minted").0).to_owned()
}

async fn every_route_that_is_not_public_refuses_who_may_not_call_it(app: &TestApp) {
    let tenant = app.tenant("acme").await;
    app.connect(&tenant, "ada", "openai").await;
    let token = app.registration_token(&tenant, "ada").await;
    let revoked = app.relay_key(&tenant.id, &Scope::ALL).await;
    let listed = app.service.relay_keys.list(&tenant.id).await.expect("read");
    assert!(
        app.service
            .relay_keys
            .revoke(&tenant.id, &listed[0].row.id, &Actor::Operator)
            .await
            .expect("done")
    );
    let expired = expired_key(app, &tenant).await;
    app.sim.clear_received();

    let foreign = format!("rly-{}", "A".repeat(43));
    for route in routes(&app.service) {
        let provider_key = app.provider_key("openai");
        let aimed = aimed(
            &route,
            &Aim {
                label: "ada",
                relay_key_id: &listed[0].row.id,
                policy_id: "id",
                request_id: "id",
                webhook_id: "id",
                delivery_id: "id",
                member_id: "id",
                invitation_id: "id",
                tenant_id: "id",
                session_id: "id",
                cursor: "",
                provider_key: &provider_key,
            },
        );
        let scope = match route.access {
            Access::Public => continue,
            Access::Inference => Some(Scope::Inference),
            Access::Tokens => Some(Scope::Tokens),
            Access::Manage => Some(Scope::Manage),
            Access::Session | Access::Widget => None,
        };
        let ask = async |bearer: Option<&str>| {
            let mut request = request(app, &route, &aimed).header("X-Relay-User", "ada");
            if let Some(bearer) = bearer {
                request = request.bearer_auth(bearer);
            }
            let reply = Reply::of(request).await;
            (reply.status, reply.code())
        };
        let what = format!("{} {}", route.method, route.path);
        let refused = |status: u16, code: &str| (status, code.to_owned());
        if let Some(scope) = scope {
            let others: Vec<Scope> = Scope::ALL.into_iter().filter(|one| *one != scope).collect();
            let wrong = app.relay_key(&tenant.id, &others).await;
            let bearers = [None, Some(&revoked), Some(&expired), Some(&wrong)];
            let told = refusals(scope);
            for ((name, status, code), bearer) in told.into_iter().zip(bearers) {
                let answer = ask(bearer.map(String::as_str)).await;
                assert_eq!(answer, refused(status, code), "{what}: {name}");
            }
            for bearer in [foreign.as_str(), token.as_str(), "sk-somebody-elses"] {
                assert_eq!(
                    ask(Some(bearer)).await,
                    refused(401, "invalid_relay_key"),
                    "{what}"
                );
            }
        } else if route.access == Access::Widget {
            assert_eq!(ask(None).await, refused(401, "missing_token"), "{what}");
            let forged = format!("{token}x");
            for bearer in [
                tenant.key.as_str(),
                foreign.as_str(),
                "x.y.z",
                forged.as_str(),
            ] {
                assert_eq!(
                    ask(Some(bearer)).await,
                    refused(401, "token_invalid"),
                    "{what}"
                );
            }
        } else {
            for bearer in [None, Some(tenant.key.as_str()), Some(token.as_str())] {
                assert_eq!(ask(bearer).await, refused(401, "not_signed_in"), "{what}");
            }
            let planted = request(app, &route, &aimed)
                .header("Cookie", "relay_session=guess")
                .header("Sec-Fetch-Site", "same-origin");
            assert_eq!(Reply::of(planted).await.code(), "not_signed_in", "{what}");
        }
    }
    assert!(
        app.sim.received().is_empty(),
        "no refused call reached a provider"
    );
    let reply = app.chat(&tenant, "ada", "gpt-4o-mini", json!({})).await;
    assert_eq!(reply.status, 200, "nothing was changed: {}", reply.text);
}

async fn a_member_of_no_tenant_is_nobody(app: &TestApp) {
    let (_, cookie) = owner(app, "ay").await;
    let mut sql = Sql::of(app).await;
    sql.run("UPDATE memberships SET role = 'viewer'", &[]).await;
    for route in routes(&app.service) {
        let changes = !matches!(route.method, Method::GET | Method::OPTIONS);
        // What a viewer may post changes nothing.
        let is_question = route.least == Some(Role::Viewer);
        if !changes || is_question || !matches!(route.access, Access::Manage | Access::Tokens) {
            continue;
        }
        let aimed = aimed(
            &route,
            &Aim {
                label: "ada",
                relay_key_id: "id",
                policy_id: "id",
                request_id: "id",
                member_id: "id",
                invitation_id: "id",
                tenant_id: "id",
                session_id: "id",
                webhook_id: "id",
                delivery_id: "id",
                cursor: "",
                provider_key: "sk-x",
            },
        );
        let mut request = from_page(app, route.method.clone(), &aimed.path, &cookie);
        if !aimed.body.is_null() {
            request = request.json(&aimed.body);
        }
        let reply = Reply::of(request).await;
        let refused = (reply.status, reply.code());
        assert_eq!(
            refused,
            (403, "role_may_not".to_owned()),
            "{} {}",
            route.method,
            route.path
        );
    }
    let reply = Reply::of(from_page(app, Method::GET, "/v1/users", &cookie)).await;
    assert_eq!(reply.status, 200, "a viewer may look: {}", reply.text);
    sql.run("DELETE FROM memberships", &[]).await;
    for path in ["/api/me", "/v1/users"] {
        let reply = Reply::of(from_page(app, Method::GET, path, &cookie)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "not_signed_in"),
            "{path}"
        );
    }
}
