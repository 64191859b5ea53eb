//! The source of environment variables. Tests replace the environment of the process.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

/// Returns the value of a variable, if it is set.
type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;
/// Returns the names of all variables that are set.
type Names = dyn Fn() -> Vec<String> + Send + Sync;

/// The source of variables. The default is the environment of the process.
#[derive(Clone)]
pub(crate) struct Environment {
    variable: Arc<Lookup>,
    names: Arc<Names>,
    #[cfg(feature = "testing")]
    is_of_process: bool,
}

impl Environment {
    /// An environment from two functions: one returns the value of a variable, one returns the names of all variables.
    pub(crate) fn new(
        variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
        names: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            variable: Arc::new(variable),
            names: Arc::new(names),
            #[cfg(feature = "testing")]
            is_of_process: false,
        }
    }

    /// An environment with exactly these variables.
    pub(crate) fn from_map(variables: HashMap<String, OsString>) -> Self {
        let names: Vec<String> = variables.keys().cloned().collect();
        Self::new(move |name| variables.get(name).cloned(), move || names.clone())
    }

    /// The same environment without the variables of OpenTelemetry and of this crate, which a configuration file replaces. Detectors still find the
    /// others, such as `KUBERNETES_SERVICE_HOST`.
    #[cfg(feature = "config-file")]
    pub(crate) fn without_settings(self) -> Self {
        let is_setting = |name: &str| name.starts_with("OTEL_") || name.starts_with("PHOENIX_");
        let (variable, names) = (self.variable, self.names);
        Self {
            variable: Arc::new(move |name| if is_setting(name) { None } else { variable(name) }),
            names: Arc::new(move || names().into_iter().filter(|name| !is_setting(name)).collect()),
            #[cfg(feature = "testing")]
            is_of_process: self.is_of_process,
        }
    }

    /// The names of the variables that [`without_settings`](Self::without_settings) hides, sorted.
    #[cfg(feature = "config-file")]
    pub(crate) fn settings(&self) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| name.starts_with("OTEL_") || name.starts_with("PHOENIX_OTEL_"));
        crate::sort::by(&mut names, Ord::cmp);
        names
    }

    /// The same environment if it is set in code, an empty one if it is that of the process.
    #[cfg(feature = "testing")]
    pub(crate) fn without_process(self) -> Self {
        if self.is_of_process { Self::from_map(HashMap::new()) } else { self }
    }

    /// The names of all variables that are set.
    pub(super) fn names(&self) -> Vec<String> {
        (self.names)()
    }

    /// The value of a variable, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name)
    }
}

impl Default for Environment {
    fn default() -> Self {
        // A name that is not UTF-8 is not a misspelling of a known name.
        let names = || std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        let environment = Self::new(|name| std::env::var_os(name), names);
        #[cfg(feature = "testing")]
        let environment = Self { is_of_process: true, ..environment };
        environment
    }
}

impl fmt::Debug for Environment {
    /// Shows no values: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
