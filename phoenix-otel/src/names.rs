//! Compares the metric names of a program with a list that is checked in.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::catalog::domain::Domains;
use crate::catalog::listing;
use crate::catalog::naming::Naming;
use crate::catalog::text::is_subsystem;
use crate::declared::{CATALOG, declared_in, instrumented, reserve_names};
use crate::error::NamesError;
use crate::extension::Extension;

/// The variable that makes `check` write the list.
const UPDATE: &str = "UPDATE_NAMES";

/// The Prometheus names that a program declares, with their labels and types, for a test of the service.
///
/// Dashboards and alerts query metrics by name, so a changed name silently breaks them. With a checked-in list, a test fails until the commit
/// that changes a name also changes the list:
///
/// ```
/// # fn example() -> Result<(), phoenix_otel::NamesError> {
/// // #[test]
/// // fn metric_names_are_stable() -> Result<(), NamesError> {
/// phoenix_otel::Names::new("shop").check("names.txt")
/// # }
/// ```
///
/// `UPDATE_NAMES=1 cargo test` writes the list. It has one line for each metric that the crates of the program declare, for each metric that
/// instrumented functions record, and for each function:
///
/// ```text
/// acme_orders_total{channel,country} counter
/// phoenix_shop_requests_total{method="place_order"}
/// phoenix_shop_requests_total{method,status} counter
/// ```
///
/// The list contains all declared metrics, also those that have no series yet. Metrics of this crate are in it only for the parts of the catalog
/// that [`part`](Self::part) adds, and metrics of domains only for the extensions that [`with`](Self::with) adds.
#[derive(Clone, Debug)]
#[must_use = "nothing is compared before `check` is called"]
pub struct Names {
    namespace: String,
    subsystem: String,
    edge: String,
    parts: BTreeSet<String>,
    domains: Domains,
}

impl Names {
    /// The names of a service with this subsystem, which is the second part of the metric names of its functions.
    pub fn new(subsystem: impl Into<String>) -> Self {
        Self {
            namespace: "phoenix".into(),
            subsystem: subsystem.into(),
            edge: "service".into(),
            parts: BTreeSet::new(),
            domains: Domains::default(),
        }
    }

    /// The first part of the names, as in [`Builder::namespace`](crate::Builder::namespace). The default is `phoenix`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The subsystem of the `tower` layers, as in [`Builder::edge_subsystem`](crate::Builder::edge_subsystem). The default is `service`.
    pub fn edge_subsystem(mut self, subsystem: impl Into<String>) -> Self {
        self.edge = subsystem.into();
        self
    }

    /// Adds the metrics of a part of this crate's catalog, such as `edge` for a service with `tower` layers.
    pub fn part(mut self, part: impl Into<String>) -> Self {
        self.parts.insert(part.into());
        self
    }

    /// Adds the metrics of the domains that an extension activates, as in [`Builder::with`](crate::Builder::with).
    pub fn with(mut self, extension: impl Extension) -> Self {
        self.domains.activate(extension.domains());
        self.domains.activate(extension.domains_from_start());
        self
    }

    /// Compares the names with the list in a file. Cargo runs tests in the directory of their package, so relative paths start there.
    ///
    /// If the variable `UPDATE_NAMES` is `1` or `true`, it writes the file instead.
    ///
    /// # Errors
    ///
    /// Fails if the names differ from the list, if the file cannot be read or written, if the namespace or a subsystem is invalid, or if the
    /// catalog has no such part.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), NamesError> {
        let path = path.as_ref();
        if let Some((method, value, advice)) = self.problem() {
            return Err(NamesError::InvalidSetting { method, value: value.to_owned(), advice });
        }
        let update = std::env::var(UPDATE).unwrap_or_default();
        if update == "1" || update.eq_ignore_ascii_case("true") {
            return std::fs::write(path, self.to_string())
                .map_err(|error| NamesError::File { path: path.to_owned(), error });
        }
        let before = match std::fs::read_to_string(path) {
            Ok(before) => before,
            // Without a file, all names are new.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(NamesError::File { path: path.to_owned(), error }),
        };
        let (missing, added) = listing::difference(&before, &self.lines());
        if missing.is_empty() && added.is_empty() {
            return Ok(());
        }
        Err(NamesError::Mismatch { path: path.to_owned(), missing, added })
    }

    /// The first invalid setting: its method, its value, and advice.
    fn problem(&self) -> Option<(&'static str, &str, String)> {
        let named = [
            ("namespace", &self.namespace, false),
            ("new", &self.subsystem, true),
            ("edge_subsystem", &self.edge, true),
        ];
        for (method, name, may_be_empty) in named {
            let is_right = is_subsystem(name.as_bytes()) || may_be_empty && name.is_empty();
            if !is_right {
                let advice = "this is not a valid part of metric names: use snake_case, such as `shop`, without the word `total`";
                return Some((method, name, advice.to_owned()));
            }
        }
        let parts: BTreeSet<_> =
            declared_in(Domains::default()).filter_map(|def| def.module.strip_prefix(CATALOG)).collect();
        let wrong = self.parts.iter().find(|part| !parts.contains(part.as_str()))?;
        let parts: Vec<_> = parts.into_iter().collect();
        Some(("part", wrong, format!("there is no such part; this build has: {}", parts.join(", "))))
    }

    fn lines(&self) -> BTreeSet<String> {
        let naming = Naming::new(&*self.namespace, &*self.subsystem, &*self.edge);
        let mut naming = naming.with_domains(self.domains.clone());
        reserve_names(&mut naming);
        let listed = |module: &str| match module.strip_prefix(CATALOG) {
            Some(part) => self.parts.contains(part),
            None => true,
        };
        listing::lines(&naming, declared_in(self.domains.clone()).filter(|def| listed(def.module)), instrumented())
    }
}

/// The content of the list file.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# The Prometheus names that this program declares. `{UPDATE}=1 cargo test` rewrites this file.\n"
        )?;
        self.lines().iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
