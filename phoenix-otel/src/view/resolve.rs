//! Resolves an instrument and the views to streams. Pure functions, called once when the instrument is created.

use std::sync::Arc;

use super::View;
use super::attributes::AttributeKeys;
use super::selector::{Instrument, InstrumentKind};
use crate::catalog::MAX_SERIES;
use crate::config::{CardinalityLimits, MAX_CARDINALITY_LIMIT};

const _: () = assert!(MAX_CARDINALITY_LIMIT == MAX_SERIES);

/// An aggregation that overrides the default of the instrument kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Aggregation {
    /// A histogram with these upper bounds.
    Explicit(Arc<[f64]>),
    /// A base-2 exponential histogram.
    Exponential { max_size: u32, max_scale: i8 },
    /// Drop: there is no stream.
    Drop,
}

/// The settings of a stream that views override. For `None` the instrument's own value applies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StreamSettings {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) attributes: Option<AttributeKeys>,
    pub(crate) aggregation: Option<Aggregation>,
    pub(crate) cap: Option<usize>,
}

impl StreamSettings {
    /// A stream without overrides.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), description: None, attributes: None, aggregation: None, cap: None }
    }

    fn is_dropped(&self) -> bool {
        self.aggregation == Some(Aggregation::Drop)
    }

    /// Applies `view` over earlier views. A view that does not drop restores a dropped stream: so a first view can drop `*`, and later views
    /// select what is kept.
    fn apply(&mut self, view: &View) {
        if self.is_dropped() {
            *self = Self::new(&self.name);
        }
        let View { description, attributes, aggregation, cap, .. } = view;
        self.description = description.clone().or(self.description.take());
        self.attributes = attributes.clone().or(self.attributes.take());
        self.aggregation = aggregation.clone().or(self.aggregation.take());
        self.cap = cap.or(self.cap);
    }
}

impl View {
    /// Whether the view selects the instrument. A view that sets buckets selects histograms only.
    pub(crate) fn selects(&self, instrument: &Instrument<'_>) -> bool {
        (!self.sets_buckets() || instrument.kind == InstrumentKind::Histogram) && self.selector.selects(instrument)
    }

    pub(crate) fn sets_buckets(&self) -> bool {
        matches!(self.aggregation, Some(Aggregation::Explicit(_) | Aggregation::Exponential { .. }))
    }
}

/// The streams of an instrument: one for each name that the views give it, or one under its own name if no view selects it.
///
/// Views that give an instrument the same name are combined, and later views take precedence. The SDK would create two streams with one name, which a
/// receiver cannot distinguish. `limits` are the caps of streams for which no view sets one.
pub(crate) fn streams(views: &[View], limits: &CardinalityLimits, instrument: &Instrument<'_>) -> Vec<StreamSettings> {
    let mut streams: Vec<StreamSettings> = Vec::new();
    for view in views.iter().filter(|view| view.selects(instrument)) {
        let name = view.name.as_deref().unwrap_or(instrument.name);
        match streams.iter_mut().find(|stream| stream.name == name) {
            Some(stream) => stream.apply(view),
            None => {
                let mut stream = StreamSettings::new(name);
                stream.apply(view);
                streams.push(stream);
            }
        }
    }
    if streams.is_empty() {
        streams.push(StreamSettings::new(instrument.name));
    }
    streams.retain(|stream| !stream.is_dropped());
    for stream in &mut streams {
        stream.cap = stream.cap.or(limits.of(instrument.kind.word()));
    }
    streams
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Meter;

    const LIB: Meter<'static> = Meter { name: "lib", version: "1.2", schema_url: "https://example.com/1" };

    fn of(views: &[View]) -> Vec<StreamSettings> {
        let (name, unit, meter) = ("http.server.duration", "s", LIB);
        let kind = InstrumentKind::Histogram;
        streams(views, &CardinalityLimits::default(), &Instrument { name, kind, unit, meter })
    }

    fn names(views: &[View]) -> Vec<String> {
        of(views).into_iter().map(|stream| stream.name).collect()
    }

    #[test]
    fn without_a_view_the_instrument_decides() {
        let own = vec![StreamSettings::new("http.server.duration")];
        assert_eq!(of(&[]), own);
        assert_eq!(of(&[View::select("http.client.*").drop_metric()]), own);
        for other in [
            View::select("http.*").unit("ms"),
            View::select("http.*").kind(InstrumentKind::Counter),
            View::select("http.*").meter("other*"),
            View::select("http.*").meter_version("1.3"),
            View::select("http.*").meter_schema_url("https://example.com/2"),
        ] {
            assert_eq!(of(&[other.drop_metric()]), own);
        }
        let view = View::select("HTTP.*").unit("s").meter("l?b").meter_version("1.2");
        assert_eq!(names(&[view.meter_schema_url("https://example.com/1").drop_metric()]), Vec::<String>::new());
    }

    #[test]
    fn views_of_one_name_are_combined_and_the_later_holds() {
        let first = View::select("http.*").cap(10).description("First.").keep_attributes(["a"]);
        let second = View::select("*").cap(20).bounds([1.0]).drop_attributes(["b"]);
        let [stream] = &of(&[first, second])[..] else { panic!("one stream") };
        assert_eq!((stream.cap, stream.description.as_deref()), (Some(20), Some("First.")));
        assert_eq!(stream.aggregation, Some(Aggregation::Explicit([1.0].into())));
        let attributes = stream.attributes.as_ref().unwrap();
        assert!(attributes.keeps("a") && attributes.keeps("c") && !attributes.keeps("b"));
    }

    #[test]
    fn a_new_name_is_a_stream_of_its_own() {
        let renamed = || View::select("http.server.duration").rename("duration");
        assert_eq!(names(&[renamed()]), ["duration"]);
        assert_eq!(names(&[renamed(), View::select("*").cap(5)]), ["duration", "http.server.duration"]);
        let [renamed, own] = &of(&[renamed().cap(7), View::select("*").cap(5), renamed()])[..] else { panic!("two") };
        assert_eq!((renamed.cap, own.cap), (Some(7), Some(5)));
    }

    #[test]
    fn everything_may_be_dropped_but_for_what_follows() {
        let all = || View::select("*").cap(3).drop_metric();
        assert_eq!(names(&[all()]), Vec::<String>::new());
        assert_eq!(of(&[all(), View::select("http.server.*")]), [StreamSettings::new("http.server.duration")]);
        assert_eq!(names(&[View::select("http.server.*"), all()]), Vec::<String>::new());
        assert_eq!(names(&[all(), View::select("http.server.duration").rename("x")]), ["x"]);
    }

    #[test]
    fn buckets_are_for_histograms() {
        let (name, unit, meter) = ("http.server.requests", "", LIB);
        let counter = Instrument { name, kind: InstrumentKind::Counter, unit, meter };
        let views = [View::select("*").bounds([1.0]).cap(3)];
        assert_eq!(streams(&views, &CardinalityLimits::default(), &counter), [StreamSettings::new(name)]);
    }

    #[test]
    fn a_limit_is_the_cap_of_each_stream_without_a_cap() {
        let limits = CardinalityLimits { default: Some(9), kinds: [("gauge".to_owned(), 5)].into() };
        let caps = |views: &[View], kind| {
            let instrument = Instrument { name: "a", kind, unit: "", meter: LIB };
            let streams = streams(views, &limits, &instrument).into_iter();
            streams.map(|stream| (stream.name, stream.cap)).collect::<Vec<_>>()
        };
        let one = |name: &str, cap| vec![(name.to_owned(), Some(cap))];
        assert_eq!(caps(&[], InstrumentKind::Counter), one("a", 9));
        assert_eq!(caps(&[], InstrumentKind::Summary), one("a", 9));
        assert_eq!(caps(&[], InstrumentKind::Gauge), one("a", 5));
        assert_eq!(caps(&[View::select("a").rename("b")], InstrumentKind::Counter), one("b", 9));
        assert_eq!(caps(&[View::select("*").cap(3)], InstrumentKind::Gauge), one("a", 3));
        assert_eq!(
            caps(&[View::select("*").cap(3).drop_metric(), View::select("a")], InstrumentKind::Gauge),
            one("a", 5)
        );
    }
}
