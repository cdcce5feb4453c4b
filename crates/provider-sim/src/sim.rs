use std::net::SocketAddr;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::untrusted::serve_untrusted;
use crate::{Provider, Received, Reply, Shared, serve};

/// Running simulated providers on a free port of the loopback interface. Dropping it stops them:
/// the port closes, and so does every connection.
///
/// They run on a thread and a runtime of their own, so a test may pause its clock or drop its
/// runtime without disturbing them.
#[derive(Debug)]
pub struct Sim {
    shared: Shared,
    address: SocketAddr,
    untrusted: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sim {
    /// Starts on a free port. No key is accepted yet.
    ///
    /// # Panics
    /// When the machine gives no port, thread or runtime.
    pub async fn start() -> Self {
        let shared = Shared::default();
        let (stop, stopped) = oneshot::channel();
        let (started, address) = oneshot::channel();
        let for_thread = shared.clone();
        let thread = std::thread::spawn(move || run(for_thread, started, stopped));
        let (address, untrusted) = address
            .await
            .expect("the simulated providers' thread starts");
        Self {
            shared,
            address,
            untrusted,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where the listener is.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A provider's base URL, e.g. `http://127.0.0.1:40123/openai/v1`.
    pub fn url(&self, provider: Provider) -> String {
        format!("http://{}{}", self.address, provider.base_path())
    }

    /// A provider's base URL behind TLS whose certificate no client trusts. Whoever gets an answer
    /// from there checks no certificates.
    pub fn untrusted_url(&self, provider: Provider) -> String {
        format!("https://{}{}", self.untrusted, provider.base_path())
    }

    /// OpenAI's base URL.
    pub fn openai_url(&self) -> String {
        self.url(Provider::OpenAi)
    }

    /// Anthropic's base URL.
    pub fn anthropic_url(&self) -> String {
        self.url(Provider::Anthropic)
    }

    /// Gemini's base URL.
    pub fn gemini_url(&self) -> String {
        self.url(Provider::Google)
    }

    /// Accepts a key from now on.
    ///
    /// # Panics
    /// When no provider has this name; so do the other methods that take one.
    pub fn allow_key(&self, provider: &str, key: &str) {
        self.shared.allow_key(named(provider), key);
    }

    /// Refuses a key from now on.
    pub fn refuse_key(&self, provider: &str, key: &str) {
        self.shared.refuse_key(named(provider), key);
    }

    /// Adds a reply to the end of a provider's script.
    pub fn script(&self, provider: &str, reply: Reply) {
        self.shared.script(named(provider), reply);
    }

    /// Throws all scripts away.
    pub fn clear_scripts(&self) {
        self.shared.clear_scripts();
    }

    /// Everything received so far, oldest first, refused requests included.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received()
    }

    /// Forgets everything received so far.
    pub fn clear_received(&self) {
        self.shared.clear_received();
    }

    /// Waits until at least this many requests have been received since the start or the last
    /// [`clear_received`](Self::clear_received).
    pub async fn wait_for_requests(&self, count: usize) {
        self.shared.wait_for_requests(count).await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // Its panic, if any, has been printed; a second one here would abort the test.
            let _ = thread.join();
        }
    }
}

fn named(provider: &str) -> Provider {
    Provider::named(provider).unwrap_or_else(|| {
        panic!(
            "no simulated provider is called {provider:?}; there are {}",
            Provider::NAMES
        )
    })
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("the machine gives a port");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    (listener, address)
}

/// The thread: serves until told to stop, then drops its runtime and with it every connection.
fn run(
    shared: Shared,
    started: oneshot::Sender<(SocketAddr, SocketAddr)>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the machine gives a runtime");
    runtime.block_on(async {
        let (listener, address) = bind().await;
        let (untrusted, untrusted_address) = bind().await;
        if started.send((address, untrusted_address)).is_err() {
            return;
        }
        tokio::select! {
            served = serve(listener, shared.clone()) => served.expect("the listener stays usable"),
            served = serve_untrusted(untrusted, shared) => {
                served.expect("the listener stays usable");
            }
            _ = stopped => {}
        }
    });
}
