//! A service on a database of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use relay_provider_sim::Sim;
use relay_server::app::App;
use relay_server::clock::{SystemClock, new_id};
use relay_server::config::Config;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A database that is gone at the end.
pub(crate) struct Database {
    pub(crate) url: String,
    /// The name, and the server's URL.
    on_server: Option<(String, String)>,
    folder: TempDir,
}

impl Database {
    /// In a file, or in the PostgreSQL server of this URL.
    pub(crate) async fn create(postgres: Option<&str>) -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let Some(server) = postgres else {
            let url = format!("sqlite://{}", folder.path().join("relay.db").display());
            return Self {
                url,
                on_server: None,
                folder,
            };
        };
        let name = format!("relay_bench_{}", new_id().replace('-', ""));
        execute(server, format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(server).expect("a URL");
        url.set_path(&name);
        Self {
            url: url.into(),
            on_server: Some((name, server.to_owned())),
            folder,
        }
    }

    async fn remove(self) {
        if let Some((name, server)) = &self.on_server {
            execute(server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(server: &str, statement: String) {
    let mut server = PgConnection::connect(server).await.expect("the server");
    let done = server.execute(AssertSqlSafe(statement)).await;
    done.expect("executed");
}

/// A running service.
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    /// The provider's own address, past the service.
    pub(crate) provider: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Place {
    /// Starts a service in front of simulated providers.
    pub(crate) async fn open(database: Database, sim: &Sim, cache_entries: u64) -> Self {
        let vars = [
            ("RELAY_LISTEN", "127.0.0.1:0".to_owned()),
            (
                "RELAY_DATA_DIR",
                database.folder.path().display().to_string(),
            ),
            ("RELAY_DATABASE_URL", database.url.clone()),
            ("RELAY_HOST_OPENAI_URL", sim.openai_url()),
            ("RELAY_CACHE_ENTRIES", cache_entries.to_string()),
        ];
        let config = Config::read(|name| {
            let found = vars.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        });
        let opened = App::open(config.expect("a configuration"), Arc::new(SystemClock)).await;
        let (app, meter) = opened.expect("the service opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let running = Arc::clone(&app);
        let serving = tokio::spawn(async move {
            let shutdown = async {
                // An error means that nobody is left to stop it.
                let _ = stopped.await;
            };
            let served = relay_server::serve(running, meter, listener, shutdown);
            served.await.expect("it serves");
        });
        Self {
            database,
            app,
            address,
            provider: sim.openai_url(),
            stop,
            serving,
        }
    }

    /// Uses of the database so far, the meter's batches left out.
    pub(crate) async fn asked(&self) -> u64 {
        self.app.meter.flush().await;
        self.app.store.uses() - self.app.meter.counted().writes
    }

    pub(crate) async fn close(self) {
        let _ = self.stop.send(());
        self.serving.await.expect("it stopped in order");
        self.database.remove().await;
    }
}
