//! The host: its name and its architecture, and its id.

use super::{Found, Machine};

pub(super) fn name_and_arch(machine: &Machine) -> Vec<Found> {
    // The name of the kernel, which is the container's where there is one.
    let name = machine.text("/proc/sys/kernel/hostname").or_else(|| machine.text("/etc/hostname"));
    vec![("host.name", name), ("host.arch", Some(arch(std::env::consts::ARCH).to_owned()))]
}

pub(super) fn id(machine: &Machine) -> Vec<Found> {
    let id = ["/etc/machine-id", "/var/lib/dbus/machine-id"].into_iter().find_map(|path| machine.text(path));
    // A system that has not been set up yet has a word there.
    vec![("host.id", id.filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())))]
}

/// What the conventions call an architecture.
pub(super) fn arch(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}
