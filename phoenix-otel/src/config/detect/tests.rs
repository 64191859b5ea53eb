//! The detectors with files and variables of the test.

use std::collections::HashMap;

use super::super::tests::{environment, told};
use super::*;
use crate::config::Problems;

const ID: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OTHER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

fn machine(files: &[(&str, &str)]) -> Machine {
    let files: HashMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let files = Box::new(move |path: &str| files.get(path).cloned());
    Machine { files, pid: 42, executable: Some("/opt/shop/bin/orders".into()) }
}

/// The attributes that are found with these variables and files.
fn found(
    variables: &[(&str, &str)],
    given: Option<&[ResourceDetector]>,
    files: &[(&str, &str)],
) -> Result<Vec<(&'static str, String)>, Problems> {
    let environment = environment(variables);
    let mut env = Env::new(&environment);
    let chosen = chosen(&mut env, given);
    let found = attributes(&mut env, &chosen, &machine(files));
    env.finish().ignored(true).map(|_| found)
}

/// The attributes that one detector finds.
fn one(detector: ResourceDetector, variables: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    found(variables, Some(&[detector]), files).unwrap()
}

fn pairs<'a>(found: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    found.iter().map(|(key, value)| (*key, value.as_str())).collect()
}

fn keys(found: Result<Vec<(&'static str, String)>, Problems>) -> Vec<&'static str> {
    found.unwrap().into_iter().map(|(key, _)| key).collect()
}

const FILES: [(&str, &str); 6] = [
    ("/proc/sys/kernel/hostname", "worker-7\n"),
    ("/etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
    ("/etc/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n"),
    ("/proc/self/stat", "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 88"),
    ("/proc/stat", "cpu 1 2 3\nbtime 1700558700\nprocesses 9\n"),
    (
        "/proc/self/cgroup",
        "0::/system.slice/docker-0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0.scope\n",
    ),
];

#[test]
fn what_is_on() {
    let pod = [("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("POD_NAME", "shop-1")];
    let with = |list: &'static str| keys(found(&[pod[0], pod[1], (VARIABLE, list)], None, &FILES));
    let by_default = ["host.name", "host.arch", "k8s.pod.name"];
    assert_eq!(keys(found(&pod, None, &FILES)), by_default);
    assert_eq!(with(" "), by_default);
    assert_eq!(with("none"), [""; 0]);
    assert_eq!(
        with(" Process , host_id,,"),
        ["process.pid", "process.creation.time", "process.executable.name", "host.id"]
    );
    let all = with("all");
    assert_eq!(all.len(), 12, "{all:?}");
    for (_, detector) in ResourceDetector::ALL {
        let one = keys(found(&pod, Some(&[detector]), &FILES));
        assert!(!one.is_empty() && one.iter().all(|key| all.contains(key)), "{detector:?}: {one:?}");
    }
    // Code takes precedence over the variable.
    assert_eq!(keys(found(&[(VARIABLE, "all")], Some(&[]), &FILES)), [""; 0]);
    assert_eq!(keys(found(&[(VARIABLE, "none")], Some(&[ResourceDetector::Container]), &FILES)), ["container.id"]);
}

#[test]
fn a_detector_that_does_not_exist_is_told() {
    for (list, word) in [("host,podman", "podman"), ("all,host", "all"), ("none,os", "none")] {
        let problems = told(found(&[(VARIABLE, list)], None, &FILES));
        assert_eq!(problems.len(), 1, "{problems:?}");
        let (name, text) = &problems[0];
        assert!(name == VARIABLE && text.contains(&format!("{word:?}")) && text.contains("host_id, os"), "{text}");
    }
}

#[test]
fn the_host() {
    let arch = super::host::arch(std::env::consts::ARCH);
    let name = |files: &[(&str, &str)]| one(ResourceDetector::Host, &[], files);
    assert_eq!(pairs(&name(&FILES)), [("host.name", "worker-7"), ("host.arch", arch)]);
    assert_eq!(pairs(&name(&[("/etc/hostname", "set-up\n")])), [("host.name", "set-up"), ("host.arch", arch)]);
    assert_eq!(pairs(&name(&[("/etc/hostname", "\n")])), [("host.arch", arch)]);
    for (rust, conventional) in [("x86_64", "amd64"), ("aarch64", "arm64"), ("s390x", "s390x"), ("riscv64", "riscv64")]
    {
        assert_eq!(super::host::arch(rust), conventional);
    }
}

#[test]
fn the_id_of_the_host() {
    let id = |files: &[(&str, &str)]| one(ResourceDetector::HostId, &[], files);
    assert_eq!(pairs(&id(&FILES)), [("host.id", "0123456789abcdef0123456789abcdef")]);
    let by_dbus = [("/etc/machine-id", ""), ("/var/lib/dbus/machine-id", "fedcba9876543210fedcba9876543210")];
    assert_eq!(pairs(&id(&by_dbus)), [("host.id", "fedcba9876543210fedcba9876543210")]);
    assert_eq!(id(&[("/etc/machine-id", "uninitialized\n")]), []);
}

#[test]
fn the_operating_system() {
    let kind = super::os::kind(std::env::consts::OS);
    let os = |release: &str| one(ResourceDetector::Os, &[], &[("/usr/lib/os-release", release)]);
    let debian = one(ResourceDetector::Os, &[], &FILES);
    let expected = [("os.name", "Debian GNU/Linux"), ("os.version", "12"), ("os.description", "Debian 12")];
    assert_eq!(pairs(&debian), [&[("os.type", kind)][..], &expected].concat());
    let plain = os("# NAME=no\nVERSION_ID=3.20.1\nNAME='Alpine Linux'\nPRETTY_NAME=\"a \\\"b\\\" \\$c\"\nANSI_COLOR=");
    let expected =
        [("os.type", kind), ("os.name", "Alpine Linux"), ("os.version", "3.20.1"), ("os.description", "a \"b\" $c")];
    assert_eq!(pairs(&plain), expected);
    assert_eq!(pairs(&os("NAME=\"\"\nPRETTY_NAME=")), [("os.type", kind)]);
    for (rust, conventional) in [("macos", "darwin"), ("linux", "linux"), ("windows", "windows")] {
        assert_eq!(super::os::kind(rust), conventional);
    }
}

#[test]
fn the_process() {
    let process = one(ResourceDetector::Process, &[], &FILES);
    // 12,345 ticks of a hundredth after the boot at 2023-11-21T09:25:00Z.
    let created = ("process.creation.time", "2023-11-21T09:27:03.450Z");
    assert_eq!(pairs(&process), [("process.pid", "42"), created, ("process.executable.name", "orders")]);
    // The arguments are not read.
    let with_arguments = [&FILES[..], &[("/proc/self/cmdline", "orders\0--token=s3cret")]].concat();
    assert_eq!(one(ResourceDetector::Process, &[], &with_arguments), process);
    for broken in ["", "42 (x) S 1", "42 x S 1 2", "42 (x) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 soon 99"] {
        let files = [("/proc/self/stat", broken), FILES[4]];
        assert_eq!(
            keys(found(&[], Some(&[ResourceDetector::Process]), &files)),
            ["process.pid", "process.executable.name"]
        );
    }
    let replaced = Machine { executable: Some("/opt/orders (deleted)".into()), ..machine(&[]) };
    assert!(super::process::detect(&replaced).contains(&("process.executable.name", Some("orders".to_owned()))));
}

#[test]
fn times_are_written_as_iso_8601_has_them() {
    for (milliseconds, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_704_067_199_000, "2023-12-31T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] {
        assert_eq!(super::process::iso_8601(milliseconds), expected);
    }
}

#[test]
fn the_container() {
    let by_cgroup = |path: &str| one(ResourceDetector::Container, &[], &[("/proc/self/cgroup", path)]);
    for cgroup in [
        format!("12:memory:/docker/{ID}\n1:name=systemd:/docker/{ID}"),
        format!("1:cpu:/\n0::/system.slice/docker-{ID}.scope"),
        format!("11:pids:/kubepods/besteffort/pod2f2b-11/{ID}"),
        format!("0::/kubepods.slice/kubepods-pod2f2b.slice/cri-containerd-{ID}.scope"),
        format!("0::/kubepods.slice/kubepods-pod2f2b.slice/crio-{ID}.scope"),
        format!("1:name=systemd:/system.slice/containerd.service/kubepods-pod2f2b.slice:cri-containerd:{ID}"),
        format!("0::/machine.slice/libpod-{ID}.scope/container"),
        // A container in a container: the inner one.
        format!("0::/docker/{OTHER}/kubelet.slice/cri-containerd-{ID}.scope"),
    ] {
        assert_eq!(pairs(&by_cgroup(&cgroup)), [("container.id", ID)], "{cgroup}");
    }
    for none in
        ["0::/", "4:memory:/process_api/fc540b2988cc2ecd4363fac3a6147a87", "nonsense", "0::/user.slice/session-1.scope"]
    {
        assert_eq!(by_cgroup(none), [], "{none}");
    }
}

#[test]
fn the_container_by_its_mounts() {
    let by_mounts = |mounts: &str| {
        one(ResourceDetector::Container, &[], &[("/proc/self/cgroup", "0::/\n"), ("/proc/self/mountinfo", mounts)])
    };
    let mount = |root: &str, point: &str| format!("607 600 254:1 {root} {point} rw,relatime - ext4 /dev/vda1 rw\n");
    let overlay = "600 500 0:50 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/X\n";
    let docker = mount(&format!("/var/lib/docker/containers/{ID}/hostname"), "/etc/hostname");
    assert_eq!(pairs(&by_mounts(&format!("{overlay}{docker}"))), [("container.id", ID)]);
    let podman = mount(&format!("/containers/overlay-containers/{ID}/userdata/hosts"), "/etc/hosts");
    assert_eq!(pairs(&by_mounts(&podman)), [("container.id", ID)]);
    // A volume whose path contains an ID is not a file of the container.
    assert_eq!(by_mounts(&mount(&format!("/var/lib/docker/volumes/{OTHER}/_data"), "/data")), []);
    // In a pod the files belong to the pod's own container.
    let of_the_pod = mount(&format!("/var/lib/containerd/sandboxes/{OTHER}/hostname"), "/etc/hostname");
    let kubelet = mount("/var/lib/kubelet/pods/2f2b/etc-hosts", "/etc/hosts");
    assert_eq!(by_mounts(&format!("{of_the_pod}{kubelet}")), []);
    let own = mount(&format!("/containers/overlay-containers/{ID}/userdata/.containerenv"), "/run/.containerenv");
    assert_eq!(pairs(&by_mounts(&format!("{of_the_pod}{kubelet}{own}"))), [("container.id", ID)]);
    assert_eq!(by_mounts("607 600\n\n"), []);
}

#[test]
fn kubernetes() {
    let k8s = |variables: &[(&str, &str)], files: &[(&str, &str)]| one(ResourceDetector::K8s, variables, files);
    let all = [
        ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ("POD_NAME", "shop-1"),
        ("POD_UID", "2f2b"),
        ("POD_NAMESPACE", "store"),
        ("NODE_NAME", "worker-7"),
        ("CONTAINER_NAME", "shop"),
        ("HOSTNAME", "another"),
    ];
    let expected = [
        ("k8s.pod.name", "shop-1"),
        ("k8s.pod.uid", "2f2b"),
        ("k8s.namespace.name", "store"),
        ("k8s.node.name", "worker-7"),
        ("k8s.container.name", "shop"),
    ];
    assert_eq!(pairs(&k8s(&all, &[])), expected);
    let documented = [all[0], ("MY_POD_NAME", "shop-1"), ("MY_NODE_NAME", "worker-7"), ("K8S_NAMESPACE", "store")];
    assert_eq!(pairs(&k8s(&documented, &[])), [expected[0], expected[2], expected[3]]);
    // Without the downward API a pod knows its name and its namespace.
    let account = [("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "store")];
    assert_eq!(pairs(&k8s(&[all[0], ("HOSTNAME", "shop-1")], &account)), [expected[0], expected[2]]);
    // Outside of pods these variables mean something else.
    assert_eq!(k8s(&all[1..], &account), []);
}

/// Attributes that are not found are skipped.
#[test]
fn a_machine_without_files() {
    let all = ResourceDetector::ALL.map(|(_, detector)| detector);
    assert_eq!(keys(found(&[], Some(&all), &[])), ["host.arch", "os.type", "process.pid", "process.executable.name"]);
    assert_eq!(read("/nonexistent/file"), None);
    // It never ends.
    #[cfg(target_os = "linux")]
    assert_eq!(read("/dev/zero"), None);
}
