//! A network namespace with its own resolver. Prometheus reads /etc/resolv.conf, which cannot set a port, and discovers services
//! on port 8080. On the host another program may use both ports.

use std::env;
use std::fs;
use std::process::{Command, Output};

use super::dns;

/// Set inside the namespace.
const INSIDE: &str = "PHOENIX_TEST_NAMESPACE";

/// The setup inside: a resolv.conf in place of the host's, and a loopback interface that is up (`ifreq` with IFF_UP, as `ip link set lo up` does
/// it, which not every machine has). Then it runs the test.
const SCRIPT: &str = r#"
mount --bind "$1" /etc/resolv.conf
python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 1))'
shift
exec "$@""#;

/// Runs `body` in new namespaces, by rerunning this test there. It needs only the rights of a user on a machine
/// that allows user namespaces.
///
/// # Panics
///
/// If `body` panics, or if the machine does not allow namespaces. The message says what to allow.
pub(crate) fn inside(test: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let tried = unshare(&["true"]);
    assert!(
        tried.status.success(),
        "this test needs a user, a mount and a network namespace, which this machine refuses: {}\nAllow them: \
         `sysctl user.max_user_namespaces` above 0, `kernel.unprivileged_userns_clone=1` or \
         `kernel.apparmor_restrict_unprivileged_userns=0` where these exist; in a container, a seccomp profile that lets `unshare` and `mount` pass",
        String::from_utf8_lossy(&tried.stderr)
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let resolver = folder.path().join("resolv.conf");
    fs::write(&resolver, format!("nameserver {}\nsearch {}\n", dns::ADDRESS, dns::DOMAIN)).expect("a file");
    let (resolver, program) = (resolver.to_string_lossy(), env::current_exe().expect("the path of the test program"));
    let program = program.to_string_lossy();
    let ran = unshare(&["bash", "-euc", SCRIPT, "bash", &resolver, &program, "--exact", test, "--nocapture"]);
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ran.status.success() && said.contains("1 passed"), "in its namespaces:\n{said}");
}

fn unshare(command: &[&str]) -> Output {
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--mount", "--net", "--"]).args(command).env(INSIDE, "yes");
    unshare.output().unwrap_or_else(|e| panic!("{unshare:?}: {e}: install util-linux"))
}
