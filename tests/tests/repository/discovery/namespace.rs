//! A network of the test's own, with a resolver of its own. Prometheus reads /etc/resolv.conf, which knows no port, and the services are looked
//! for at port 8080: on the machine itself both might be somebody else's.

use std::env;
use std::fs;
use std::process::{Command, Output};

use super::dns;

/// Tells the test that it runs inside.
const INSIDE: &str = "PHOENIX_TEST_NAMESPACE";

/// Run inside: a resolv.conf in the place of the machine's, and a loopback interface that is up (`ifreq` with IFF_UP, as `ip link set lo up` has
/// it, which not every machine has). Then the test.
const SCRIPT: &str = r#"
mount --bind "$1" /etc/resolv.conf
python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 1))'
shift
exec "$@""#;

/// Runs `body` in namespaces of its own, by running this test of this program once more there. It takes no more rights than a user has
/// where user namespaces are allowed.
///
/// # Panics
///
/// When `body` does, or when the machine does not allow namespaces: then it says what has to be allowed.
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
    let (resolver, program) = (resolver.to_string_lossy(), env::current_exe().expect("a test knows its own path"));
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
