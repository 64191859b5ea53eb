//! Where the process runs, as attributes of the resource: found in files and variables, by detectors that are chosen.
//!
//! What cannot be found is left out. Nothing is asked of a network, and nothing that may hold a secret is read: no argument of the
//! command line, no variable but those that are named here.

mod container;
mod host;
mod k8s;
mod os;
mod process;
#[cfg(all(test, feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "tls-no-provider"))]
mod tests;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::env::Env;
use super::exporters::listed;
use super::setting::Setting;

/// The variable.
pub(super) const VARIABLE: &str = "PHOENIX_OTEL_RESOURCE_DETECTORS";

/// The longest file that is read, in bytes. What is longer is none that a detector looks for.
const LONGEST: u64 = 1 << 20;

/// Finds attributes of the resource: what [`Builder::detectors`](crate::Builder::detectors) takes.
///
/// An attribute that the service sets itself, in code or in `OTEL_RESOURCE_ATTRIBUTES`, wins over one that is detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceDetector {
    /// `host.name` and `host.arch`. On by default.
    Host,
    /// `host.id`, the machine's id of `/etc/machine-id`. `machine-id(5)` asks to keep it from networks that are not trusted.
    HostId,
    /// `os.type`, and `os.name`, `os.version` and `os.description` of `/etc/os-release`.
    Os,
    /// `process.pid`, `process.creation.time` and `process.executable.name`. They are other ones after each start of the process.
    Process,
    /// `container.id`, of the process's cgroup or mounts. It is another one after each start of the container.
    Container,
    /// `k8s.pod.name`, `k8s.pod.uid`, `k8s.namespace.name`, `k8s.node.name` and `k8s.container.name`, of the variables that a pod's
    /// specification usually sets by the downward API. On by default.
    K8s,
}

impl ResourceDetector {
    /// All of them, under the names that the variable has for them.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("host", Self::Host),
        ("host_id", Self::HostId),
        ("os", Self::Os),
        ("process", Self::Process),
        ("container", Self::Container),
        ("k8s", Self::K8s),
    ];

    /// What is on by default: what stays the same as long as `service.instance.id` does. Where that is the pod's name, a container that
    /// starts again is the same instance; with another `process.pid` or `container.id` it would have two series of `target_info` for a while, and
    /// a query that joins them fails.
    const DEFAULT: [Self; 2] = [Self::Host, Self::K8s];

    fn detect(self, machine: &Machine, env: &mut Env<'_>) -> Vec<(&'static str, String)> {
        let found = match self {
            Self::Host => host::name_and_arch(machine),
            Self::HostId => host::id(machine),
            Self::Os => os::detect(machine),
            Self::Process => process::detect(machine),
            Self::Container => container::detect(machine),
            Self::K8s => k8s::detect(machine, env),
        };
        found.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// An attribute, or nothing where it was not found.
type Found = (&'static str, Option<String>);

/// Gives a file's text, by its path; nothing where there is none.
type Files = dyn Fn(&str) -> Option<String>;

/// What detectors look at.
pub(super) struct Machine {
    files: Box<Files>,
    pid: u32,
    executable: Option<PathBuf>,
}

impl Machine {
    /// The one that the process runs on.
    pub(super) fn here() -> Self {
        Self { files: Box::new(read), pid: std::process::id(), executable: std::env::current_exe().ok() }
    }

    /// A file's text without the space around it; nothing where there is none.
    fn text(&self, path: &str) -> Option<String> {
        let text = (self.files)(path)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Reads a file; nothing where it cannot be read or is too long.
fn read(path: &str) -> Option<String> {
    let mut text = String::new();
    let read = File::open(path).ok()?.take(LONGEST + 1).read_to_string(&mut text).ok()?;
    (read as u64 <= LONGEST).then_some(text)
}

/// The attributes that the chosen detectors find. Code's choice beats the variable's.
pub(super) fn attributes(
    env: &mut Env<'_>,
    given: Option<&[ResourceDetector]>,
    machine: &Machine,
) -> Vec<(&'static str, String)> {
    let chosen = match given {
        Some(given) => given.to_vec(),
        None => env.settled(
            |chosen: &Vec<_>| words_of(chosen),
            |env| named(env).unwrap_or_else(|| ResourceDetector::DEFAULT.to_vec()),
        ),
    };
    // Of variables that are no text the attribute is left out, or found elsewhere.
    let shown = |found: &Vec<(&str, String)>| {
        if found.is_empty() { "nothing".to_owned() } else { "what else is known of the pod".to_owned() }
    };
    env.settled(shown, |env| chosen.into_iter().flat_map(|detector| detector.detect(machine, env)).collect())
}

/// Detectors as the variable has them.
fn words_of(chosen: &[ResourceDetector]) -> String {
    let word = |detector: &ResourceDetector| {
        ResourceDetector::ALL.iter().find(|(_, one)| one == detector).map_or("", |(word, _)| *word)
    };
    listed(chosen.iter().map(word))
}

/// The detectors that the variable names, if it is set and names any.
fn named(env: &mut Env<'_>) -> Option<Vec<ResourceDetector>> {
    let list = env.text(VARIABLE)?;
    let words: Vec<&str> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let is = |word: &str| words.len() == 1 && words[0].eq_ignore_ascii_case(word);
    if is("none") {
        return Some(Vec::new());
    }
    if is("all") {
        return Some(ResourceDetector::ALL.map(|(_, detector)| detector).to_vec());
    }
    let mut named = Vec::new();
    for word in &words {
        match ResourceDetector::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            Some((_, detector)) => named.push(*detector),
            None => {
                let known = ResourceDetector::ALL.iter().map(|(name, _)| *name);
                let allowed = format!("a list of {}; or all or none alone", super::env::words(&ResourceDetector::ALL));
                env.unknown(&Setting::variable(VARIABLE), word, known, allowed);
            }
        }
    }
    // Where none is known it is as if the variable was not set.
    (!named.is_empty() || words.is_empty()).then_some(named)
}

/// The last component of a path, as text.
fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}
