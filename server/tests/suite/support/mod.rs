//! The harness: a whole server on its own database with simulated providers, and a client that
//! looks for canaries in everything it is answered.

mod aws;
mod canary;
mod clouds;
mod database;
mod documented;
mod inference;
mod reply;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use relay_api::Scope;
use relay_provider_sim::Sim;
use relay_server::app::App;
use relay_server::clock::{Clock, ManualClock, new_id};
use relay_server::config::Config;
use relay_server::identity::NewKey;
use relay_server::store::{Actor, Audit, TenantRow};
use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) use aws::Signed;
pub(crate) use canary::{CANARY, hex};
pub(crate) use clouds::{ACCOUNT, PUBLIC_KEY, service_account, simulate_clouds};
pub(crate) use database::{Kind, TestDatabase};
pub(crate) use documented::DOCUMENT;
pub(crate) use inference::{CHAT_MODELS, OpenStream, chat_body};
pub(crate) use reply::Reply;

/// Runs each named `async fn(&TestApp)` once on SQLite and once on PostgreSQL; `with` a function
/// that changes the configuration first, where there is one.
#[macro_export]
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        on_each_database!(with |_| {}; $($name),+);
    };
    (with $adjust:expr; $($name:ident),+ $(,)?) => { $(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = $crate::support::TestApp::start_with($crate::support::Kind::Sqlite, $adjust).await;
                super::$name(&app).await;
                app.finish().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let app = $crate::support::TestApp::start_with($crate::support::Kind::Postgres, $adjust).await;
                super::$name(&app).await;
                app.finish().await;
            }
        }
    )+ };
}

/// The moment every test begins: 2023-11-14T22:13:20Z.
pub(crate) const EPOCH: i64 = 1_700_000_000_000;

/// A running server.
pub(crate) struct TestApp {
    pub(crate) service: Arc<App>,
    pub(crate) clock: ManualClock,
    pub(crate) sim: Sim,
    pub(crate) database: TestDatabase,
    pub(crate) data: TempDir,
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    keys_made: AtomicUsize,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// The audit trail's entry of what a test does straight to the store.
pub(crate) fn audit() -> Audit {
    Audit::new(&Actor::Operator, EPOCH, "test", "test")
}

/// A tenant and a relay key that may do everything in it.
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) key: String,
}

/// A second server.
pub(crate) struct Another {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Another {
    pub(crate) async fn shut_down(self) {
        let _ = self.stop.send(());
        self.serving.await.expect("the server stopped in order");
    }
}

impl TestApp {
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::start_with(kind, |_| {}).await
    }

    /// Starts a server whose configuration `adjust` may change.
    pub(crate) async fn start_with(kind: Kind, adjust: impl FnOnce(&mut Config)) -> Self {
        canary::record_logs();
        let data = TempDir::new().expect("a temporary directory");
        let database = TestDatabase::create(kind, data.path()).await;
        let sim = Sim::start().await;
        let vars = [
            ("RELAY_LISTEN", "127.0.0.1:0".to_owned()),
            ("RELAY_DATA_DIR", data.path().display().to_string()),
            ("RELAY_DATABASE_URL", database.url.clone()),
            ("RELAY_HOST_OPENAI_URL", sim.openai_url()),
            ("RELAY_HOST_ANTHROPIC_URL", sim.anthropic_url()),
            ("RELAY_HOST_GOOGLE_URL", sim.gemini_url()),
        ];
        let mut config = Config::read(|name| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.clone())
        })
        .expect("a valid configuration");
        adjust(&mut config);
        let clock = ManualClock::at(EPOCH);
        let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let (service, meter) = App::open(config, shared_clock)
            .await
            .expect("the server opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let running = Arc::clone(&service);
        let serving = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            relay_server::serve(running, meter, listener, shutdown)
                .await
                .expect("it serves");
        });
        #[expect(clippy::disallowed_methods, reason = "the tests' own client")]
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(relay_server::upstream::tls())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            service,
            clock,
            sim,
            database,
            data,
            address,
            client,
            keys_made: AtomicUsize::new(0),
            stop: Some(stop),
            serving,
        }
    }

    /// Another server beside this one, on the same database and by the same clock.
    pub(crate) async fn another(&self) -> Another {
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let opened = App::open(self.service.config.clone(), clock).await;
        let (service, meter) = opened.expect("the server opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            let served = relay_server::serve(service, meter, listener, shutdown);
            served.await.expect("it serves");
        });
        Another {
            address,
            stop,
            serving,
        }
    }

    /// Stops the server and looks for canaries in the logs and the database.
    pub(crate) async fn finish(mut self) {
        self.shut_down().await;
        self.database.assert_holds_no_canary(self.data.path()).await;
        canary::assert_no_log_holds_one();
        self.database.remove().await;
    }

    /// Stops the server as SIGTERM does, and waits until it has.
    pub(crate) async fn shut_down(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
            (&mut self.serving)
                .await
                .expect("the server stopped in order");
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request to be sent with [`Reply::of`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// A request past the server, e.g. straight to the simulated provider.
    pub(crate) fn elsewhere(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    /// Expects a GET to be refused as a bad request that names the field.
    pub(crate) async fn assert_refused_for(&self, key: &str, path: &str, field: &str) {
        let reply = self.call(Method::GET, path, key, Value::Null).await;
        let (status, code) = (reply.status, reply.code());
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{path}");
        let named = reply.text.contains(&format!("`{field}`"));
        assert!(named, "{path}: {}", reply.text);
    }

    /// A call with a bearer and, if `body` is not null, JSON.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: Value,
    ) -> Reply {
        let mut request = self.request(method, path).bearer_auth(bearer);
        if !body.is_null() {
            request = request.json(&body);
        }
        Reply::of(request).await
    }

    /// A new tenant, with a relay key of every scope.
    pub(crate) async fn tenant(&self, name: &str) -> Tenant {
        let id = new_id();
        let data_key = self.service.vault.first_data_key(&id).expect("a data key");
        let row = TenantRow {
            id: id.clone(),
            name: name.to_owned(),
            created_at: EPOCH,
        };
        assert!(
            self.service
                .store
                .add_tenant(&row, &data_key, &audit())
                .await
                .expect("stored")
        );
        let key = self.relay_key(&id, &Scope::ALL).await;
        Tenant { id, key }
    }

    pub(crate) async fn relay_key(&self, tenant_id: &str, scopes: &[Scope]) -> String {
        let minted = self
            .service
            .relay_keys
            .mint(
                tenant_id,
                NewKey {
                    name: "test".to_owned(),
                    scopes: scopes.to_vec(),
                    ..NewKey::default()
                },
                &Actor::Operator,
            )
            .await
            .expect("minted");
        minted.0.expose_secret().to_owned()
    }

    /// A fresh provider key, a canary, that the simulated provider accepts.
    pub(crate) fn provider_key(&self, provider: &str) -> String {
        let key = self.unknown_provider_key(provider);
        self.sim.allow_key(provider, &key);
        key
    }

    /// A fresh provider key, a canary, that no provider accepts.
    pub(crate) fn unknown_provider_key(&self, provider: &str) -> String {
        let prefix = match provider {
            "anthropic" => "sk-ant-",
            "google" => "AIza",
            _ => "sk-",
        };
        let number = self.keys_made.fetch_add(1, Ordering::SeqCst);
        format!("{prefix}{CANARY}-{number:04}")
    }

    /// A registration token for an end user.
    pub(crate) async fn registration_token(&self, tenant: &Tenant, label: &str) -> String {
        let body = json!({ "endUserLabel": label });
        let reply = self
            .call(Method::POST, "/v1/registration-tokens", &tenant.key, body)
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()["registrationToken"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    /// Connects a good key for an end user, as a tenant that moves in does, and answers it.
    pub(crate) async fn connect(&self, tenant: &Tenant, label: &str, provider: &str) -> String {
        let key = self.provider_key(provider);
        let path = format!("/v1/users/{label}/credentials/{provider}");
        let reply = self
            .call(
                Method::PUT,
                &path,
                &tenant.key,
                json!({ "apiKey": key.as_str() }),
            )
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        key
    }

    /// A chat call of one user message for an end user; `more` is merged into the body.
    pub(crate) async fn chat(
        &self,
        tenant: &Tenant,
        label: &str,
        model: &str,
        more: Value,
    ) -> Reply {
        let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": "hi" }] });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let request = self
            .request(Method::POST, "/v1/chat/completions")
            .bearer_auth(&tenant.key)
            .header("X-Relay-User", label)
            .json(&body);
        Reply::of(request).await
    }
}
