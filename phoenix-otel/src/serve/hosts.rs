//! Checks the host name of a request. This prevents DNS rebinding attacks: a page of another site must not read the endpoint.
//!
//! A browser sends the host name of the page's address as `Host`. If an attacker makes the name `evil.example` resolve to 127.0.0.1, the browser
//! treats a page of `evil.example` and an endpoint on loopback as one origin, but the request still contains the name `evil.example`. An IP
//! address as the host is safe, because no attacker can make it resolve to another address.

use std::fs;
use std::net::IpAddr;
use std::sync::LazyLock;

use crate::config::unbracketed;

/// The name of this machine in lower case; empty where it cannot be read. Debian resolves it to 127.0.1.1, so its requests arrive over loopback.
static OWN: LazyLock<String> = LazyLock::new(|| {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_ascii_lowercase()
});

/// Whether a request with this `Host` is allowed: the host must be a loopback name, an IP address, the name of this machine, or one of `names`,
/// which are in lower case.
///
/// A request without `Host` does not come from a browser.
pub(super) fn admits(host: Option<&str>, names: &[String]) -> bool {
    admits_on(&OWN, host, names)
}

/// Like `admits`, on a machine with the name `own`.
fn admits_on(own: &str, host: Option<&str>, names: &[String]) -> bool {
    let Some(host) = host else { return true };
    let name = without_port(host.trim()).trim_end_matches('.').to_ascii_lowercase();
    let is_own = !name.is_empty() && (own == name || own.split('.').next() == Some(&name));
    unbracketed(&name).parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || is_own
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
    fn the_name_of_this_machine_is_admitted() {
        let admits = |own, host| admits_on(own, Some(host), &[]);
        assert!(admits("depot", "depot:9464") && admits("depot", "Depot"));
        assert!(admits("depot.acme.example", "depot.acme.example:9464") && admits("depot.acme.example", "depot"));
        assert!(!admits("depot", "depot.evil.example") && !admits("depot.acme.example", "acme.example"));
        assert!(!admits("", "") && !admits("", "evil.example"));
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
