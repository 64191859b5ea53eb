//! The container's id, of the process's cgroup or of its mounts.

use super::{Found, Machine};

pub(super) fn detect(machine: &Machine) -> Vec<Found> {
    let by_cgroup = machine.text("/proc/self/cgroup").and_then(|cgroup| by_cgroup(&cgroup));
    let id = by_cgroup.or_else(|| machine.text("/proc/self/mountinfo").and_then(|mounts| by_mounts(&mounts)));
    vec![("container.id", id)]
}

/// Of `hierarchy:controllers:path`. The path ends in the container's id, with or without the name of what made it: `docker-<id>.scope`.
///
/// A container with a namespace of its own for cgroups sees none of it, but `/`.
fn by_cgroup(cgroup: &str) -> Option<String> {
    cgroup.lines().find_map(|line| line.splitn(3, ':').nth(2)?.rsplit('/').find_map(id))
}

/// Of the files of the container's own folder that are mounted into it, as `/etc/hostname` is.
///
/// In a pod these files belong to the container that holds the pod's network, whose id would be the wrong one.
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

/// The id in a component of a path: 64 hexadecimal digits.
fn id(component: &str) -> Option<String> {
    let is_id = |part: &&str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    component.split(['-', '.', ':']).find(is_id).map(str::to_owned)
}
