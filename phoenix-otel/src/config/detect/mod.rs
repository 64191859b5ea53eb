//! The resource detectors: they find resource attributes in files and variables.
//!
//! An attribute that is not found is skipped. Detectors send no network requests and read nothing that may contain a secret: no command-line
//! arguments, and only the variables that are named here.

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

use super::env::{Env, word_of};
use super::exporters::join_names;
use super::setting::Setting;

pub(super) const VARIABLE: &str = "PHOENIX_OTEL_RESOURCE_DETECTORS";

/// The maximum size of a file in bytes. Longer files are not read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Finds resource attributes. Pass detectors to [`Builder::detectors`](crate::Builder::detectors).
///
/// Attributes that are set in code or in `OTEL_RESOURCE_ATTRIBUTES` take precedence over detected attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceDetector {
    /// `host.name` and `host.arch`. Enabled by default.
    Host,
    /// `host.id` from `/etc/machine-id`. According to `machine-id(5)` it should not be exposed in untrusted networks.
    HostId,
    /// `os.type`, and `os.name`, `os.version` and `os.description` from `/etc/os-release`.
    Os,
    /// `process.pid`, `process.creation.time` and `process.executable.name`. They change with each start of the process.
    Process,
    /// `container.id`, from the cgroup or the mounts of the process. It changes with each start of the container.
    Container,
    /// `k8s.pod.name`, `k8s.pod.uid`, `k8s.namespace.name`, `k8s.node.name` and `k8s.container.name`, from the variables that pod
    /// specifications usually set with the downward API. Enabled by default.
    K8s,
}

impl ResourceDetector {
    /// All detectors with their names in the variable.
    pub(crate) const ALL: [(&'static str, Self); 6] = [
        ("host", Self::Host),
        ("host_id", Self::HostId),
        ("os", Self::Os),
        ("process", Self::Process),
        ("container", Self::Container),
        ("k8s", Self::K8s),
    ];

    /// The default detectors. Their attributes change only together with `service.instance.id`. If the instance ID is the pod name, a restarted
    /// container is the same instance. With a new `process.pid` or `container.id` it would have two `target_info` series for some time, and
    /// queries that join with `target_info` would fail.
    const DEFAULT: [Self; 2] = [Self::Host, Self::K8s];

    /// As the variable and the configuration file spell it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

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

/// An attribute, and its value if it is found.
type Found = (&'static str, Option<String>);

/// Returns the text of a file.
type Files = dyn Fn(&str) -> Option<String>;

/// The input of detectors.
pub(super) struct Machine {
    files: Box<Files>,
    pid: u32,
    executable: Option<PathBuf>,
}

impl Machine {
    /// The machine that the process runs on.
    pub(super) fn here() -> Self {
        Self { files: Box::new(read), pid: std::process::id(), executable: std::env::current_exe().ok() }
    }

    /// The text of a file without white space around it. `None` if it is empty or cannot be read.
    fn text(&self, path: &str) -> Option<String> {
        let text = (self.files)(path)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Reads a file. `None` if it cannot be read or is too long.
fn read(path: &str) -> Option<String> {
    let mut text = String::new();
    let read = File::open(path).ok()?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).ok()?;
    (read as u64 <= MAX_FILE_BYTES).then_some(text)
}

/// The selected detectors. Code takes precedence over the variable.
pub(super) fn chosen(env: &mut Env<'_>, from_code: Option<&[ResourceDetector]>) -> Vec<ResourceDetector> {
    match from_code {
        Some(from_code) => from_code.to_vec(),
        None => env.with_fallback(
            |chosen: &Vec<_>| detector_names(chosen),
            |env| named(env).unwrap_or_else(|| ResourceDetector::DEFAULT.to_vec()),
        ),
    }
}

/// The attributes that these detectors find.
pub(super) fn attributes(
    env: &mut Env<'_>,
    chosen: &[ResourceDetector],
    machine: &Machine,
) -> Vec<(&'static str, String)> {
    // If a variable is not UTF-8, the attribute is skipped or found elsewhere.
    let shown = |found: &Vec<(&str, String)>| {
        if found.is_empty() { "nothing".to_owned() } else { "the pod attributes from other sources".to_owned() }
    };
    env.with_fallback(shown, |env| chosen.iter().flat_map(|detector| detector.detect(machine, env)).collect())
}

/// Detectors in the format of the variable.
fn detector_names(chosen: &[ResourceDetector]) -> String {
    join_names(chosen.iter().map(|detector| detector.word()))
}

/// The detectors that the variable names. `None` if it is not set, or if all names are unknown.
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
                let allowed = format!(
                    "a comma-separated list of {}, or the single word all or none",
                    super::env::words(&ResourceDetector::ALL)
                );
                env.unknown(&Setting::variable(VARIABLE), word, known, allowed);
            }
        }
    }
    // If all names are unknown, the default applies.
    (!named.is_empty() || words.is_empty()).then_some(named)
}

/// The last component of a path, as text.
fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}
