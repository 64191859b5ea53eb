//! The streams of one `init`: created from definitions and views, and looked up when instruments are created, limited and exported.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::library_names::LibraryNames;
use super::resolve::{self, StreamSettings};
use super::switches::{self, Switches};
use super::{Instrument, InstrumentKind, Meter, Stream, View};
use crate::catalog::name::summary_parts;
use crate::catalog::naming::Naming;
use crate::catalog::versions::Versions;
use crate::catalog::{Domain, Kind, MetricDef};
use crate::config::{CardinalityLimits, Meters};
use crate::lock::lock;
use crate::report::report;

/// The name of the meter and of the instrument. For our instruments: the function-specific bounds, and the name of the instrument.
type Name = (String, String);

/// The name, the version and the schema URL of the meter, the name and the kind of the instrument.
type ForeignKey = ([String; 4], InstrumentKind);

fn foreign_key(meter: Meter<'_>, name: &str, kind: InstrumentKind) -> ForeignKey {
    ([meter.name, meter.version, meter.schema_url, name].map(str::to_owned), kind)
}

/// All streams of one `init`.
#[derive(Debug)]
pub(crate) struct Streams {
    naming: Naming,
    views: Vec<View>,
    limits: CardinalityLimits,
    /// Whether the default aggregation of histograms is exponential.
    exponential: bool,
    /// The stream of each created instrument of ours.
    made: Mutex<HashMap<Name, Arc<Stream>>>,
    /// The stream settings of instruments of other libraries that a view selects.
    foreign: Mutex<HashMap<ForeignKey, StreamSettings>>,
    /// Instruments of other libraries for which an ignored view was reported.
    reported: Mutex<HashSet<Name>>,
    /// Instruments of other libraries that were reported as invalid.
    refused: Mutex<HashSet<Name>>,
    /// Inactive domains whose use was reported.
    inactive: Mutex<Vec<Domain>>,
    /// The names of our instruments that have a series.
    used: Mutex<BTreeSet<String>>,
    /// Definitions of newer versions of a crate. Each with the definition of the oldest version, if both are compatible.
    replaced: Vec<(Declaration, Option<&'static MetricDef>)>,
    /// The Prometheus names of all our metrics, used or not. Empty after the release.
    ours: Mutex<Arc<BTreeSet<String>>>,
    library_names: LibraryNames,
    switches: Switches,
    /// The streams to which views give another name than that of the instrument: the names of the meter and of the stream. A view that drops
    /// metrics selects instruments, so it does not drop these streams.
    renamed: Mutex<HashSet<(String, String)>>,
}

/// The crate that declares a metric, its version, and the metric's name.
type Declaration = (&'static str, Option<&'static str>, &'static str);

fn declaration(def: &MetricDef) -> Declaration {
    (def.declaring_crate(), def.version, def.name)
}

impl Streams {
    pub(crate) fn new(naming: Naming, views: Vec<View>) -> Self {
        let switches = Switches::new(&views);
        let views: Vec<View> = views.into_iter().filter(|view| !view.is_switch()).collect();
        let renamed = Mutex::default();
        let (made, foreign, reported, refused, inactive, used, replaced) = Default::default();
        let (ours, library_names) = Default::default();
        let (exponential, limits) = (false, CardinalityLimits::default());
        Self {
            naming,
            views,
            limits,
            exponential,
            made,
            foreign,
            reported,
            refused,
            inactive,
            used,
            replaced,
            ours,
            library_names,
            switches,
            renamed,
        }
    }

    /// Replaces definitions of newer versions of a crate by those of the oldest version.
    pub(crate) fn with_versions(self, versions: &[Versions<'static>]) -> Self {
        let replaced = versions.iter().map(|found| (declaration(found.other), found.fits().then_some(found.first)));
        Self { replaced: replaced.collect(), ..self }
    }

    /// Sets the caps of streams for which no view sets one.
    pub(crate) fn with_limits(self, limits: CardinalityLimits) -> Self {
        Self { limits, ..self }
    }

    /// The caps of streams for which no view sets one.
    #[cfg(feature = "config-file")]
    pub(crate) fn limits(&self) -> &CardinalityLimits {
        &self.limits
    }

    /// Sets whether the default aggregation of histograms is exponential.
    pub(crate) fn with_exponential(self, exponential: bool) -> Self {
        Self { exponential, ..self }
    }

    /// Whether the default aggregation of histograms is exponential.
    pub(crate) fn are_exponential(&self) -> bool {
        self.exponential
    }

    /// Sets the streams of all declared metrics.
    pub(crate) fn with_declared(self, streams: &[Stream]) -> Self {
        let library_names = LibraryNames::new(streams);
        Self { ours: Mutex::new(library_names.names().into()), library_names, ..self }
    }

    /// The Prometheus names of all our metrics, used or not.
    #[allow(dead_code, reason = "for exporters that may not be built in")]
    pub(crate) fn ours(&self) -> Arc<BTreeSet<String>> {
        lock(&self.ours).clone()
    }

    /// Which metrics are switched off: the name of the meter, the name of the metric, and its unit. `None` if there are no switches.
    pub(crate) fn switched_off(&self) -> Option<impl Fn(&str, &str, &str) -> bool> {
        let (meters, views) = self.switches.get();
        (!views.is_empty() || !meters.are_all_enabled()).then(|| {
            let renamed = lock(&self.renamed).clone();
            move |meter: &str, name: &str, unit: &str| {
                if !meters.is_enabled(meter) {
                    return true;
                }
                let is_renamed = || renamed.contains(&(meter.to_owned(), name.to_owned()));
                switches::is_off(&views, name, unit, meter) && !is_renamed()
            }
        })
    }

    /// Sets which meters are enabled.
    pub(crate) fn set_meters(&self, meters: Meters) {
        self.switches.set_meters(meters);
    }

    /// Sets the views that switch metrics off. Returns whether the other views are the same as before.
    #[cfg(feature = "config-file")]
    pub(crate) fn set_switches(&self, views: &[View]) -> bool {
        let others: Vec<&View> = views.iter().filter(|view| !view.is_switch()).collect();
        let is_same = others.len() == self.views.len() && self.views.iter().zip(others).all(|(a, b)| a.is_same(b));
        if is_same {
            self.switches.set_views(views);
        }
        is_same
    }

    /// Notes an instrument of `library`. Warns if another library has a metric of this name.
    pub(crate) fn note_library(&self, name: &str, kind: InstrumentKind, unit: &str, library: &str) {
        self.library_names.note(name, kind, unit, library);
    }

    pub(crate) fn naming(&self) -> &Naming {
        &self.naming
    }

    /// The streams of a definition. Empty if its domain is inactive. Call this before the instruments are created: the SDK view looks the
    /// streams up. `subsystem` overrides the subsystem of the service.
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
        let instrument = Instrument { name: &name, kind, unit: def.unit, meter: Meter::OURS };
        let settings = self.resolve(&instrument);
        let streams = settings.into_iter().map(|settings| Stream::new(def, settings).with_default(self.exponential));
        streams.map(|stream| self.add("", stream)).collect()
    }

    /// The streams of an instrument.
    fn resolve(&self, instrument: &Instrument<'_>) -> Vec<StreamSettings> {
        let streams = resolve::streams(&self.views, &self.limits, instrument);
        let renamed = streams.iter().filter(|stream| stream.name != instrument.name);
        lock(&self.renamed).extend(renamed.map(|stream| (instrument.meter.name.to_owned(), stream.name.clone())));
        streams
    }

    /// Whether an incompatible definition of another version of the crate replaces this definition.
    pub(crate) fn is_replaced(&self, def: &MetricDef) -> bool {
        matches!(self.replacement(def), Some(None))
    }

    /// The definition of another version of the crate that replaces this one. `Some(None)` if it is incompatible.
    fn replacement(&self, def: &MetricDef) -> Option<Option<&'static MetricDef>> {
        let declaration = declaration(def);
        self.replaced.iter().find(|(newer, _)| *newer == declaration).map(|(_, oldest)| *oldest)
    }

    /// The same stream with other bounds, under the same name in another scope, because an instrument has one set of bounds. Also returns the
    /// value of the scope attribute.
    pub(crate) fn with_bounds(&self, stream: &Stream, bounds: &[f64]) -> (String, Arc<Stream>) {
        let shown: Vec<String> = bounds.iter().map(ToString::to_string).collect();
        let shown = shown.join(",");
        let stream = self.add(&shown, stream.with_bounds(bounds));
        (shown, stream)
    }

    /// Adds a stream. If the name exists, the first stream is kept, as in the SDK.
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

    /// The stream of an instrument of ours, or of one of the three instruments of a summary. `bounds` is the value of the scope attribute.
    pub(crate) fn find(&self, bounds: &str, name: &str) -> Option<Arc<Stream>> {
        lock(&self.made).get(&(bounds.to_owned(), name.to_owned())).cloned()
    }

    /// Frees the memory. Call it when no more instruments are created.
    pub(crate) fn release(&self) {
        let made = std::mem::take(&mut *lock(&self.made));
        let foreign = std::mem::take(&mut *lock(&self.foreign));
        let used = std::mem::take(&mut *lock(&self.used));
        let ours = std::mem::take(&mut *lock(&self.ours));
        drop((made, foreign, used, ours));
        self.library_names.release();
    }

    /// Notes that the instrument called `name` has a series.
    pub(crate) fn note_use(&self, name: &str) {
        lock(&self.used).insert(name.to_owned());
    }

    /// The streams that have series, sorted by name. Other instruments exist, but are unused.
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

    /// All our created streams, sorted by name. Includes observable instruments, whose use is not noted.
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

    /// The streams of an instrument of another library. `None` if no view selects it and it has no limit.
    pub(crate) fn foreign(&self, instrument: &Instrument<'_>) -> Option<Vec<StreamSettings>> {
        self.report_other_kind(instrument);
        let has_limit = self.limits.of(instrument.kind.word()).is_some();
        if !has_limit && !self.views.iter().any(|view| view.selects(instrument)) {
            return None;
        }
        let settings = self.resolve(instrument);
        let mut foreign = lock(&self.foreign);
        for stream in &settings {
            let key = foreign_key(instrument.meter, &stream.name, instrument.kind);
            foreign.entry(key).or_insert_with(|| stream.clone());
        }
        Some(settings)
    }

    /// Whether an invalid instrument of another library has not been reported yet.
    pub(crate) fn is_new_refusal(&self, scope: &str, name: &str) -> bool {
        lock(&self.refused).insert((scope.to_owned(), name.to_owned()))
    }

    /// The stream settings of an instrument of another library.
    pub(crate) fn find_foreign(&self, meter: Meter<'_>, name: &str, kind: InstrumentKind) -> Option<StreamSettings> {
        lock(&self.foreign).get(&foreign_key(meter, name, kind)).cloned()
    }

    /// Whether the domain of a used metric is inactive. Warns once for each domain.
    pub(crate) fn report_inactive(&self, def: &MetricDef) -> bool {
        let Some(domain) = def.domain.filter(|_| !self.naming.domains().is_active(def)) else { return false };
        let mut inactive = lock(&self.inactive);
        let is_new = !inactive.contains(&domain);
        if is_new {
            inactive.push(domain);
            drop(inactive);
            let (metric, domain, advice) = (def.name, domain.name(), domain.advice());
            report!(WARN, { metric, domain }, "recorded values are dropped: the domain of the metric is not active; {advice}");
        }
        true
    }

    /// Warns if a view sets buckets and names an instrument that is not a histogram. For our own metrics `init` reports this as an error.
    fn report_other_kind(&self, instrument: &Instrument<'_>) {
        let named = |view: &View| view.selector.name.is_exact() && view.selector.selects(instrument);
        let is_histogram = instrument.kind == InstrumentKind::Histogram;
        if !is_histogram && self.views.iter().any(|view| view.sets_buckets() && named(view)) {
            let name = (instrument.meter.name.to_owned(), instrument.name.to_owned());
            if lock(&self.reported).insert(name) {
                let (instrument, kind) = (instrument.name, format!("{:?}", instrument.kind));
                report!(
                    WARN,
                    { instrument, kind },
                    "a view sets buckets, but the instrument is not a histogram: the view is ignored"
                );
            }
        }
    }
}
