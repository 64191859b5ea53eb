//! The streams of one `init`: made of definitions and views, and found again where instruments are made, limited and shown.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::met::Met;
use super::wanted::{self, Wanted};
use super::{Instrument, InstrumentKind, SCOPE, Stream, View};
use crate::catalog::name::summary_parts;
use crate::catalog::naming::Naming;
use crate::catalog::versions::Versions;
use crate::catalog::{Domain, Kind, MetricDef};
use crate::lock::lock;
use crate::report::report;

/// A meter's name and an instrument's; of ours the bounds that functions of a metric have of their own, and the instrument's name.
type Name = (String, String);

/// What every instrument of one `init` is made of.
#[derive(Debug)]
pub(crate) struct Streams {
    naming: Naming,
    views: Vec<View>,
    /// The stream behind each instrument of ours that was made.
    made: Mutex<HashMap<Name, Arc<Stream>>>,
    /// What is wanted of instruments of other libraries, where a view selects them.
    foreign: Mutex<HashMap<(Name, InstrumentKind), Wanted>>,
    /// Instruments of other libraries that a view was reported for.
    reported: Mutex<HashSet<Name>>,
    /// Those that were reported as illegal.
    refused: Mutex<HashSet<Name>>,
    /// Inactive domains of which was reported that what is recorded for them is dropped.
    inactive: Mutex<Vec<Domain>>,
    /// The names of our instruments that have a series.
    used: Mutex<BTreeSet<String>>,
    /// Definitions of newer versions of a crate, each with that of the oldest if what is recorded by the newer fits it.
    replaced: Vec<(Declaration, Option<&'static MetricDef>)>,
    /// The names in Prometheus of all our metrics, whether they are used or not.
    ours: Arc<BTreeSet<String>>,
    met: Met,
}

/// The crate that declares a metric, its version, and the metric's name.
type Declaration = (&'static str, Option<&'static str>, &'static str);

fn declaration(def: &MetricDef) -> Declaration {
    (def.declaring_crate(), def.version, def.name)
}

impl Streams {
    pub(crate) fn new(naming: Naming, views: Vec<View>) -> Self {
        let (made, foreign, reported, refused, inactive, used, replaced) = Default::default();
        let (ours, met) = Default::default();
        Self { naming, views, made, foreign, reported, refused, inactive, used, replaced, ours, met }
    }

    /// Lets the oldest definitions hold.
    pub(crate) fn with_versions(self, versions: &[Versions<'static>]) -> Self {
        let replaced = versions.iter().map(|found| (declaration(found.other), found.fits().then_some(found.first)));
        Self { replaced: replaced.collect(), ..self }
    }

    /// Lets these be all our streams that there can be.
    pub(crate) fn with_declared(self, streams: &[Stream]) -> Self {
        let met = Met::new(streams);
        Self { ours: met.names().into(), met, ..self }
    }

    /// The names in Prometheus of all our metrics, whether they are used or not.
    #[allow(dead_code, reason = "for exporters that may not be built in")]
    pub(crate) fn ours(&self) -> &Arc<BTreeSet<String>> {
        &self.ours
    }

    /// Notes that `library` has an instrument, which may have the name of somebody else's metric.
    pub(crate) fn note_other(&self, name: &str, kind: InstrumentKind, unit: &str, library: &str) {
        self.met.note(name, kind, unit, library);
    }

    pub(crate) fn naming(&self) -> &Naming {
        &self.naming
    }

    /// The streams of a definition; none where its domain is not active. Their instruments can be made now: the view of the SDK finds them.
    /// `subsystem` stands in for the service's own.
    pub(crate) fn define(
        &self,
        def: &'static MetricDef,
        kind: InstrumentKind,
        subsystem: Option<&str>,
    ) -> Vec<Arc<Stream>> {
        if self.report_inactive(def) {
            return Vec::new();
        }
        let Some(def) = self.replacement(def).unwrap_or(Some(def)) else { return Vec::new() };
        let name = self.naming.resolve(def.name, subsystem);
        let instrument = Instrument { name: &name, kind, unit: def.unit, meter: SCOPE };
        let wanted = wanted::streams(&self.views, &instrument);
        wanted.into_iter().map(|wanted| self.add("", Stream::new(def, wanted))).collect()
    }

    /// Whether another version of its crate replaces the definition by one that does not fit what is recorded.
    pub(crate) fn is_replaced(&self, def: &MetricDef) -> bool {
        matches!(self.replacement(def), Some(None))
    }

    /// What replaces the definition, if another version of its crate does; `Some(None)` if that does not fit.
    fn replacement(&self, def: &MetricDef) -> Option<Option<&'static MetricDef>> {
        let declaration = declaration(def);
        self.replaced.iter().find(|(newer, _)| *newer == declaration).map(|(_, oldest)| *oldest)
    }

    /// The same stream with other bounds, under the same name in a further scope: an instrument has one set of bounds. Returns the bounds as
    /// that scope has them, too.
    pub(crate) fn with_bounds(&self, stream: &Stream, bounds: &[f64]) -> (String, Arc<Stream>) {
        let shown: Vec<String> = bounds.iter().map(ToString::to_string).collect();
        let shown = shown.join(",");
        let stream = self.add(&shown, stream.with_bounds(bounds));
        (shown, stream)
    }

    /// The first of a name stays, as it does for the SDK.
    fn add(&self, bounds: &str, stream: Stream) -> Arc<Stream> {
        let mut made = lock(&self.made);
        let key = |name: String| (bounds.to_owned(), name);
        let stream = made.entry(key(stream.name.clone())).or_insert_with(|| Arc::new(stream)).clone();
        if stream.def.kind == Kind::Summary {
            for part in summary_parts(&stream.name, stream.def.unit) {
                made.entry(key(part)).or_insert_with(|| stream.clone());
            }
        }
        stream
    }

    /// The stream of an instrument of ours, or of one of the three that make a summary. `bounds` is what its scope has of them.
    pub(crate) fn find(&self, bounds: &str, name: &str) -> Option<Arc<Stream>> {
        lock(&self.made).get(&(bounds.to_owned(), name.to_owned())).cloned()
    }

    /// Forgets what was made, once nothing is made any more.
    pub(crate) fn release(&self) {
        let made = std::mem::take(&mut *lock(&self.made));
        let foreign = std::mem::take(&mut *lock(&self.foreign));
        let used = std::mem::take(&mut *lock(&self.used));
        drop((made, foreign, used));
        self.met.release();
    }

    /// Notes that the instrument called `name` has a series.
    pub(crate) fn note_use(&self, name: &str) {
        lock(&self.used).insert(name.to_owned());
    }

    /// The streams that have a series, by name. The instruments of others are made, and nobody uses them.
    #[cfg(feature = "prometheus")]
    pub(crate) fn used(&self) -> Vec<Arc<Stream>> {
        let used = lock(&self.used);
        let mut streams: Vec<_> = lock(&self.made)
            .iter()
            .filter(|((bounds, name), stream)| bounds.is_empty() && *name == stream.name && used.contains(name))
            .map(|(_, stream)| stream.clone())
            .collect();
        crate::sort::by(&mut streams, |a, b| a.name.cmp(&b.name));
        streams
    }

    /// All streams of ours, by name: observed ones too, of which nobody notes a use.
    #[cfg(feature = "page")]
    pub(crate) fn made(&self) -> Vec<Arc<Stream>> {
        let mut streams: Vec<_> = lock(&self.made)
            .iter()
            .filter(|((bounds, name), stream)| bounds.is_empty() && *name == stream.name)
            .map(|(_, stream)| stream.clone())
            .collect();
        crate::sort::by(&mut streams, |a, b| a.name.cmp(&b.name));
        streams
    }

    /// The streams of an instrument of another library; nothing where no view selects it.
    pub(crate) fn foreign(&self, instrument: &Instrument<'_>) -> Option<Vec<Wanted>> {
        self.report_other_kind(instrument);
        if !self.views.iter().any(|view| view.selects(instrument)) {
            return None;
        }
        let wanted = wanted::streams(&self.views, instrument);
        let mut foreign = lock(&self.foreign);
        for stream in &wanted {
            let name = (instrument.meter.to_owned(), stream.name.clone());
            foreign.entry((name, instrument.kind)).or_insert_with(|| stream.clone());
        }
        Some(wanted)
    }

    /// Whether an instrument of another library is not known as illegal yet.
    pub(crate) fn is_new_refusal(&self, scope: &str, name: &str) -> bool {
        lock(&self.refused).insert((scope.to_owned(), name.to_owned()))
    }

    /// What views want of the instrument of another library.
    pub(crate) fn find_foreign(&self, scope: &str, name: &str, kind: InstrumentKind) -> Option<Wanted> {
        lock(&self.foreign).get(&((scope.to_owned(), name.to_owned()), kind)).cloned()
    }

    /// Whether the domain of a metric that is used is not active. That is reported once for each domain.
    pub(crate) fn report_inactive(&self, def: &MetricDef) -> bool {
        let Some(domain) = def.domain.filter(|_| !self.naming.domains().is_active(def)) else { return false };
        let mut inactive = lock(&self.inactive);
        let is_new = !inactive.contains(&domain);
        if is_new {
            inactive.push(domain);
            drop(inactive);
            let (metric, domain, advice) = (def.name, domain.name(), domain.advice());
            report!(WARN, { metric, domain }, "a metric of a domain that is not active is used: nothing is recorded; {advice}");
        }
        true
    }

    /// Buckets for what turns out to be no histogram. Of our own metrics `init` knows that, of others it shows here.
    fn report_other_kind(&self, instrument: &Instrument<'_>) {
        let named = |view: &View| view.selector.name.is_exact() && view.selector.selects(instrument);
        let is_histogram = instrument.kind == InstrumentKind::Histogram;
        if !is_histogram && self.views.iter().any(|view| view.sets_buckets() && named(view)) {
            let name = (instrument.meter.to_owned(), instrument.name.to_owned());
            if lock(&self.reported).insert(name) {
                let (instrument, kind) = (instrument.name, format!("{:?}", instrument.kind));
                report!(
                    WARN,
                    { instrument, kind },
                    "a view sets buckets, but the instrument is no histogram: the view is ignored"
                );
            }
        }
    }
}
