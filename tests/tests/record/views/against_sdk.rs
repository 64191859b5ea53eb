//! Each kind of view on each kind of instrument: compares our result with that of the SDK for unbound instruments.

use std::collections::BTreeMap;

use opentelemetry::{Key, KeyValue};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_sdk::metrics::{Aggregation, Stream, StreamBuilder};
use phoenix_otel::View;

use super::metrics::{NAMES, record};
use super::points::{Metric, Scraped, headers, pushed, scraped};
use super::sdk_alone::Bare;
use super::telemetry::Ours;

/// A view of ours and of the SDK, for the instrument of a name.
struct Case {
    what: &'static str,
    ours: fn(&str) -> Option<View>,
    sdk: fn(&str, StreamBuilder) -> StreamBuilder,
    /// The remaining attributes. Observed sums with equal attributes are added up, while the SDK exports only the last one.
    keeps: Option<fn(&KeyValue) -> bool>,
}

const NONE: Case = Case { what: "no view", ours: |_| None, sdk: |_, stream| stream, keeps: None };

fn cases() -> [Case; 11] {
    let is_channel: fn(&KeyValue) -> bool = |kv| kv.key.as_str() == "channel";
    let channel: fn(&str, StreamBuilder) -> StreamBuilder =
        |_, stream| stream.with_allowed_attribute_keys([Key::from("channel")]);
    [
        NONE,
        Case {
            what: "a new name",
            ours: |name| Some(View::select(name).rename(renamed(name))),
            sdk: |name, stream| stream.with_name(renamed(name)),
            ..NONE
        },
        Case {
            what: "a description",
            ours: |_| Some(View::select("views.compared.*").description("Something else.")),
            sdk: |_, stream| stream.with_description("Something else."),
            ..NONE
        },
        Case {
            what: "attributes that are kept",
            ours: |_| Some(View::select("*").keep_attributes(["cha*"])),
            sdk: channel,
            keeps: Some(is_channel),
        },
        Case {
            what: "attributes that are dropped",
            ours: |name| Some(View::select(name).drop_attributes(["tenant"])),
            sdk: channel,
            keeps: Some(is_channel),
        },
        Case {
            what: "no attributes",
            ours: |_| Some(View::select("views.compared.*").keep_attributes([""; 0])),
            sdk: |_, stream| stream.with_allowed_attribute_keys([]),
            keeps: Some(|_| false),
        },
        Case {
            what: "bounds",
            ours: |_| Some(View::select("views.compared.*").bounds([2.0, 3.0, 5.5])),
            sdk: |name, stream| histogram(name, stream, vec![2.0, 3.0, 5.5]),
            ..NONE
        },
        Case {
            what: "exponential buckets",
            ours: |_| Some(View::select("views.compared.*").exponential(20, 5)),
            sdk: |name, stream| {
                let (max_size, max_scale, record_min_max) = (20, 5, false);
                let exponential = Aggregation::Base2ExponentialHistogram { max_size, max_scale, record_min_max };
                if name == "views.compared.size" { stream.with_aggregation(exponential) } else { stream }
            },
            ..NONE
        },
        Case {
            what: "a cap",
            ours: |name| Some(View::select(name).cap(2)),
            sdk: |_, stream| stream.with_cardinality_limit(2),
            ..NONE
        },
        Case {
            what: "a cap after attributes",
            ours: |name| Some(View::select(name).drop_attributes(["tenant"]).cap(1)),
            sdk: |_, stream| stream.with_allowed_attribute_keys([Key::from("channel")]).with_cardinality_limit(1),
            keeps: Some(is_channel),
        },
        Case {
            what: "nothing at all",
            ours: |name| Some(View::select(name).drop_metric()),
            sdk: |_, stream| stream.with_aggregation(Aggregation::Drop),
            ..NONE
        },
    ]
}

fn renamed(name: &str) -> String {
    name.replace("views.compared.", "views.compared.new.")
}

fn histogram(name: &str, stream: StreamBuilder, boundaries: Vec<f64>) -> StreamBuilder {
    let histogram = Aggregation::ExplicitBucketHistogram { boundaries, record_min_max: true };
    if name == "views.compared.size" { stream.with_aggregation(histogram) } else { stream }
}

#[test]
fn views_act_on_bound_instruments_as_in_the_sdk() {
    phoenix_otel_tests::isolated!();
    for case in cases() {
        let ours = Ours::start(NAMES.iter().filter_map(|name| (case.ours)(name)));
        let _observed = record();
        let bare = Bare::start(
            move |instrument| Some((case.sdk)(instrument.name(), Stream::builder()).build().expect("a stream")),
            case.keeps,
        );
        let expected = bare.collect();

        let what = case.what;
        let expected_push = ExportMetricsServiceRequest::from(&expected);
        assert_eq!(pushed_of_ours(&ours.pushed()), pushed(&expected_push, "views.compared."), "{what}, over OTLP");
        let (shown, expected) = (ours.exposition(), Bare::exposition(&expected));
        assert_eq!(scraped_of_ours(&shown), scraped(&expected, "views_compared_"), "{what}, by scrape");
        let described = |exposition: &str| {
            let headers = headers(exposition, "views_compared_");
            headers.into_iter().filter(|line| !line.contains("views_compared_lookup")).collect::<Vec<_>>()
        };
        assert_eq!(described(&shown), described(&expected), "{what}");
    }
}

/// Without the summary, which the SDK does not have.
fn pushed_of_ours(request: &ExportMetricsServiceRequest) -> BTreeMap<String, Metric> {
    let mut metrics = pushed(request, "views.compared.");
    metrics.retain(|name, _| !name.starts_with("views.compared.lookup"));
    metrics
}

fn scraped_of_ours(exposition: &str) -> Scraped {
    let mut samples = scraped(exposition, "views_compared_");
    samples.retain(|(name, _), _| !name.starts_with("views_compared_lookup"));
    samples
}
