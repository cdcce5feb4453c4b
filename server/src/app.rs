//! Everything a request may need, built once at start and shared.

use std::sync::Arc;
use std::time::Instant;

use relay_vault::RootKeys;
use tokio_util::task::TaskTracker;

use crate::cache::Freshness;
use crate::catalog::{Catalog, CatalogError, Catalogs};
use crate::clock::{Clock, RequestIds};
use crate::config::Config;
use crate::gateway::{Credentials, Gateway, Meter, MeterTask};
use crate::identity::{Identity, RelayKeys};
use crate::limits::{Limits, RedisUrlError};
use crate::mail::{MailError, Mailer};
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::upstream::Upstream;
use crate::vaulting::{
    Connector, KeyError, Probe, Registration, RootKeyError, Vault, load_root_keys,
};
use crate::webhooks::Webhooks;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No usable root keys.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// No usable database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root keys are not this database's.
    #[error(
        "the root key does not open this database's vault ({0}). Give the RELAY_MASTER_KEY (or the \
         root.key file in the data directory) that this database was filled with"
    )]
    ForeignRootKey(KeyError),
    /// The catalog is broken.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Redis cannot be what it is said to be.
    #[error(transparent)]
    Redis(#[from] RedisUrlError),
    /// The mail server cannot be what it is said to be.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
    /// The listener failed.
    #[error("the server cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// The running service.
pub struct App {
    /// What the operator decided.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What requests are called.
    pub request_ids: RequestIds,
    /// The database.
    pub store: Store,
    /// Tells caches what has changed.
    pub freshness: Arc<Freshness>,
    /// Hosts and models.
    pub catalog: Arc<Catalog>,
    /// The same under each tenant's own rows.
    pub catalogs: Arc<Catalogs>,
    /// What tenants decide for their pages.
    pub settings: Settings,
    /// Seals and opens.
    pub vault: Arc<Vault>,
    /// Registration tokens.
    pub registration: Registration,
    /// Connects provider keys.
    pub connector: Connector,
    /// Members and sessions.
    pub identity: Identity,
    /// Mail to members.
    pub mailer: Mailer,
    /// Relay keys.
    pub relay_keys: RelayKeys,
    /// Inference.
    pub gateway: Gateway,
    /// Counts against limits and quotas.
    pub limits: Limits,
    /// Tells tenants of events.
    pub webhooks: Webhooks,
    /// Usage.
    pub meter: Meter,
    /// Calls that go on to their end although their caller may have left.
    pub unattended: TaskTracker,
    /// When the server started, to measure its uptime from.
    pub started: Instant,
}

impl App {
    /// Opens the database and builds the service. The meter's task is to be run beside it.
    pub async fn open(
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<(Arc<Self>, MeterTask), StartError> {
        let roots: Arc<RootKeys> = Arc::new(load_root_keys(&config)?);
        let store = Store::open(&config.database).await?;
        let freshness = Arc::new(Freshness::default());
        let catalog = Arc::new(Catalog::load(&config)?);
        let catalogs = Arc::new(Catalogs::new(
            Arc::clone(&catalog),
            store.clone(),
            Arc::clone(&freshness),
        ));
        let upstream = Upstream::new(&config, Arc::clone(&clock))?;
        let vault = Arc::new(Vault::new(
            Arc::clone(&roots),
            store.clone(),
            Arc::clone(&freshness),
        ));
        vault.verify().await.map_err(|error| match error {
            KeyError::Store(error) => StartError::Store(error),
            error => StartError::ForeignRootKey(error),
        })?;
        let probe = Probe::new(upstream.clone(), config.check_timeout);
        let limits = Limits::of(&config, Arc::clone(&clock))?;
        let mailer = Mailer::new(config.people.mail.as_ref())?;
        let (meter, meter_task) = Meter::new(store.clone(), Arc::clone(&vault));
        let webhooks = Webhooks::new(
            store.clone(),
            Arc::clone(&vault),
            upstream.clone(),
            Arc::clone(&clock),
            config.webhook_timeout,
        );
        let app = Self {
            webhooks,
            settings: Settings::new(store.clone(), Arc::clone(&freshness)),
            registration: Registration::new(roots, Arc::clone(&clock)),
            connector: Connector::new(
                store.clone(),
                Arc::clone(&vault),
                probe.clone(),
                Arc::clone(&clock),
                Arc::clone(&freshness),
            ),
            identity: Identity::new(
                &config,
                store.clone(),
                Arc::clone(&vault),
                limits.clone(),
                mailer.clone(),
                Arc::clone(&clock),
            )?,
            mailer,
            relay_keys: RelayKeys::new(
                store.clone(),
                Arc::clone(&clock),
                Arc::clone(&freshness),
                config.cache_entries,
            ),
            gateway: Gateway::new(
                Arc::clone(&catalogs),
                Credentials::new(
                    store.clone(),
                    Arc::clone(&vault),
                    Arc::clone(&freshness),
                    config.cache_entries,
                ),
                upstream,
                probe.clone(),
                limits.clone(),
                meter.clone(),
                Arc::clone(&clock),
            ),
            limits,
            meter,
            config,
            clock,
            request_ids: RequestIds::default(),
            store,
            freshness,
            catalog,
            catalogs,
            vault,
            unattended: TaskTracker::new(),
            started: Instant::now(),
        };
        Ok((Arc::new(app), meter_task))
    }
}
