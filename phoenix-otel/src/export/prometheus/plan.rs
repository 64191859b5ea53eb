//! Plans the families: which families exist, which one owns a name, and which are dropped in a conflict.

use std::borrow::Cow;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::metrics::data::{Metric, ResourceMetrics};

use crate::catalog::name::{NameKind, is_metric_name, prometheus_name, prometheus_unit};
use crate::export::kind::kind_of;
use crate::export::scopes::Library;
use crate::sort;

use super::labels::ScopeLabels;
use super::summary::Parts;
use super::text::Type;
use super::{DropReason, ForeignFamily, ForeignKind, Format, Input, Names, Report, ZeroHistogram};

/// The source of a family's points.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    Target(&'a ResourceMetrics),
    Metric(&'a InstrumentationScope, &'a Metric),
    Summary(&'a InstrumentationScope, Parts<'a>),
    Zero(&'a ZeroHistogram<'a>),
    Foreign(&'a ForeignFamily<'a>),
}

/// Metrics that share a Prometheus name and are written under one header.
#[derive(Debug)]
pub(super) struct Family<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) kind: Type,
    pub(super) help: &'a str,
    pub(super) unit: String,
    /// In the order of the input. The first one determines the type.
    pub(super) sources: Vec<Source<'a>>,
    /// The library whose series get no scope labels.
    pub(super) owner: Option<Library<'a>>,
    /// The name of the family in OpenMetrics (for a counter without `_total`). `None` if its type must be `unknown` there.
    pub(super) open_metrics: Option<Cow<'a, str>>,
}

struct Candidate<'a> {
    name: Cow<'a, str>,
    kind: Type,
    help: &'a str,
    unit: &'a str,
    name_kind: NameKind,
    source: Source<'a>,
}

/// The families of an exposition, by name.
pub(super) fn plan<'a>(input: &Input<'a>, format: Format, report: &mut Report) -> Vec<Family<'a>> {
    let mut candidates = Vec::new();
    our_candidates(input, report, &mut candidates);
    foreign_candidates(input, report, &mut candidates);
    // The sort is stable: metrics with the same name keep their order, ours before those of other libraries.
    sort::by(&mut candidates, |a, b| a.name.cmp(&b.name));

    let mut families: Vec<Family<'a>> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        match families.last_mut().filter(|family| family.name == candidate.name) {
            Some(family) => merge(family, &candidate, report),
            None => families.push(Family {
                unit: if matches!(format, Format::OpenMetrics | Format::Protobuf) {
                    prometheus_unit(candidate.unit, candidate.name_kind)
                } else {
                    String::new()
                },
                name: candidate.name,
                kind: candidate.kind,
                help: candidate.help,
                sources: vec![candidate.source],
                owner: None,
                open_metrics: None,
            }),
        }
    }
    for family in &mut families {
        let is_ours = family.is_ours(input);
        let of_sources = || family.sources.iter().filter_map(Source::library).min();
        family.owner = if is_ours { Some(Library::Ours) } else { of_sources() };
    }
    resolve_series_name_conflicts(&mut families, report);
    if format == Format::OpenMetrics {
        resolve_open_metrics_names(&mut families);
    }
    families
}

fn our_candidates<'a>(input: &Input<'a>, report: &mut Report, candidates: &mut Vec<Candidate<'a>>) {
    if !input.metrics.resource().is_empty() {
        candidates.push(Candidate {
            name: Cow::Borrowed("target_info"),
            kind: Type::Info,
            help: "Target metadata",
            unit: "",
            name_kind: NameKind::UpDownCounter,
            source: Source::Target(input.metrics),
        });
    }
    zeros(input, report, candidates);
    // The SDK returns the scopes in the order of a hash map. The first one determines the type and help of a family, so the order must be
    // the same in each process.
    let mut scopes: Vec<_> = input.metrics.scope_metrics().map(|metrics| (order(metrics.scope()), metrics)).collect();
    sort::by(&mut scopes, |(a, _), (b, _)| a.cmp(b));
    for (_, scope) in scopes {
        let summaries: Vec<_> =
            input.summaries.iter().filter_map(|instrument| Some((instrument, Parts::of(instrument, scope)?))).collect();
        for (instrument, parts) in &summaries {
            let name_kind = NameKind::Summary;
            let name = input.names.metric(instrument.name, instrument.unit, name_kind);
            let source = Source::Summary(scope.scope(), *parts);
            if name.is_empty() {
                report.add(instrument.name, DropReason::InvalidName, source.points());
            } else if source.points() > 0 {
                let (help, unit) = (parts.count.description(), instrument.unit);
                candidates.push(Candidate {
                    name: Cow::Owned(name),
                    kind: Type::Summary,
                    help,
                    unit,
                    name_kind,
                    source,
                });
            }
        }
        let joined = |metric: &Metric| summaries.iter().any(|(_, parts)| parts.contains(metric));
        let is_shown = |metric: &Metric| !input.off.has(scope.scope().name(), metric.name());
        for metric in scope.metrics().filter(|metric| !joined(metric) && is_shown(metric)) {
            let (name_kind, delta) = kind_of(metric);
            let name = input.names.metric(metric.name(), metric.unit(), name_kind);
            let source = Source::Metric(scope.scope(), metric);
            if source.points() == 0 {
                // A family without samples must not occupy a name.
            } else if delta {
                report.add(&name, DropReason::DeltaTemporality, source.points());
            } else if name.is_empty() {
                report.add(metric.name(), DropReason::InvalidName, source.points());
            } else {
                let kind = match name_kind {
                    NameKind::Counter => Type::Counter,
                    NameKind::Gauge | NameKind::UpDownCounter => Type::Gauge,
                    NameKind::Histogram => Type::Histogram,
                    NameKind::Summary => Type::Summary,
                };
                let (help, unit) = (metric.description(), metric.unit());
                candidates.push(Candidate { name: Cow::Owned(name), kind, help, unit, name_kind, source });
            }
        }
    }
}

fn zeros<'a>(input: &Input<'a>, report: &mut Report, candidates: &mut Vec<Candidate<'a>>) {
    for zero in input.zeros {
        let name_kind = NameKind::Histogram;
        let name = input.names.metric(zero.name, zero.unit, name_kind);
        if name.is_empty() {
            report.add(zero.name, DropReason::InvalidName, 1);
            continue;
        }
        candidates.push(Candidate {
            name: Cow::Owned(name),
            kind: Type::Histogram,
            help: zero.description,
            unit: zero.unit,
            name_kind,
            source: Source::Zero(zero),
        });
    }
}

/// The sort key of scopes: everything in which they differ, ours first.
fn order(scope: &InstrumentationScope) -> impl Ord {
    let mut attributes: Vec<_> =
        scope.attributes().map(|pair| (pair.key.as_str(), format!("{:?}", pair.value))).collect();
    sort::by(&mut attributes, Ord::cmp);
    (Library::of(scope), attributes)
}

fn foreign_candidates<'a>(input: &Input<'a>, report: &mut Report, candidates: &mut Vec<Candidate<'a>>) {
    for family in input.foreign {
        let points = family.series.len();
        let kind = match family.kind {
            ForeignKind::Counter => Type::Counter,
            ForeignKind::Gauge => Type::Gauge,
            ForeignKind::Histogram => Type::Histogram,
            ForeignKind::Summary => Type::Summary,
            ForeignKind::Unsupported => {
                report.add(family.name, DropReason::Unsupported, points);
                continue;
            }
        };
        if !is_metric_name(family.name) {
            report.add(family.name, DropReason::InvalidName, points);
        } else if points > 0 {
            candidates.push(Candidate {
                name: Cow::Borrowed(family.name),
                kind,
                help: family.help,
                unit: "",
                name_kind: NameKind::UpDownCounter,
                source: Source::Foreign(family),
            });
        }
    }
}

/// Several scopes may share a family if its type is the same. A foreign family cannot share one of ours.
fn merge<'a>(family: &mut Family<'a>, candidate: &Candidate<'a>, report: &mut Report) {
    let foreign = |source: &Source<'_>| matches!(source, Source::Foreign(_));
    let reason = if foreign(&candidate.source) != family.sources.first().is_some_and(foreign) {
        DropReason::NameConflict
    } else if family.kind != candidate.kind {
        DropReason::TypeConflict
    } else {
        if family.help.is_empty() {
            family.help = candidate.help;
        }
        family.sources.push(candidate.source);
        return;
    };
    report.add(&family.name, reason, candidate.source.points());
}

/// A histogram owns `…_bucket`, `…_sum` and `…_count`, a summary the last two. If another family has such a name, the one with the lower
/// priority is dropped.
fn resolve_series_name_conflicts(families: &mut Vec<Family<'_>>, report: &mut Report) {
    let mut lost = vec![false; families.len()];
    for at in 0..families.len() {
        let suffixes: &[&str] = match families[at].kind {
            Type::Histogram => &["_bucket", "_count", "_sum"],
            Type::Summary => &["_count", "_sum"],
            _ => &[],
        };
        for suffix in suffixes {
            if lost[at] {
                break;
            }
            let Some(other) = find(families, &[&families[at].name, suffix]) else {
                continue;
            };
            let loser = if families[at].priority() > families[other].priority() { at } else { other };
            if !std::mem::replace(&mut lost[loser], true) {
                let points = families[loser].sources.iter().map(Source::points).sum();
                report.add(&families[loser].name, DropReason::NameConflict, points);
            }
        }
    }
    let mut lost = lost.into_iter();
    families.retain(|_| lost.next() != Some(true));
}

/// OpenMetrics names a counter's family without `_total`, an info's without `_info`, and reserves `_created`. If such a name is taken, the
/// family keeps its own name with the type `unknown`.
fn resolve_open_metrics_names(families: &mut [Family<'_>]) {
    for at in 0..families.len() {
        let family = &families[at];
        let (base, reserved): (_, &[&str]) = match family.kind {
            Type::Counter => (family.name.strip_suffix("_total"), &["_created", "_info"]),
            Type::Info => (family.name.strip_suffix("_info"), &["_total"]),
            Type::Histogram | Type::Summary => (Some(&*family.name), &["_created"]),
            Type::Gauge | Type::Unknown => (Some(&*family.name), &[]),
        };
        let base = base.filter(|base| !base.is_empty()).filter(|base| {
            let itself = base.len() == family.name.len();
            (itself || (find(families, &[base]).is_none() && !is_owned(families, base)))
                && reserved.iter().all(|suffix| find(families, &[base, suffix]).is_none())
        });
        families[at].open_metrics = base.map(|base| Cow::Owned(base.to_owned()));
    }
}

/// Whether a name without its own family is a series of another family.
fn is_owned(families: &[Family<'_>], name: &str) -> bool {
    ["_bucket", "_count", "_sum", "_created"].into_iter().any(|suffix| {
        let owner = name.strip_suffix(suffix);
        let distribution = owner.and_then(|owner| find(families, &[owner]));
        distribution.is_some_and(|at| matches!(families[at].kind, Type::Histogram | Type::Summary))
            || suffix == "_created" && owner.is_some_and(|owner| find(families, &[owner, "_total"]).is_some())
    })
}

fn find(families: &[Family<'_>], parts: &[&str]) -> Option<usize> {
    families.binary_search_by(|family| family.name.bytes().cmp(parts.iter().flat_map(|part| part.bytes()))).ok()
}

/// The priority of a family in a name conflict, the highest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Priority {
    Ours,
    /// A meter of another library.
    Library,
    /// A registry of the crate `prometheus`.
    Registry,
}

impl Family<'_> {
    /// Whether one of our metrics has its name, whether or not it has a series. As in OTLP, the names that count are those of the default
    /// translation.
    fn is_ours(&self, input: &Input<'_>) -> bool {
        if input.names.are_default() {
            return input.ours.contains(&*self.name);
        }
        self.sources.iter().any(|source| match source {
            Source::Metric(_, metric) => {
                input.ours.contains(&prometheus_name(metric.name(), metric.unit(), kind_of(metric).0))
            }
            Source::Zero(_) => true,
            Source::Target(_) | Source::Summary(..) | Source::Foreign(_) => input.ours.contains(&*self.name),
        })
    }

    fn priority(&self) -> Priority {
        match (self.sources.first(), self.owner) {
            (Some(Source::Foreign(_)), _) => Priority::Registry,
            (_, Some(Library::Other { .. })) => Priority::Library,
            (_, Some(Library::Ours) | None) => Priority::Ours,
        }
    }

    /// Whether it has a point of ours.
    pub(super) fn has_ours(&self) -> bool {
        self.sources.iter().any(|source| source.library() == Some(Library::Ours))
    }
}

impl<'a> Source<'a> {
    fn scope(&self) -> Option<&'a InstrumentationScope> {
        match self {
            Source::Metric(scope, _) | Source::Summary(scope, _) => Some(scope),
            Source::Target(_) | Source::Zero(_) | Source::Foreign(_) => None,
        }
    }

    fn library(&self) -> Option<Library<'a>> {
        self.scope().map(Library::of)
    }

    /// The labels that the metric's scope adds. They include its name, unless its library is the owner.
    pub(super) fn scope_labels(&self, owner: Option<Library<'a>>, names: Names) -> ScopeLabels<'a> {
        let labels = |scope| ScopeLabels::of(scope, owner != Some(Library::of(scope)), names);
        self.scope().map_or_else(ScopeLabels::default, labels)
    }
}
