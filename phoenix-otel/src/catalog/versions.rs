//! Handles a crate that is linked in two versions: both declare its metrics, and a service cannot change either.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use super::def::MetricDef;
use super::lint::difference;
use crate::sort;

/// Two definitions of one metric, by two versions of one crate.
#[derive(Debug)]
pub(crate) struct Versions<'d> {
    /// The definition of the oldest version, which is used.
    pub(crate) first: &'d MetricDef,
    pub(crate) other: &'d MetricDef,
    difference: String,
}

impl Versions<'_> {
    /// Whether the other version can record with the definition that is used.
    pub(crate) fn fits(&self) -> bool {
        let (first, other) = (self.first, self.other);
        difference(&MetricDef { bounds: other.bounds, ..copy(first) }, other).is_none()
    }
}

fn copy(def: &MetricDef) -> MetricDef {
    let &MetricDef { name, kind, unit, description, labels, bounds, fixed_bounds, cap, domain, module, version } = def;
    MetricDef { name, kind, unit, description, labels, bounds, fixed_bounds, cap, domain, module, version }
}

impl fmt::Display for Versions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, other, difference } = self;
        let (name, of) = (first.name, first.declaring_crate());
        let [oldest, newer] = [first, other].map(|def| def.version.unwrap_or("of no version"));
        let then = if self.fits() {
            " for both versions"
        } else {
            ", and recordings of the other version are dropped and counted in phoenix_otel_dropped_total"
        };
        write!(
            f,
            "`{name}` is declared by two versions of {of}, {oldest} and {newer}: the older one has {difference}; the definition of {oldest} is used{then}; `cargo tree --duplicates` shows which crates use them"
        )
    }
}

/// For each crate and metric, the definition of the oldest version.
fn first<'d>(defs: &[&'d MetricDef]) -> BTreeMap<(&'static str, &'static str), &'d MetricDef> {
    let mut first: BTreeMap<_, &MetricDef> = BTreeMap::new();
    for def in defs {
        let oldest = first.entry((def.declaring_crate(), def.name)).or_insert(def);
        if by_version(def.version, oldest.version).is_lt() {
            *oldest = def;
        }
    }
    first
}

/// The definitions without those of newer versions of the same crate, in the same order.
pub(crate) fn oldest<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<&'d MetricDef> {
    let mut defs: Vec<&MetricDef> = defs.into_iter().collect();
    let first = first(&defs);
    defs.retain(|def| first[&(def.declaring_crate(), def.name)].version == def.version);
    defs
}

/// The definitions that differ from those of an older version of the same crate, sorted by name.
pub(crate) fn versions<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<Versions<'d>> {
    let mut defs: Vec<&MetricDef> = defs.into_iter().collect();
    let first = first(&defs);
    sort::by(&mut defs, |a, b| {
        (a.name, a.module).cmp(&(b.name, b.module)).then_with(|| by_version(a.version, b.version))
    });
    let versions = defs.into_iter().filter_map(|other| {
        let first = first[&(other.declaring_crate(), other.name)];
        let difference =
            (first.version != other.version).then(|| difference(first, other).or_else(|| cap(first, other)))??;
        Some(Versions { first, other, difference })
    });
    versions.collect()
}

/// Describes a difference of the caps only.
fn cap(first: &MetricDef, other: &MetricDef) -> Option<String> {
    (first.cap != other.cap).then(|| format!("the cap {} instead of {}", first.cap, other.cap))
}

/// Compares versions numerically.
fn by_version(a: Option<&str>, b: Option<&str>) -> Ordering {
    let parts = |version: Option<&str>| -> Vec<(u64, String)> {
        let parts = version.unwrap_or_default().split(['.', '-', '+']);
        parts.map(|part| (part.parse().unwrap_or(u64::MAX), part.to_owned())).collect()
    };
    parts(a).cmp(&parts(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, LabelDef};

    const LABELS: &[LabelDef] = &[LabelDef::string("shop")];

    fn def(version: &'static str, bounds: &'static [f64]) -> MetricDef {
        let def = MetricDef::new(Kind::Histogram, "acme.time", "Time.", "acme::metrics");
        def.unit("s").bounds(bounds).version(Some(version))
    }

    #[test]
    fn the_oldest_version_holds() {
        let [newest, oldest, same] = [def("10.0.0", &[1.0]), def("9.1.0", &[2.0]), def("9.2.0", &[2.0])];
        let found = versions([&newest, &oldest, &same]);
        let [versions] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((versions.first.version, versions.other.version), (Some("9.1.0"), Some("10.0.0")));
        assert!(versions.fits());
        let told = versions.to_string();
        assert!(told.contains("`acme.time` is declared by two versions of acme, 9.1.0 and 10.0.0: the older one has the bounds [2.0] instead of [1.0]"), "{told}");
        assert!(told.contains("the definition of 9.1.0 is used for both versions;"), "{told}");
    }

    #[test]
    fn what_does_not_fit_is_dropped() {
        let [first, other] = [def("1.0.0", &[1.0]), def("2.0.0", &[2.0]).labels(LABELS)];
        let found = versions([&other, &first]);
        assert!(!found[0].fits(), "{found:?}");
        assert!(
            found[0]
                .to_string()
                .ends_with("the definition of 1.0.0 is used, and recordings of the other version are dropped and counted in phoenix_otel_dropped_total; `cargo tree --duplicates` shows which crates use them")
        );
    }

    #[test]
    fn a_different_cap_is_reported_and_fits() {
        let [first, other] = [def("1.0.0", &[1.0]).cap(5), def("2.0.0", &[1.0]).cap(7)];
        let found = versions([&first, &other]);
        assert!(
            found[0].fits() && found[0].to_string().contains("the older one has the cap 5 instead of 7"),
            "{found:?}"
        );
    }

    #[test]
    fn other_crates_are_no_versions() {
        let first = def("1.0.0", &[1.0]);
        let other = MetricDef { module: "other::metrics", ..copy(&def("2.0.0", &[2.0])) };
        let same = def("1.0.0", &[2.0]);
        assert_eq!(versions([&first, &other, &same]).len(), 0);
        assert_eq!(oldest([&first, &other, &same]).len(), 3);
        assert_eq!(oldest([&def("2.0.0", &[2.0]), &first]).len(), 1);
    }
}
