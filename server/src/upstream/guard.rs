//! Which addresses upstream URLs may reach: the public internet, and the networks the operator
//! allows. Names are checked by the addresses they resolve to, at each connection, so a name that
//! changes its mind (DNS rebinding) gains nothing.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::UpstreamError;

/// How far a call may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// The public internet and what the operator allows.
    Public,
    /// Only what the operator allows: a key never crosses the internet in the clear.
    Allowed,
}

/// The rule.
#[derive(Debug)]
pub(super) struct Guard {
    allow: Vec<IpNet>,
}

/// IPv4 that is not the public internet (IANA special-purpose registry, RFC 6890).
const NOT_PUBLIC_V4: [Ipv4Net; 14] = [
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 8),
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 88, 99, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// The only IPv6 that is handed out as public.
const GLOBAL_UNICAST_V6: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of it is not: Teredo, benchmarks, documentation, and 6to4, which all can hide an IPv4.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    Ipv6Net::new_assert(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl Guard {
    pub(super) fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    fn permits(&self, address: IpAddr, reach: Reach) -> bool {
        // An IPv4 address in IPv6's clothes is that IPv4 address.
        let address = address.to_canonical();
        self.allow.iter().any(|network| network.contains(&address))
            || (reach == Reach::Public && is_public(address))
    }

    /// Checks a URL whose host is a literal address; names pass, to be checked when resolved.
    pub(super) fn check_literal(&self, url: &Url, reach: Reach) -> Result<(), UpstreamError> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(UpstreamError::Unsendable),
        };
        if self.permits(address, reach) {
            Ok(())
        } else {
            Err(UpstreamError::Forbidden)
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4
            .iter()
            .any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_UNICAST_V6.contains(&address)
                && !NOT_PUBLIC_V6
                    .iter()
                    .any(|network| network.contains(&address))
        }
    }
}

/// The name resolved to nothing that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to no address that upstream URLs may reach")]
struct ForbiddenName;

/// Whether a call failed because its name resolved to nothing that may be reached.
pub(super) fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<ForbiddenName>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The system's resolver, less what the guard does not permit.
pub(super) struct GuardedResolver {
    guard: Arc<Guard>,
    reach: Reach,
}

impl GuardedResolver {
    pub(super) fn new(guard: Arc<Guard>, reach: Reach) -> Self {
        Self { guard, reach }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, reach) = (Arc::clone(&self.guard), self.reach);
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> = addresses
                .filter(|address| guard.permits(address.ip(), reach))
                .collect();
            if permitted.is_empty() {
                return Err(ForbiddenName.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn private_and_special_addresses_are_out_of_reach() {
        let guard = Guard::new(Vec::new());
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
            "::7f00:1",
        ] {
            assert!(!guard.permits(address(text), Reach::Public), "{text}");
        }
        for text in [
            "1.1.1.1",
            "104.18.6.192",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(guard.permits(address(text), Reach::Public), "{text}");
            assert!(
                !guard.permits(address(text), Reach::Allowed),
                "{text} in the clear"
            );
        }
    }

    #[test]
    fn the_operator_may_allow_a_network() {
        let guard = Guard::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        for reach in [Reach::Public, Reach::Allowed] {
            assert!(guard.permits(address("10.9.9.9"), reach));
            assert!(guard.permits(address("::ffff:10.9.9.9"), reach));
            assert!(!guard.permits(address("192.168.0.1"), reach));
        }
    }

    #[test]
    fn a_literal_address_is_checked_however_it_is_written() {
        let guard = Guard::new(Vec::new());
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
        ] {
            let url = Url::parse(text).expect(text);
            assert_eq!(
                guard.check_literal(&url, Reach::Public),
                Err(UpstreamError::Forbidden),
                "{text}"
            );
        }
    }
}
