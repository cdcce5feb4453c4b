//! `relay health`

use std::time::Duration;

use relay_server::config::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Done, say};

const PATIENCE: Duration = Duration::from_secs(3);
const ANSWER_BYTES: u64 = 16 * 1024;

/// Asks the server on this machine, at the address it is configured to listen on.
pub(super) async fn execute() -> Done {
    let mut address = Config::from_env()?.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let asked = async {
        let mut connection = TcpStream::connect(address).await?;
        let request = format!("GET /api/health HTTP/1.0\r\nHost: {address}\r\n\r\n");
        connection.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        connection
            .take(ANSWER_BYTES)
            .read_to_string(&mut answer)
            .await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| format!("no answer from {address} within {} s", PATIENCE.as_secs()))?
        .map_err(|error| format!("no answer from {address}: {error}"))?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => say(body.trim()),
        _ => Err(format!("{address} did not answer as Relay does").into()),
    }
}
