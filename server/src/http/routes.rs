//! Every route, with who may call it. The list is the router: a route's access is checked before
//! its handler runs, and tests walk the same list.

mod inference;
mod people;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use relay_api::Role;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};

use super::{
    access, assets, audit, catalog, connect_page, credentials, export, frame, health, hosts,
    idempotency, openapi, policies, providers, reach, registration_tokens, relay_keys, requests,
    roles, settings, usage, users, webhooks, widget,
};
use crate::app::App;
use crate::problem::Problem;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anybody.
    Public,
    /// A relay key with the scope `inference`.
    Inference,
    /// A relay key with the scope `tokens`, or a member's session.
    Tokens,
    /// A relay key with the scope `manage`, or a member's session.
    Manage,
    /// A member's session.
    Session,
    /// A registration token.
    Widget,
}

/// One route of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, as axum writes patterns.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The least role of a member who may call it, if members may.
    pub least: Option<Role>,
    /// Whether a call may name itself by an `Idempotency-Key`, and is then done once.
    pub keyed: bool,
}

struct Routes {
    app: Arc<App>,
    router: Router<Arc<App>>,
    list: Vec<Route>,
}

impl Routes {
    fn add<H, T>(mut self, method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let least = roles::least(&method, path, access);
        let guard = from_fn_with_state((Arc::clone(&self.app), access, least), access::check);
        let keyed = idempotency::holds(&method, path, access);
        let mut handler = on(filter, handler);
        if keyed {
            let once = from_fn_with_state(Arc::clone(&self.app), idempotency::once);
            handler = handler.layer(once);
        }
        // Around all else: whoever may not call leaves no trace.
        handler = handler.layer(guard);
        if access == Access::Widget {
            handler = handler.layer(cors());
            if method != Method::OPTIONS && !self.has(path) {
                // The layer answers the preflight itself; it only needs a route to stand on.
                handler = handler.merge(on(MethodFilter::OPTIONS, preflight).layer(cors()));
            }
        }
        self.router = self.router.route(path, handler);
        self.list.push(Route {
            method,
            path,
            access,
            least,
            keyed,
        });
        self
    }

    /// The same route under several paths.
    fn add_all<H, T>(
        self,
        method: &Method,
        paths: &[&'static str],
        access: Access,
        handler: &H,
    ) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        paths.iter().fold(self, |routes, path| {
            routes.add(method.clone(), path, access, handler.clone())
        })
    }

    fn has(&self, path: &str) -> bool {
        self.list.iter().any(|route| route.path == path)
    }
}

async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Any page may call the widget's routes: no cookie goes with them, and the registration token
/// says itself which origins it may come from.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([HeaderName::from_static(relay_api::REQUEST_ID_HEADER)])
        .max_age(std::time::Duration::from_mins(10))
}

/// The service's router.
pub fn router(app: &Arc<App>) -> Router {
    let routes = build(app);
    routes
        .router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(Problem::internal("a handler panicked"))
        }))
        // Bodies are bounded where they are read, each by its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(app), frame::frame))
        .with_state(Arc::clone(app))
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Every route of [`router`].
pub fn routes(app: &Arc<App>) -> Vec<Route> {
    build(app).list
}

fn build(app: &Arc<App>) -> Routes {
    let empty = Routes {
        app: Arc::clone(app),
        router: Router::new(),
        list: Vec::new(),
    };
    description(people::add(pages(telling(management(vault(
        inference::add(empty),
    ))))))
}

/// The vault: what end users connect.
fn vault(routes: Routes) -> Routes {
    use Access::{Manage, Tokens};
    routes
        .add(
            POST,
            "/v1/registration-tokens",
            Tokens,
            registration_tokens::create,
        )
        .add(GET, "/v1/users", Manage, users::list)
        .add(GET, "/v1/users/{label}", Manage, users::show)
        .add(DELETE, "/v1/users/{label}", Manage, users::remove)
        .add(
            GET,
            "/v1/users/{label}/credentials",
            Manage,
            users::credentials,
        )
        .add(GET, "/v1/users/{label}/usage", Manage, usage::of_user)
        .add(
            PUT,
            "/v1/users/{label}/credentials/{provider}",
            Manage,
            users::put_credential,
        )
        .add(
            DELETE,
            "/v1/users/{label}/credentials/{provider}",
            Manage,
            users::remove_credential,
        )
}

/// What a tenant decides: its pool, its relay keys, what they may reach; and what became of it.
fn management(routes: Routes) -> Routes {
    use Access::Manage;
    const OWN: &str = "/v1/credentials/{provider}";
    const POOLED: &str = "/v1/credentials/{provider}/{name}";
    const KEYS: &str = "/v1/relay-keys";
    const KEY: &str = "/v1/relay-keys/{id}";
    const POLICY: &str = "/v1/policies/{id}";
    const HOST: &str = "/v1/hosts/{id}";
    const CATALOG: &str = "/v1/catalog/models/{*id}";
    routes
        .add(GET, "/v1/credentials", Manage, credentials::list)
        .add(PUT, OWN, Manage, credentials::put_default)
        .add(DELETE, OWN, Manage, credentials::remove_default)
        .add(PUT, POOLED, Manage, credentials::put)
        .add(DELETE, POOLED, Manage, credentials::remove)
        .add(GET, KEYS, Manage, relay_keys::list)
        .add(POST, KEYS, Manage, relay_keys::create)
        .add(GET, KEY, Manage, relay_keys::show)
        .add(PATCH, KEY, Manage, relay_keys::change)
        .add(DELETE, KEY, Manage, relay_keys::revoke)
        .add(
            POST,
            "/v1/relay-keys/{id}/rotate",
            Manage,
            relay_keys::rotate,
        )
        .add(GET, "/v1/policies", Manage, policies::list)
        .add(POST, "/v1/policies", Manage, policies::create)
        .add(GET, POLICY, Manage, policies::show)
        .add(PUT, POLICY, Manage, policies::replace)
        .add(DELETE, POLICY, Manage, policies::remove)
        .add(GET, "/v1/hosts", Manage, hosts::list)
        .add(GET, HOST, Manage, hosts::show)
        .add(PUT, HOST, Manage, hosts::put)
        .add(DELETE, HOST, Manage, hosts::remove)
        .add(GET, "/v1/catalog/models", Manage, catalog::list)
        .add(GET, CATALOG, Manage, catalog::show)
        .add(PUT, CATALOG, Manage, catalog::put)
        .add(DELETE, CATALOG, Manage, catalog::remove)
        .add(GET, "/v1/audit", Manage, audit::list)
        .add(GET, "/v1/requests", Manage, requests::list)
        .add(GET, "/v1/requests/export", Manage, export::export)
        .add(GET, "/v1/requests/{id}", Manage, requests::show)
        .add(GET, "/v1/usage", Manage, usage::show)
        .add(GET, "/v1/usage/latency", Manage, usage::latency)
        .add(POST, "/v1/reach", Manage, reach::ask)
        .add(GET, "/v1/providers", Manage, providers::list)
        .add(
            POST,
            "/v1/credentials/{provider}/{name}/test",
            Manage,
            providers::test_own,
        )
        .add(
            POST,
            "/v1/users/{label}/credentials/{provider}/test",
            Manage,
            providers::test_users,
        )
        .add(GET, "/v1/settings", Manage, settings::show)
        .add(PATCH, "/v1/settings", Manage, settings::change)
}

/// What the tenant is told of by itself.
fn telling(routes: Routes) -> Routes {
    use Access::Manage;
    const ALL: &str = "/v1/webhooks";
    const ONE: &str = "/v1/webhooks/{id}";
    routes
        .add(GET, ALL, Manage, webhooks::list)
        .add(POST, ALL, Manage, webhooks::create)
        .add(GET, ONE, Manage, webhooks::show)
        .add(PATCH, ONE, Manage, webhooks::change)
        .add(DELETE, ONE, Manage, webhooks::remove)
        .add(POST, "/v1/webhooks/{id}/rotate", Manage, webhooks::rotate)
        .add(POST, "/v1/webhooks/{id}/test", Manage, webhooks::test)
        .add(
            GET,
            "/v1/webhooks/{id}/deliveries",
            Manage,
            webhooks::deliveries,
        )
        .add(
            POST,
            "/v1/webhooks/{id}/deliveries/{delivery}/retry",
            Manage,
            webhooks::retry,
        )
}

/// The widget and the console, with what they call.
fn pages(routes: Routes) -> Routes {
    use Access::{Public, Widget};
    routes
        // The widget
        .add(GET, "/v1/widget/session", Widget, widget::session)
        .add(POST, "/v1/widget/credentials", Widget, widget::connect)
        .add(
            DELETE,
            "/v1/widget/credentials/{provider}",
            Widget,
            widget::disconnect,
        )
        .add(GET, "/connect", Public, connect_page::alone)
        .add(GET, "/connect/{tenant}", Public, connect_page::of_tenant)
        .add(GET, "/widget.js", Public, assets::widget_script)
        .add(GET, "/widget/v1.js", Public, assets::widget_script)
        .add(
            GET,
            "/widget/integrity.json",
            Public,
            assets::widget_integrity,
        )
        .add(GET, "/widget/assets/{file}", Public, assets::widget_asset)
        // The console
        .add(GET, "/", Public, assets::to_console)
        .add(GET, "/console", Public, assets::console_page)
        .add(GET, "/console/", Public, assets::console_page)
        .add(GET, "/console/{*page}", Public, assets::console_page)
        .add(GET, "/console/assets/{file}", Public, assets::console_asset)
        .add(GET, "/api/health", Public, health::health)
}

/// What all of these take and answer.
fn description(routes: Routes) -> Routes {
    const PATH: &str = "/openapi.json";
    let mut list = routes.list.clone();
    list.push(Route {
        method: GET,
        path: PATH,
        access: Access::Public,
        least: None,
        keyed: false,
    });
    let document = Arc::new(LazyLock::new(move || openapi::Document::of(&list)));
    let show = async move |headers: HeaderMap| openapi::show(&document, &headers);
    routes.add(GET, PATH, Access::Public, show)
}

async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "route_not_found",
        "There is no such route. The API is below /v1, the console at /console.",
    )
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This route does not take this method.",
    )
}
