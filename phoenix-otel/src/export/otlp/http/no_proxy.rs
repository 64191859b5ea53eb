//! `NO_PROXY`: which receivers are reached without a proxy, by the rules of curl.

use std::env;
use std::net::IpAddr;

use http::Uri;

use crate::config::unbracketed;

/// The entries of the list, separated by commas or white space.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    hosts: Hosts,
    /// Any port, unless the entry has one.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq)]
enum Hosts {
    All,
    /// The addresses that share this many leading bits with this one.
    Network(IpAddr, u32),
    /// A host and its subdomains.
    Domain(String),
}

impl NoProxy {
    /// The list from the environment of the process.
    pub(super) fn from_env() -> Self {
        Self::from_variables(|name| env::var(name).ok())
    }

    /// Like curl: `no_proxy` takes precedence over `NO_PROXY`, and an empty variable counts as unset.
    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut lists = ["no_proxy", "NO_PROXY"].into_iter().filter_map(variable);
        lists.find(|list| !list.is_empty()).map_or_else(Self::default, |list| Self::new(&list))
    }

    fn new(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(Entry::new).collect())
    }

    /// Whether this destination is reached without a proxy.
    pub(super) fn contains(&self, destination: &Uri) -> bool {
        let Some(host) = destination.host() else { return false };
        let host = unbracketed(host).trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok();
        let default_port = if destination.scheme_str() == Some("https") { 443 } else { 80 };
        let port = destination.port_u16().unwrap_or(default_port);
        self.0.iter().any(|entry| entry.port.is_none_or(|only| only == port) && entry.hosts.contain(&host, address))
    }
}

impl Entry {
    /// `None` for a network with more bits than its addresses have.
    fn new(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self { hosts: Hosts::All, port: None });
        }
        // In a bare IPv6 address or network, a colon does not separate a port.
        let split = text.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        let with_port = split.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = with_port.map_or((text, None), |(host, port)| (host, Some(port)));
        Some(Self { hosts: Hosts::new(unbracketed(host))?, port })
    }
}

impl Hosts {
    fn new(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let Ok(address) = unbracketed(address).parse::<IpAddr>() else {
            let domain = text.strip_prefix('.').unwrap_or(text);
            let domain = domain.strip_suffix('.').unwrap_or(domain).to_ascii_lowercase();
            return (!domain.is_empty()).then_some(Self::Domain(domain));
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        // curl compares all bits if the number of bits is 0.
        let bits = bits.map_or(Some(longest), |bits| bits.parse().ok())?;
        let bits = if bits == 0 { longest } else { bits };
        (bits <= longest).then_some(Self::Network(address, bits))
    }

    fn contain(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Self::All => true,
            Self::Network(network, bits) => address.is_some_and(|address| share(*network, address, *bits)),
            Self::Domain(_) if address.is_some() => false,
            Self::Domain(domain) => {
                let above = host.strip_suffix(domain.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
        }
    }
}

/// Whether two addresses of one family share this many leading bits.
fn share(a: IpAddr, b: IpAddr, bits: u32) -> bool {
    let (differ, length) = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits() ^ b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits(), 128),
        _ => return false,
    };
    differ >> (length - bits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(list: &str, destination: &str, is_direct: bool) {
        let contains = NoProxy::new(list).contains(&Uri::try_from(destination).unwrap());
        assert_eq!(contains, is_direct, "`{list}`: {destination}");
    }

    #[test]
    fn the_variable_in_lower_case_comes_first_and_an_empty_one_is_unset() {
        for (lower, upper, expected) in [
            (Some("one"), Some("other"), "one"),
            (Some("one"), Some(""), "one"),
            (Some(""), Some("other"), "other"),
            (None, Some("other"), "other"),
        ] {
            let variable = |name: &str| if name == "no_proxy" { lower } else { upper }.map(str::to_owned);
            assert_eq!(NoProxy::from_variables(variable), NoProxy::new(expected), "{lower:?} {upper:?}");
        }
    }

    #[test]
    fn a_star_is_every_host() {
        for destination in ["http://collector:4318", "http://10.1.2.3:4318", "https://[2001:db8::1]/"] {
            expect("*", destination, true);
            expect("elsewhere, *", destination, true);
            expect("*:4317", destination, false);
            expect("", destination, false);
        }
    }

    #[test]
    fn a_domain_is_a_host_and_its_subdomains() {
        for list in ["example.com", ".example.com", "example.com.", "EXAMPLE.com", "a b,example.com  c"] {
            expect(list, "http://example.com:4318", true);
            expect(list, "http://Otel.Example.COM./v1", true);
            expect(list, "http://notexample.com", false);
            expect(list, "http://example.com.evil", false);
        }
        for list in ["..example.com", "example.com..", ".", "..", "*.example.com"] {
            expect(list, "http://example.com", false);
            expect(list, "http://otel.example.com", false);
        }
    }

    #[test]
    fn an_address_is_itself_or_a_network() {
        for (list, destination, is_direct) in [
            ("10.1.2.3", "http://10.1.2.3:4318", true),
            ("10.1.2.3", "http://10.1.2.30", false),
            ("10.0.0.0/8", "http://10.200.2.3", true),
            ("10.0.0.0/8", "http://11.0.0.1", false),
            ("0.0.0.0/0", "http://11.0.0.1", false),
            ("0.0.0.0/0", "http://0.0.0.0", true),
            ("0.0.0.0/1", "http://11.0.0.1", true),
            ("0.0.0.0/1", "http://[::1]", false),
            ("10.0.0.0/33", "http://10.0.0.0", false),
            ("10.0.0.0/x", "http://10.0.0.0", false),
            ("0.0.1", "http://127.0.0.1", false),
            ("::1", "http://[::1]:4318", true),
            ("[::1]", "http://[0:0::1]:4318", true),
            ("2001:db8::/32", "http://[2001:db8:1::5]", true),
            ("[2001:db8::]/32", "http://[2001:db8:1::5]", true),
            ("2001:db8::/32", "http://[2001:db9::5]", false),
        ] {
            expect(list, destination, is_direct);
        }
    }

    #[test]
    fn an_entry_may_name_a_port() {
        for (list, destination, is_direct) in [
            ("127.0.0.1:4318", "http://127.0.0.1:4318", true),
            ("127.0.0.1:4318", "http://127.0.0.1:4319", false),
            ("10.0.0.0/8:4318", "http://10.9.9.9:4318", true),
            ("[::1]:4318", "http://[::1]:4318", true),
            ("[::1]:4318", "http://[::1]:4319", false),
            ("example.com:443", "https://otel.example.com/v1", true),
            ("example.com:443", "http://otel.example.com/v1", false),
            (".example.com:80", "http://otel.example.com/v1", true),
        ] {
            expect(list, destination, is_direct);
        }
    }
}
