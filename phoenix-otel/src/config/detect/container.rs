//! The container ID, from the cgroup or the mounts of the process.

use super::{Found, Machine};

pub(super) fn detect(machine: &Machine) -> Vec<Found> {
    let by_cgroup = machine.text("/proc/self/cgroup").and_then(|cgroup| by_cgroup(&cgroup));
    let id = by_cgroup.or_else(|| machine.text("/proc/self/mountinfo").and_then(|mounts| by_mounts(&mounts)));
    vec![("container.id", id)]
}

/// Reads lines `hierarchy:controllers:path`. The path ends with the container ID, sometimes with the name of the runtime: `docker-<id>.scope`.
///
/// A container with its own cgroup namespace sees only the path `/`.
fn by_cgroup(cgroup: &str) -> Option<String> {
    cgroup.lines().find_map(|line| line.splitn(3, ':').nth(2)?.rsplit('/').find_map(id))
}

/// Reads the mounts of files that come from the container's directory on the host, such as `/etc/hostname`.
///
/// In a pod these files belong to the pause container, so its ID would be found instead.
fn by_mounts(mounts: &str) -> Option<String> {
    let in_pod = mounts.contains("/kubelet/");
    let found = |points: &[&str]| {
        mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(3);
            let (root, point) = (fields.next()?, fields.next()?);
            if points.contains(&point) { root.rsplit('/').find_map(id) } else { None }
        })
    };
    let own = found(&["/run/.containerenv"]);
    own.or_else(|| if in_pod { None } else { found(&["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]) })
}

/// The container ID in a path component: 64 hexadecimal digits.
fn id(component: &str) -> Option<String> {
    let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    component.split(['-', '.', ':']).find(is_id).map(str::to_owned)
}
