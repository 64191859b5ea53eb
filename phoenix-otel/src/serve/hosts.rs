//! Checks the host name of a request. This prevents DNS rebinding attacks: a page of another site must not read the endpoint.
//!
//! A browser sends the host name of the page's address as `Host`. If an attacker makes the name `evil.example` resolve to 127.0.0.1, the browser
//! treats a page of `evil.example` and an endpoint on loopback as one origin, but the request still contains the name `evil.example`. An IP
//! address as the host is safe, because no attacker can make it resolve to another address.

use std::net::IpAddr;

use crate::config::unbracketed;

/// Whether a request with this `Host` is allowed: the host must be a loopback name, an IP address, or one of `names`, which are in lower case.
///
/// A request without `Host` does not come from a browser.
pub(super) fn admits(host: Option<&str>, names: &[String]) -> bool {
    let Some(host) = host else { return true };
    let name = without_port(host.trim()).trim_end_matches('.').to_ascii_lowercase();
    unbracketed(&name).parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || names.contains(&name)
}

/// The host of `host:port`. An IPv6 address is in brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => {
            if name.contains(':') && !name.starts_with('[') { host } else { name }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_and_configured_names_are_admitted() {
        let names = ["orchestrator.internal".to_owned()];
        for host in [
            "localhost",
            "localhost:9464",
            "LOCALHOST:9464",
            "localhost.:9464",
            "page.localhost:9464",
            "127.0.0.1:9464",
            "127.8.9.1",
            "10.0.0.7:8080",
            "[::1]:9464",
            "[::1]",
            "[fe80::1]:8080",
            "orchestrator.internal",
            "Orchestrator.Internal:8080",
        ] {
            assert!(admits(Some(host), &names), "{host}");
        }
        assert!(admits(None, &[]));
    }

    #[test]
    fn other_names_are_refused() {
        let names = ["orchestrator.internal".to_owned()];
        for host in [
            "evil.example",
            "evil.example:9464",
            "localhost.evil.example:9464",
            "127.0.0.1.evil.example:9464",
            "evil-localhost",
            "notorchestrator.internal",
            "orchestrator.internal.evil.example",
            "0x7f.1",
            "[::1].evil.example:9464",
            "evil.example:127.0.0.1",
            "",
        ] {
            assert!(!admits(Some(host), &names), "{host}");
        }
    }
}
