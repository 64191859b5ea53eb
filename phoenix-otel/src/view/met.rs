//! Reports libraries that share a metric name in Prometheus: their series then differ by labels of the scope, which users may not expect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::selector::InstrumentKind;
use super::stream::Stream;
use crate::catalog::name::prometheus_name;
use crate::lock::lock;
use crate::report::report;
use crate::sort;

/// Which libraries have a name, as far as instruments were made.
#[derive(Debug, Default)]
pub(super) struct Met(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Each of our metrics, with the crate that declares it.
    ours: BTreeMap<String, String>,
    others: BTreeMap<String, BTreeSet<String>>,
}

impl Met {
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

    /// Forgets all of them.
    pub(super) fn release(&self) {
        *lock(&self.0) = Known::default();
    }

    /// Notes an instrument of another library. The first time that it meets a metric of somebody else that is reported.
    pub(super) fn note(&self, name: &str, kind: InstrumentKind, unit: &str, library: &str) {
        let name = prometheus_name(name, unit, kind.name_kind());
        let mut met = lock(&self.0);
        let Known { ours, others } = &mut *met;
        let known = others.entry(name.clone()).or_default();
        if !known.insert(library.to_owned()) {
            return;
        }
        let other = match ours.get(&name) {
            Some(declaring) => Some(declaring.clone()),
            None => known.iter().find(|known| *known != library).cloned(),
        };
        drop(met);
        if let Some(other) = other {
            let metric = name;
            report!(
                WARN,
                { metric, library, other },
                "two libraries have a metric of one name in Prometheus: labels `otel_scope_…` tell their series apart, where a view does not rename one of them"
            );
        }
    }
}
