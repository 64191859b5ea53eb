//! Warns about libraries that share a metric name in Prometheus. Their series then get labels of the scope, which users may not expect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::selector::InstrumentKind;
use super::stream::Stream;
use crate::catalog::name::prometheus_name;
use crate::lock::lock;
use crate::report::report;
use crate::sort;

/// The libraries that use a name, as far as their instruments have been created.
#[derive(Debug, Default)]
pub(super) struct LibraryNames(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Each of our metrics, with the crate that declares it.
    ours: BTreeMap<String, String>,
    others: BTreeMap<String, BTreeSet<String>>,
}

impl LibraryNames {
    pub(super) fn new<'s>(ours: impl IntoIterator<Item = &'s Stream>) -> Self {
        let mut known = Known::default();
        known
            .ours
            .extend(ours.into_iter().map(|stream| (stream.prometheus_name(), stream.def.declaring_crate().to_owned())));
        Self(Mutex::new(known))
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        sort::set(lock(&self.0).ours.keys().cloned())
    }

    /// Frees the names.
    pub(super) fn release(&self) {
        *lock(&self.0) = Known::default();
    }

    /// Notes an instrument of another library. Warns once if another library has a metric of this name.
    pub(super) fn note(&self, name: &str, kind: InstrumentKind, unit: &str, library: &str) {
        let name = prometheus_name(name, unit, kind.name_kind());
        let mut names = lock(&self.0);
        let Known { ours, others } = &mut *names;
        let known = others.entry(name.clone()).or_default();
        if !known.insert(library.to_owned()) {
            return;
        }
        let other = match ours.get(&name) {
            Some(declaring) => Some(declaring.clone()),
            None => known.iter().find(|known| *known != library).cloned(),
        };
        drop(names);
        if let Some(other) = other {
            let metric = name;
            report!(
                WARN,
                { metric, library, other },
                "two libraries have a metric with the same name in Prometheus: the labels `otel_scope_…` distinguish their series. To avoid this, rename one of them with a view"
            );
        }
    }
}
