//! Validates views, before anything starts.

use std::collections::BTreeSet;

use super::resolve::{self, Aggregation};
use super::{Instrument, InstrumentKind, Meter, Stream, View, ViewProblem, ViewProblemKind};
use crate::catalog::def::cap_problem;
use crate::catalog::lint::{flat, illegal_name, total_in_name};
use crate::catalog::{Kind, MetricDef, bounds, taken};
use crate::config::CardinalityLimits;
use crate::sort;

/// The allowed scales of exponential histograms in the SDK.
const SCALES: std::ops::RangeInclusive<i8> = -10..=20;
/// The allowed sizes of exponential histograms. The maximum keeps data points small.
const SIZES: std::ops::RangeInclusive<u32> = 2..=10_000;

/// A metric of the program with its name in this process.
#[derive(Clone, Debug)]
pub(crate) struct DeclaredMetric {
    pub(crate) def: &'static MetricDef,
    pub(crate) kind: InstrumentKind,
    pub(crate) name: String,
}

impl DeclaredMetric {
    fn instrument(&self) -> Instrument<'_> {
        Instrument { name: &self.name, kind: self.kind, unit: self.def.unit, meter: Meter::OURS }
    }
}

/// The problems of single views.
pub(crate) fn problems(views: &[View], declared: &[DeclaredMetric]) -> Vec<ViewProblem> {
    let mut problems = Vec::new();
    for view in views {
        let name = view.selector.name.as_str();
        let mut find = |kind, advice: String| {
            let (view, location) = (Some(name.to_owned()), view.place.clone());
            problems.push(ViewProblem { kind, view, location, advice });
        };
        check_view(view, &mut find);
        check_declared(view, declared, &mut find);
    }
    problems
}

/// The views that select no declared metric.
pub(crate) fn unmatched<'v>(views: &'v [View], declared: &[DeclaredMetric]) -> Vec<&'v str> {
    let selects = |view: &&View| declared.iter().any(|metric| view.selects(&metric.instrument()));
    views.iter().filter(|view| !selects(view)).map(|view| view.selector.name.as_str()).collect()
}

/// Adds a problem: its kind, and what is wrong with what to change.
type Find<'f> = &'f mut dyn FnMut(ViewProblemKind, String);

/// Validates a view independently of the declared metrics.
fn check_view(view: &View, find: Find<'_>) {
    let View { selector, name, description, attributes, aggregation, cap, place: _ } = view;
    if selector.name.as_str().is_empty() {
        find(
            ViewProblemKind::Selector,
            "it selects nothing: use the name of an instrument, or `*` for all instruments".into(),
        );
    }
    if let Some(name) = name {
        if !selector.name.is_exact() {
            find(
                ViewProblemKind::Name,
                format!("`{name}` would be the name of several metrics: select one metric without wildcards"),
            );
        }
        if let Some(problem) = illegal_name(name).or_else(|| total_in_name(name)) {
            find(ViewProblemKind::Name, format!("`{name}` is not a valid name: {problem}"));
        }
    }
    match aggregation {
        Some(Aggregation::Explicit(bounds)) if bounds.is_empty() => find(
            ViewProblemKind::Buckets,
            "it sets no bounds: set at least one, such as `[0.1, 1.0, 10.0]`; for a histogram with only sum and count use `Builder::sdk_view`".into(),
        ),
        Some(Aggregation::Explicit(bounds)) => {
            if let Some(problem) = bounds::problem(bounds) {
                find(ViewProblemKind::Buckets, problem);
            }
        }
        Some(Aggregation::Exponential { max_size, max_scale }) => {
            if !SIZES.contains(max_size) {
                find(ViewProblemKind::Buckets, format!("`max_size` of an exponential histogram must be 2 to 10,000, not {max_size}: the usual value is 160"));
            }
            if !SCALES.contains(max_scale) {
                find(ViewProblemKind::Buckets, format!("`max_scale` of an exponential histogram must be -10 to 20, not {max_scale}: the usual value is 20"));
            }
        }
        Some(Aggregation::Drop) if name.is_some() || description.is_some() || attributes.is_some() || cap.is_some() => {
            find(ViewProblemKind::Drop, "it drops the metric and sets other properties: remove `drop_metric` or the other properties".into());
        }
        Some(Aggregation::Drop) | None => {}
    }
    match cap {
        Some(0) => find(
            ViewProblemKind::Cap,
            "the cap is 0, so nothing would be recorded: drop the metric, or set a cap of at least 1".into(),
        ),
        Some(cap) => {
            if let Some(problem) = cap_problem(*cap) {
                find(ViewProblemKind::Cap, problem);
            }
        }
        None => {}
    }
    if view.sets_buckets()
        && let Some(kind) = selector.kind.filter(|kind| *kind != InstrumentKind::Histogram)
    {
        find(
            ViewProblemKind::Buckets,
            format!("it sets buckets, but selects instruments of the kind {kind:?}: only histograms have buckets"),
        );
    }
}

/// Validates a view that names one declared metric.
fn check_declared(view: &View, declared: &[DeclaredMetric], find: Find<'_>) {
    if !view.selector.name.is_exact() {
        return;
    }
    let Some(metric) = declared.iter().find(|metric| view.selector.selects(&metric.instrument())) else {
        // An instrument of another library. Its kind and unit are not known yet.
        let name = view.name.as_ref().map(|name| taken::names(&flat(name), Kind::Gauge));
        if let Some(family) = name.as_deref().and_then(taken::of_the_exposition) {
            find(
                ViewProblemKind::Name,
                format!("`{family}` is reserved for the exposition itself: give the metric another name"),
            );
        }
        return;
    };
    if view.sets_buckets() && metric.kind != InstrumentKind::Histogram {
        let kind = metric.kind;
        return find(
            ViewProblemKind::Buckets,
            format!("it sets buckets, but the metric is of the kind {kind:?}: only histograms have buckets"),
        );
    }
    for pattern in view.attributes.iter().flat_map(|attributes| attributes.patterns()) {
        let labels: Vec<&str> = metric.def.labels.iter().map(|label| label.name).collect();
        if pattern.is_exact() && !labels.contains(&pattern.as_str()) {
            let there = if labels.is_empty() { "none".to_owned() } else { format!("`{}`", labels.join("`, `")) };
            find(
                ViewProblemKind::Attribute,
                format!("the metric has no attribute `{}`; its attributes: {there}", pattern.as_str()),
            );
        }
    }
}

/// A stream and its metric.
struct MetricStream<'d> {
    metric: &'d DeclaredMetric,
    stream: Stream,
    /// Whether a view applies to it.
    is_viewed: bool,
}

impl MetricStream<'_> {
    /// Whether both are one metric for a receiver, or would be one without views.
    fn is_same_metric(&self, other: &Self) -> bool {
        let as_declared = self.metric.name == other.metric.name && self.stream.name == other.stream.name;
        as_declared
            || !(self.is_viewed || other.is_viewed)
            || (self.stream.is_same(&other.stream) && self.metric.kind == other.metric.kind)
    }
}

/// The streams of all declared metrics.
pub(crate) fn streams(views: &[View], limits: &CardinalityLimits, declared: &[DeclaredMetric]) -> Vec<Stream> {
    let streams = declared.iter().flat_map(|metric| {
        let settings = resolve::streams(views, limits, &metric.instrument());
        settings.into_iter().map(|settings| Stream::new(metric.def, settings))
    });
    streams.collect()
}

/// The views that rename an instrument of another library, with the new name. Kind and unit of these instruments are not known yet.
fn renamed_others<'v>(views: &'v [View], declared: &[DeclaredMetric]) -> impl Iterator<Item = (&'v View, &'v str)> {
    let is_declared = |view: &View| declared.iter().any(|metric| view.selector.selects(&metric.instrument()));
    let others = views.iter().filter(move |view| view.selector.name.is_exact() && !is_declared(view));
    others.filter_map(|view| Some((view, view.name.as_deref()?)))
}

/// Different streams that would share a name in OpenTelemetry or Prometheus. Call it with valid views and metrics.
pub(crate) fn conflicts(views: &[View], limits: &CardinalityLimits, declared: &[DeclaredMetric]) -> Vec<String> {
    let mut streams = Vec::new();
    for metric in declared {
        let instrument = metric.instrument();
        let is_viewed = views.iter().any(|view| view.selects(&instrument));
        let settings = resolve::streams(views, limits, &instrument);
        streams.extend(settings.into_iter().map(|settings| MetricStream {
            metric,
            stream: Stream::new(metric.def, settings),
            is_viewed,
        }));
    }
    let in_prometheus: Vec<_> =
        streams.iter().map(|stream| taken::names(&stream.stream.prometheus_name(), stream.stream.def.kind)).collect();
    let in_otel: Vec<_> = streams.iter().map(|stream| vec![stream.stream.name.to_ascii_lowercase()]).collect();
    let mut conflicts = Vec::new();
    for (stream, names) in streams.iter().zip(&in_prometheus).filter(|(stream, _)| stream.is_viewed) {
        if let Some(family) = taken::of_the_exposition(names) {
            let name = &stream.stream.name;
            conflicts.push(format!("`{family}` is reserved for the exposition itself: give `{name}` another name"));
        }
    }
    let mut reported = BTreeSet::new();
    for (names, place) in [(&in_prometheus, "Prometheus"), (&in_otel, "OpenTelemetry")] {
        for (a, b, name) in taken::shared(names) {
            let (first, second) = (&streams[a], &streams[b]);
            if first.is_same_metric(second) || !reported.insert((a, b)) {
                continue;
            }
            // The linker decides on the order of declarations.
            let mut both = [&first.metric.name, &second.metric.name];
            both.sort();
            let who = match both {
                [a, b] if a == b => format!("two streams of `{a}`"),
                [a, b] => format!("`{a}` and `{b}`"),
            };
            conflicts
                .push(format!("{who} would both take the name `{name}` in {place}: give one of them another name"));
        }
    }
    for (view, name) in renamed_others(views, declared) {
        let taken = |other: &&MetricStream<'_>| other.stream.name.eq_ignore_ascii_case(name);
        if let Some(other) = streams.iter().find(taken) {
            let (this, other, name) = (view.selector.name.as_str(), &other.metric.name, &other.stream.name);
            conflicts.push(format!(
                "`{this}` of another library and `{other}` would both take the name `{name}` in OpenTelemetry: give one of them another name"
            ));
        }
    }
    // Several crates can declare metrics of one name, and functions of several subsystems share a definition.
    sort::by(&mut conflicts, Ord::cmp);
    conflicts.dedup();
    conflicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::LabelDef;

    const LABELS: &[LabelDef] = &[LabelDef::string("hall"), LabelDef::string("tenant")];
    static PACKED: MetricDef = MetricDef::new(Kind::Counter, "acme.packed", "Packed.", "shop").labels(LABELS);
    static SHIPPED: MetricDef = MetricDef::new(Kind::Counter, "acme.shipped", "Packed.", "shop").labels(LABELS);
    static LOST: MetricDef = MetricDef::new(Kind::Counter, "acme.lost", "Lost.", "shop");
    static PACKING: MetricDef =
        MetricDef::new(Kind::Histogram, "acme.packing", "Time to pack.", "shop").unit("s").bounds(&[1.0]);
    static OPEN: MetricDef = MetricDef::new(Kind::Gauge, "acme.open", "Open.", "shop");

    fn found(views: &[View]) -> Vec<String> {
        let declared = [&PACKED, &SHIPPED, &LOST, &PACKING, &OPEN].map(|def| DeclaredMetric {
            def,
            kind: InstrumentKind::recorded(def.kind),
            name: def.name.to_owned(),
        });
        let problems = problems(views, &declared).into_iter();
        let problems: Vec<_> = problems.map(|problem| problem.to_string()).collect();
        if problems.is_empty() { conflicts(views, &CardinalityLimits::default(), &declared) } else { problems }
    }

    #[test]
    fn right_views_pass() {
        let right = [
            View::select("*"),
            View::select("acme.packed").rename("acme.orders.packed").keep_attributes(["hall", "x*"]).cap(3),
            View::select("acme.packing").bounds([-1.0, 0.0, 2.0]).description("Anything."),
            View::select("acme.packing").exponential(160, 20),
            View::select("acme.open").drop_metric(),
            View::select("http.requests").bounds([1.0]),
            View::select("http.requests").keep_attributes(["nobody", "knows"]),
        ];
        for view in &right {
            assert_eq!(found(std::slice::from_ref(view)), Vec::<String>::new());
        }
        assert_eq!(found(&right), Vec::<String>::new());
        // The name of a metric that is dropped is free.
        let dropped = [View::select("acme.lost").drop_metric(), View::select("http.lost").rename("acme.lost")];
        assert_eq!(found(&dropped), Vec::<String>::new());
        // One name for two metrics that are the same in everything else.
        let both = ["acme.packed", "acme.shipped"].map(|name| View::select(name).rename("acme.done"));
        assert_eq!(found(&both), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_is_reported_with_its_remedy() {
        for (view, problem) in [
            (View::select(""), "it selects nothing"),
            (View::select("acme.*").rename("acme.all"), "several metrics"),
            (
                View::select("acme.packed").rename("1st"),
                "`1st` is not a valid name: a metric's name must start with a letter",
            ),
            (View::select("acme.packed").rename(""), "is not a valid name"),
            (View::select("acme.packed").rename("größe"), "is not allowed in a metric's name"),
            (View::select("acme.packed").rename("x.total"), "`x.total` is not a valid name: `total` is added"),
            (View::select("http.sent").rename("total_sent"), "`total_sent` is not a valid name: `total` is added"),
            (View::select("acme.packing").bounds([2.0, 1.0]), "the bound 1 is not greater than the previous bound 2"),
            (View::select("acme.packing").bounds([1.0, f64::INFINITY]), "not finite"),
            (View::select("acme.packing").bounds([f64::NAN]), "not finite"),
            (View::select("http.*").bounds([]), "it sets no bounds: set at least one"),
            (View::select("acme.packing").exponential(0, 20), "160"),
            (View::select("acme.packing").exponential(160, 21), "not 21"),
            (View::select("acme.packed").bounds([1.0]), "the metric is of the kind Counter"),
            (View::select("*").kind(InstrumentKind::Gauge).bounds([1.0]), "of the kind Gauge"),
            (View::select("http.sent").rename("target.info"), "`target_info` is reserved for the exposition itself"),
            (View::select("acme.*").cap(0), "the cap is 0"),
            (View::select("acme.*").cap(usize::MAX), "the maximum is 1,000,000"),
            (View::select("acme.*").cap(3).drop_metric(), "and sets other properties"),
            (
                View::select("acme.packed").keep_attributes(["hal"]),
                "no attribute `hal`; its attributes: `hall`, `tenant`",
            ),
            (View::select("acme.open").drop_attributes(["hall"]), "its attributes: none"),
        ] {
            let found = found(&[view]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(problem), "{found:?}");
        }
    }

    #[test]
    fn two_metrics_do_not_end_at_one_name() {
        for (views, names) in [
            (vec![View::select("acme.packed").rename("acme.lost")], "`acme.lost` and `acme.packed`"),
            (vec![View::select("acme.packed").rename("acme_lost")], "`acme_lost` in Prometheus"),
            // Series of a histogram, and those that it may have in OpenMetrics.
            (vec![View::select("acme.open").rename("acme.packing.seconds_sum")], "`acme_packing_seconds_sum`"),
            (vec![View::select("acme.open").rename("acme.packing.seconds.count")], "`acme_packing_seconds_count`"),
            (vec![View::select("acme.open").rename("acme.packing.seconds.bucket")], "`acme_packing_seconds_bucket`"),
            (vec![View::select("acme.open").rename("acme.packing.seconds.created")], "`acme_packing_seconds_created`"),
            // The family of a counter is called so in OpenMetrics.
            (vec![View::select("acme.packed").rename("acme.packing.seconds")], "`acme_packing_seconds`"),
            (vec![View::select("acme.packing").rename("acme.open")], "`acme.open` and `acme.packing`"),
            // The same name with other words of units.
            (vec![View::select("acme.packed").rename("acme.Packing")], "`acme.packing` in OpenTelemetry"),
            // Families that the exposition itself contains.
            (
                vec![View::select("acme.open").rename("target.info")],
                "`target_info` is reserved for the exposition itself",
            ),
            (vec![View::select("acme.packed").rename("target")], "`target_info` is reserved for the exposition itself"),
            (vec![View::select("acme.open").rename("otel.scope.info")], "`otel_scope_info` is reserved"),
            // An instrument of another library.
            (
                vec![View::select("http.sent").rename("acme.Lost")],
                "`http.sent` of another library and `acme.lost` would both take the name `acme.lost` in OpenTelemetry",
            ),
            (
                vec![View::select("acme.open").rename("acme.free"), View::select("http.sent").rename("acme.free")],
                "`http.sent` of another library and `acme.open` would both take the name `acme.free` in OpenTelemetry",
            ),
            // Two streams of one metric.
            (
                vec![View::select("acme.packing").rename("acme.packing.seconds"), View::select("acme.packing").cap(3)],
                "two streams of `acme.packing` would both take the name `acme_packing_seconds",
            ),
            (
                vec![
                    View::select("acme.packed").rename("acme.done"),
                    View::select("acme.shipped").rename("acme.done").cap(7),
                ],
                "`acme.packed` and `acme.shipped`",
            ),
        ] {
            let found = found(&views);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(names), "{found:?}");
        }
    }

    #[test]
    fn views_without_a_metric_are_known() {
        let declared = [DeclaredMetric { def: &OPEN, kind: InstrumentKind::Gauge, name: "acme.open".to_owned() }];
        assert_eq!(unmatched(&[View::select("acme.*"), View::select("http.*")], &declared), ["http.*"]);
    }
}
