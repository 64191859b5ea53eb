//! The names that a metric occupies in Prometheus: those of its family, in each text format, and of its series.

use std::collections::{BTreeSet, HashMap};

use super::def::Kind;

/// Families that every exposition contains: those of the resource and of scopes.
const EXPOSITION_FAMILIES: [&str; 2] = ["target_info", "otel_scope_info"];

/// The names that the metric with the Prometheus name `name` occupies, in lower case, since OpenTelemetry names are case-insensitive.
///
/// In OpenMetrics a counter's family has the name without `_total`, and the name with `_created` is reserved for the creation time of a
/// series.
pub(crate) fn names(name: &str, kind: Kind) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let (family, series): (&str, &[&str]) = match kind {
        Kind::Counter => (name.strip_suffix("_total").unwrap_or(&name), &["_total", "_created"]),
        Kind::UpDownCounter | Kind::Gauge => (&name, &[]),
        Kind::Histogram => (&name, &["_bucket", "_sum", "_count", "_created"]),
        Kind::Summary => (&name, &["_sum", "_count", "_created"]),
    };
    let series = series.iter().map(|suffix| format!("{family}{suffix}"));
    [family.to_owned()].into_iter().chain(series).collect()
}

/// The family of every exposition that has one of these names, if there is one. An info family has two names, like a counter's family.
pub(crate) fn of_the_exposition(names: &[String]) -> Option<&'static str> {
    let own = |family: &str| names.iter().any(|name| name == family || family.strip_suffix("_info") == Some(&**name));
    EXPOSITION_FAMILIES.into_iter().find(|family| own(family))
}

/// Each pair that shares a name: the two indices, the earlier first, and the name.
pub(crate) fn shared(names: &[Vec<String>]) -> Vec<(usize, usize, &str)> {
    let (mut owners, mut pairs, mut shared) = (HashMap::<&str, Vec<usize>>::new(), BTreeSet::new(), Vec::new());
    for (at, names) in names.iter().enumerate() {
        for name in names {
            let owners = owners.entry(name).or_default();
            for owner in owners.iter().filter(|owner| **owner != at) {
                if pairs.insert((*owner, at)) {
                    shared.push((*owner, at, &**name));
                }
            }
            owners.push(at);
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_takes_the_names_of_its_series_in_either_format() {
        assert_eq!(
            names("acme_Orders_total", Kind::Counter),
            ["acme_orders", "acme_orders_total", "acme_orders_created"]
        );
        assert_eq!(names("acme_open", Kind::Gauge), ["acme_open"]);
        let histogram = ["acme_h", "acme_h_bucket", "acme_h_sum", "acme_h_count", "acme_h_created"];
        assert_eq!(names("acme_h", Kind::Histogram), histogram);
        assert_eq!(of_the_exposition(&names("target_info", Kind::Gauge)), Some("target_info"));
        assert_eq!(of_the_exposition(&names("otel_scope_total", Kind::Counter)), Some("otel_scope_info"));
        assert_eq!(of_the_exposition(&names("target_infos", Kind::Gauge)), None);
    }

    #[test]
    fn each_pair_is_reported_once() {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let names = [of(&["a", "b"]), of(&["c"]), of(&["b", "a"]), of(&["b", "b"])];
        assert_eq!(shared(&names), [(0, 2, "b"), (0, 3, "b"), (2, 3, "b")]);
    }
}
