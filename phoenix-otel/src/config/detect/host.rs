//! The host: its name, its architecture and its ID.

use super::{Found, Machine};

pub(super) fn name_and_arch(machine: &Machine) -> Vec<Found> {
    // In a container this is the host name of the container.
    let name = machine.text("/proc/sys/kernel/hostname").or_else(|| machine.text("/etc/hostname"));
    vec![("host.name", name), ("host.arch", Some(arch(std::env::consts::ARCH).to_owned()))]
}

pub(super) fn id(machine: &Machine) -> Vec<Found> {
    let id = ["/etc/machine-id", "/var/lib/dbus/machine-id"].into_iter().find_map(|path| machine.text(path));
    // Before the first boot the file contains a word such as `uninitialized`.
    vec![("host.id", id.filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())))]
}

/// The name of an architecture in the semantic conventions.
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
