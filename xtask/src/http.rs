//! Just enough HTTP to ask a server on this machine something.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::shell::{Explain, Failure, Outcome};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends JSON (or nothing), and returns the answer's body when its status is 2xx.
pub(crate) fn call(
    server: SocketAddr,
    method: &str,
    path: &str,
    relay_key: Option<&str>,
    body: Option<&Value>,
) -> Outcome<String> {
    let asked = format!("{method} http://{server}{path}");
    let (status, answer) = exchange(server, method, path, relay_key, body).explain(&asked)?;
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    Err(Failure::new(format!(
        "{asked} was answered with {status}: {}",
        answer.trim()
    )))
}

fn exchange(
    server: SocketAddr,
    method: &str,
    path: &str,
    relay_key: Option<&str>,
    body: Option<&Value>,
) -> std::io::Result<(u16, String)> {
    let mut connection = TcpStream::connect(server)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let authorization = relay_key
        .map(|key| format!("Authorization: Bearer {key}\r\n"))
        .unwrap_or_default();
    // HTTP/1.0, so that the answer ends with the connection and is never chunked.
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {server}\r\n{authorization}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    Ok((status, body.to_owned()))
}
