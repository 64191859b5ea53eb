//! Metrics that are difficult to encode, each with the samples that a scraper must read.

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, SdkMeterProvider, Stream};
use phoenix_otel::__private::for_tests::prometheus::{
    ForeignFamily, Format, Input, Report, SummaryInstrument, ZeroHistogram, encode,
};
use phoenix_otel_tests::snapshot::Reader;

use super::python::{Samples, sample};

pub(crate) const SERVICE: &str = "orche\"strator";
pub(crate) const VERSION: &str = "1.2.3";
pub(crate) const HELP: &str = "Back\\slash, \"quotes\",\nand a new line; ünïcode.";

/// Label values that need escapes, look like syntax, or have unusual sizes.
pub(crate) const VALUES: &[&str] = &[
    "plain",
    "",
    "\"",
    "\\",
    "\n",
    "\\n",
    "\\\"",
    "ends in a backslash\\",
    "line one\nline two\n",
    "a=\"b\",c=\"d\"} 1",
    "{}#,= ",
    "# EOF",
    "tab\tand return\r.",
    "ünïcode ☃ 🦀 \u{202e}",
    "\u{1}\u{7f}",
    " leading and trailing ",
    LONG,
];

const LONG: &str = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/// A snapshot, and the samples that a scraper must read from its exposition.
pub(crate) struct Hostile {
    pub(crate) metrics: ResourceMetrics,
    pub(crate) foreign: Vec<prometheus::proto::MetricFamily>,
    pub(crate) expected: Samples,
}

/// Records values, and keeps the expected samples.
pub(crate) struct Recorder {
    pub(crate) meter: Meter,
    pub(crate) expected: Samples,
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Recorder {
    /// Expects a sample with these labels and the identity of the process.
    pub(crate) fn expect(&mut self, name: &str, pairs: &[(&str, &str)], value: f64) {
        let mut all = labels(pairs);
        for (name, value) in [("service", SERVICE), ("version", VERSION)] {
            if !all.iter().any(|(own, _)| own == name) {
                all.push((name.to_owned(), value.to_owned()));
            }
        }
        let (series, value) = sample(name, all, value);
        assert!(self.expected.insert(series.clone(), value).is_none(), "{series:?} is expected twice");
    }

    /// Expects a histogram with these buckets, the last one without a bound. An attribute `le` gets another name.
    pub(crate) fn expect_histogram(
        &mut self,
        name: &str,
        pairs: &[(&str, &str)],
        bounds: &[f64],
        counts: &[u32],
        sum: f64,
    ) {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| (if *name == "le" { "exported_le" } else { name }, *value)).collect();
        let mut cumulative = 0;
        for (bound, count) in bounds.iter().chain([&f64::INFINITY]).zip(counts) {
            cumulative += count;
            let le = bound.to_string();
            let mut with_le = pairs.clone();
            with_le.push(("le", &le));
            self.expect(&format!("{name}_bucket"), &with_le, f64::from(cumulative));
        }
        self.expect(&format!("{name}_sum"), &pairs, sum);
        self.expect(&format!("{name}_count"), &pairs, f64::from(cumulative));
    }
}

pub(crate) const ZEROS: &[ZeroHistogram<'static>] = &[ZeroHistogram {
    name: "phoenix.plan.steps",
    description: "Steps of a plan.",
    unit: "{step}",
    bounds: &[1.0, 2.5, 1_000_000.0],
    exponential: false,
}];

pub(crate) const SUMMARIES: &[SummaryInstrument<'static>] = &[
    SummaryInstrument { name: "phoenix.latency", unit: "s" },
    SummaryInstrument { name: "phoenix.drift", unit: "" },
    SummaryInstrument { name: "phoenix.never.recorded", unit: "By" },
];

impl Hostile {
    pub(crate) fn text(&self, format: Format) -> (String, Report) {
        let mut out = Vec::new();
        let foreign: Vec<_> = self.foreign.iter().map(ForeignFamily::from).collect();
        let input = Input { zeros: ZEROS, summaries: SUMMARIES, foreign: &foreign, ..Input::new(&self.metrics) };
        let report = encode(&input, format, &mut out);
        (String::from_utf8(out).expect("an exposition is UTF-8"), report)
    }
}

/// A provider whose instruments with names ending in `.exponential` are exponential histograms.
pub(crate) fn provider(reader: Reader) -> opentelemetry_sdk::metrics::MeterProviderBuilder {
    SdkMeterProvider::builder()
        .with_reader(reader)
        .with_resource(
            Resource::builder_empty()
                .with_attributes([
                    KeyValue::new("service", SERVICE),
                    KeyValue::new("version", VERSION),
                    KeyValue::new("service.name", SERVICE),
                    KeyValue::new("service.version", VERSION),
                    KeyValue::new(
                        "process.command_args",
                        Value::Array(Array::String(vec!["--x".into(), "a \"b\"".into()])),
                    ),
                ])
                .build(),
        )
        .with_view(|instrument: &Instrument| {
            instrument.name().ends_with(".exponential").then(|| {
                let aggregation =
                    Aggregation::Base2ExponentialHistogram { max_size: 160, max_scale: 1, record_min_max: false };
                Stream::builder().with_aggregation(aggregation).build().expect("the aggregation is valid")
            })
        })
}

pub(crate) fn hostile() -> Hostile {
    let reader = Reader::default();
    let provider = provider(reader.clone()).build();
    let mut recorder = Recorder { meter: provider.meter("phoenix"), expected: Samples::new() };
    let (series, one) = sample(
        "target_info",
        labels(&[
            ("service", SERVICE),
            ("version", VERSION),
            ("service_name", SERVICE),
            ("service_version", VERSION),
            ("process_command_args", "[\"--x\",\"a \\\"b\\\"\"]"),
        ]),
        1.0,
    );
    recorder.expected.insert(series, one);
    counters(&mut recorder);
    numbers(&mut recorder);
    attributes(&mut recorder);
    histograms(&mut recorder);
    summaries(&mut recorder);
    scopes(&mut recorder, &provider);
    let foreign = registry(&mut recorder);
    Hostile { metrics: reader.snapshot(), foreign, expected: recorder.expected }
}

fn counters(to: &mut Recorder) {
    let values = to.meter.u64_counter("phoenix.label.values").with_unit("{value}").with_description(HELP).build();
    for (count, value) in (1u32..).zip(VALUES) {
        values.add(u64::from(count), &[KeyValue::new("value", *value)]);
        to.expect("phoenix_label_values_total", &[("value", value)], f64::from(count));
    }
    to.meter.f64_counter("phoenix.llm.cost.dollars").with_unit("{USD}").build().add(0.1 + 0.2, &[]);
    to.expect("phoenix_llm_cost_dollars_total", &[], 0.1 + 0.2);
    to.meter.u64_counter("phoenix.bytes").with_unit("By").build().add(u64::MAX, &[KeyValue::new("service", "kb")]);
    to.expect("phoenix_bytes_total", &[("service", "kb")], 18_446_744_073_709_551_615.0);
}

fn numbers(to: &mut Recorder) {
    let gauge = to.meter.f64_gauge("phoenix.number").build();
    for (name, value) in [
        ("zero", 0.0),
        ("negative zero", -0.0),
        ("huge", f64::MAX),
        ("tiny", 5e-324),
        ("negative", -1.5e-7),
        ("integer", 1e15),
        ("beyond integers", 9_007_199_254_740_993.0),
    ] {
        gauge.record(value, &[KeyValue::new("name", name)]);
        to.expect("phoenix_number", &[("name", name)], value);
    }
    to.meter.i64_up_down_counter("phoenix.balance").with_unit("1").build().add(i64::MIN, &[]);
    to.expect("phoenix_balance", &[], -9_223_372_036_854_775_808.0);
    to.meter.f64_gauge("phoenix.cache.hit").with_unit("1").build().record(0.5, &[]);
    to.expect("phoenix_cache_hit_ratio", &[], 0.5);
}

fn attributes(to: &mut Recorder) {
    let counter = to.meter.u64_counter("phoenix.attributes").build();
    let strings: Vec<StringValue> = vec!["a\n".into(), "\"b\"".into()];
    counter.add(
        1,
        &[
            KeyValue::new("bool", true),
            KeyValue::new("int", -1),
            KeyValue::new("float", 1.5),
            KeyValue::new("strings", Value::Array(Array::String(strings))),
            KeyValue::new("ints", Value::Array(Array::I64(vec![1, 2]))),
            KeyValue::new("http.request.method", "GET"),
            KeyValue::new("2xx", "digit"),
            KeyValue::new("_private", "underscore"),
            KeyValue::new("__name__", "reserved"),
            KeyValue::new("le", "no histogram"),
            KeyValue::new("same.key", "first"),
            KeyValue::new("same_key", "second"),
        ],
    );
    to.expect(
        "phoenix_attributes_total",
        &[
            ("bool", "true"),
            ("int", "-1"),
            ("float", "1.5"),
            ("strings", "[\"a\\n\",\"\\\"b\\\"\"]"),
            ("ints", "[1,2]"),
            ("http_request_method", "GET"),
            ("key_2xx", "digit"),
            ("key_private", "underscore"),
            ("key__name__", "reserved"),
            ("le", "no histogram"),
            ("same_key", "first;second"),
        ],
        1.0,
    );
}

fn histograms(to: &mut Recorder) {
    let bounds = vec![0.005, 0.3, 1.0, 10_000_000.0];
    let duration = to
        .meter
        .f64_histogram("phoenix.request.duration")
        .with_unit("s")
        .with_description("Time.")
        .with_boundaries(bounds.clone())
        .build();
    for value in [0.0, 0.005, 0.25, 0.5, 2.0] {
        duration.record(value, &[KeyValue::new("method", "get"), KeyValue::new("le", "mine")]);
    }
    to.expect_histogram(
        "phoenix_request_duration_seconds",
        &[("method", "get"), ("le", "mine")],
        &bounds,
        &[2, 1, 1, 1, 0],
        2.755,
    );

    let negative =
        to.meter.f64_histogram("phoenix.temperature").with_unit("Cel").with_boundaries(vec![-10.0, 0.0]).build();
    negative.record(-20.0, &[]);
    to.expect_histogram("phoenix_temperature_celsius", &[], &[-10.0, 0.0], &[1, 0, 0], -20.0);

    let exponential = to.meter.f64_histogram("phoenix.exponential").with_unit("s").build();
    for value in [0.0, 1.5, 3.0] {
        exponential.record(value, &[]);
    }
    let root = std::f64::consts::SQRT_2;
    to.expect_histogram(
        "phoenix_exponential_seconds",
        &[],
        &[0.0, root, 2.0, 2.0 * root, 4.0],
        &[1, 0, 1, 0, 1, 0],
        4.5,
    );

    let zero = ZEROS[0];
    to.expect_histogram("phoenix_plan_steps", &[], zero.bounds, &[0; 4], 0.0);
}

/// A summary as the SDK has it: a gauge and two sums.
fn summaries(to: &mut Recorder) {
    let quantiles = to.meter.f64_gauge("phoenix.latency").with_unit("s").with_description(HELP).build();
    let sum = to.meter.f64_up_down_counter("phoenix.latency.seconds.sum").with_description(HELP).build();
    let count = to.meter.i64_up_down_counter("phoenix.latency.seconds.count").with_description(HELP).build();
    for (at, value) in (1u32..).zip(VALUES) {
        let attribute = KeyValue::new("value", *value);
        // The last ones have no quantile.
        if at < 12 {
            for (quantile, latency) in [("0.99", 2.5), ("0.5", 1e-9), ("0.95", 2.5), ("0.9", 0.1 + 0.2)] {
                quantiles.record(latency, &[attribute.clone(), KeyValue::new("quantile", quantile)]);
                to.expect("phoenix_latency_seconds", &[("value", value), ("quantile", quantile)], latency);
            }
        }
        sum.add(f64::from(at) * 0.1, std::slice::from_ref(&attribute));
        count.add(i64::from(at), &[attribute]);
        to.expect("phoenix_latency_seconds_sum", &[("value", value)], f64::from(at) * 0.1);
        to.expect("phoenix_latency_seconds_count", &[("value", value)], f64::from(at));
    }
    // OpenMetrics does not allow negative values in a summary.
    to.meter.f64_gauge("phoenix.drift").build().record(-1.5, &[KeyValue::new("quantile", "0.5")]);
    to.meter.f64_up_down_counter("phoenix.drift.sum").build().add(-3.0, &[]);
    to.meter.i64_up_down_counter("phoenix.drift.count").build().add(2, &[]);
    to.expect("phoenix_drift", &[("quantile", "0.5")], -1.5);
    to.expect("phoenix_drift_sum", &[], -3.0);
    to.expect("phoenix_drift_count", &[], 2.0);
}

fn scopes(to: &mut Recorder, provider: &SdkMeterProvider) {
    for (name, value) in [("a", 1), ("b", 2)] {
        let scope = InstrumentationScope::builder(name).with_version("0.1").build();
        provider.meter_with_scope(scope).u64_counter("phoenix.shared").build().add(value, &[]);
    }
    to.expect("phoenix_shared_total", &[], 1.0);
    to.expect("phoenix_shared_total", &[("otel_scope_name", "b"), ("otel_scope_version", "0.1")], 2.0);
}

fn registry(to: &mut Recorder) -> Vec<prometheus::proto::MetricFamily> {
    let registry = prometheus::Registry::new();
    let jobs = prometheus::CounterVec::new(prometheus::Opts::new("legacy_jobs", HELP), &["value"]).expect("valid");
    let done = prometheus::IntCounter::new("legacy_done_total", "Done.").expect("valid");
    // The SDK drops values that are not finite, so these come from here.
    let gauge =
        prometheus::GaugeVec::new(prometheus::Opts::new("legacy_numbers", "Not finite."), &["name"]).expect("valid");
    let sizes = prometheus::Histogram::with_opts(
        prometheus::HistogramOpts::new("legacy_sizes", "Sizes.").buckets(vec![1.0, 2.0]),
    )
    .expect("valid");
    for value in VALUES {
        jobs.with_label_values(&[*value]).inc_by(0.5);
        to.expect("legacy_jobs", &[("value", value)], 0.5);
    }
    done.inc();
    to.expect("legacy_done_total", &[], 1.0);
    for (name, value) in [("nan", f64::NAN), ("infinite", f64::INFINITY), ("negative infinite", f64::NEG_INFINITY)] {
        gauge.with_label_values(&[name]).set(value);
        to.expect("legacy_numbers", &[("name", name)], value);
    }
    sizes.observe(1.5);
    to.expect_histogram("legacy_sizes", &[], &[1.0, 2.0], &[0, 1, 0], 1.5);
    for collector in
        [Box::new(jobs) as Box<dyn prometheus::core::Collector>, Box::new(done), Box::new(gauge), Box::new(sizes)]
    {
        registry.register(collector).expect("the names differ");
    }
    registry.gather()
}
