//! What every client is told of every failure of every upstream: each inbound dialect, whole and
//! streamed, against each upstream dialect. `rules` says what must be told, `told` reads what was,
//! and `docs/error-tables.md` shows it as it was seen: `RELAY_WRITE_DOCS=1` writes it anew.

mod cell;
mod rules;
mod table;
mod told;

use std::time::Duration;

use futures_util::future::join_all;
use relay_server::config::Config;
use tokio::net::TcpListener;

use crate::support::{Kind, Tenant, TestApp};
use cell::{Cell, Failure};
use table::Row;
use told::Told;

/// How long a provider may be silent where a test waits for that to pass: long enough for every
/// answer that does come.
const SILENCE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_is_told_in_the_clients_own_words() {
    let mut rows = Vec::new();
    let app = TestApp::start(Kind::Sqlite).await;
    let tenant = app.tenant("acme").await;
    let closed = closed_port().await;
    for failure in Failure::ALL.into_iter().filter(|one| !one.is_silence()) {
        for cell in Cell::all(failure) {
            let told = ask(&app, &tenant, cell, &closed).await;
            app.sim.clear_scripts();
            rows.push(Row { cell, told });
        }
    }
    app.finish().await;

    // These wait for the clock, so as many wait at once as one script serves.
    let app = TestApp::start_with(Kind::Sqlite, impatient).await;
    let tenant = app.tenant("acme").await;
    for failure in Failure::ALL.into_iter().filter(|one| one.is_silence()) {
        let (streamed, whole) = Cell::all(failure)
            .into_iter()
            .partition::<Vec<_>, _>(|cell| cell.inbound.streamed());
        for cells in [whole, streamed] {
            let asking = cells.iter().map(|cell| ask(&app, &tenant, *cell, &closed));
            let told = join_all(asking).await;
            app.sim.clear_scripts();
            let cells = cells.into_iter().zip(told);
            rows.extend(cells.map(|(cell, told)| Row { cell, told }));
        }
    }
    app.finish().await;

    let wrong: Vec<String> = rows.iter().filter_map(Row::fault).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    table::compare(&rows);
}

fn impatient(config: &mut Config) {
    config.upstream_timeout = SILENCE;
}

/// The base URL of a port on which nobody listens.
async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    format!("http://{address}")
}

/// Makes the upstream fail, calls, and reads what is told.
async fn ask(app: &TestApp, tenant: &Tenant, cell: Cell, closed: &str) -> Result<Told, String> {
    let provider = cell.upstream.provider();
    let base_url = match cell.failure {
        Failure::Refused => Some(closed.to_owned()),
        Failure::Untrusted => Some(app.sim.untrusted_url(cell.upstream.simulated())),
        _ => None,
    };
    // A user for each call, so that no call's end touches the next one's key.
    let label = cell.to_string();
    app.plant(tenant, &label, provider, base_url).await;
    if let Some(script) = cell.script() {
        // Always, so that trying again does not hide it.
        app.sim
            .script(provider, script.on(cell.upstream.path()).always());
    }
    let request = cell.inbound.request(app, tenant, &label, cell.upstream);
    told::read(cell.inbound, request).await
}
