//! Which address a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::HeaderMap;
use http::request::Parts;
use ipnet::IpNet;

use crate::app::App;

const FORWARDED: &str = "x-forwarded-for";

/// The caller's address; none where it cannot be told.
pub(super) fn address(app: &App, request: &Parts) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    behind(peer.ip(), &request.headers, &app.config.trusted_proxies)
}

/// The address that the outermost of our own proxies was called from. What stands left of it in
/// `X-Forwarded-For` was written by strangers.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let is_ours = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut address = peer.to_canonical();
    let lists = headers.get_all(FORWARDED).iter().rev();
    let mut hops = lists.flat_map(|list| list.to_str().unwrap_or("?").rsplit(','));
    while is_ours(address) {
        match hops.next() {
            None => break,
            Some(hop) => address = parse(hop.trim())?,
        }
    }
    Some(address)
}

/// An address, with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let alone = hop.trim_start_matches('[').trim_end_matches(']').parse();
    alone
        .or_else(|_| hop.parse().map(|socket: SocketAddr| socket.ip()))
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append(FORWARDED, list.parse().expect("a header"));
        }
        let proxies = ["10.0.0.0/8", "::1/128"].map(|network| network.parse().expect("a network"));
        let peer = peer.parse().expect("an address");
        behind(peer, &headers, &proxies).map(|address| address.to_string())
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        for (peer, forwarded, address) in [
            ("203.0.113.9", &["192.0.2.1"][..], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:10.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", &["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
            ("10.0.0.1", &["192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            (
                "10.0.0.1",
                &["198.51.100.7", "192.0.2.1,10.0.0.2"],
                "192.0.2.1",
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["192.0.2.1:4711"], "192.0.2.1"),
            ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("::1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            assert_eq!(
                told(peer, forwarded).as_deref(),
                Some(address),
                "{forwarded:?}"
            );
        }
        for nonsense in ["unknown", "", "192.0.2.1, "] {
            assert_eq!(told("10.0.0.1", &[nonsense]), None, "{nonsense}");
        }
    }
}
