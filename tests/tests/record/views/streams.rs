//! Effects of views on zeros, caps, self-monitoring metrics, summaries and additional streams.

use phoenix_otel::{InstrumentKind, Prometheus, View, metrics};
use phoenix_otel_tests::Samples;

use super::metrics::{Channel, LOOKUP, OPEN, ORDERS, POOL, SIZE, STOCK, record};
use super::points::pushed;
use super::telemetry::{Ours, builder};

metrics! {
    /// Parcels packed.
    static PACKED: Counter { channel: Channel } = "views.shop.packed" { unit: "{parcel}" };
    /// Weight of parcels.
    static WEIGHT: Histogram = "views.shop.weight" { unit: "g", bounds: [1.0, 2.0] };
}

fn start(views: impl IntoIterator<Item = View>) -> phoenix_otel::Telemetry {
    builder(views).init().expect("valid views")
}

fn tenants(n: u32) -> impl Iterator<Item = String> {
    (0..n).map(|n| format!("tenant {n}"))
}

#[test]
fn zeros_exist_under_the_new_name_and_with_dropped_attributes() {
    phoenix_otel_tests::isolated!();
    let telemetry = start([
        View::select("views.shop.packed").rename("views.shop.parcels"),
        View::select("views.shop.weight").rename("views.shop.mass").bounds([5.0]).description("Mass."),
        View::select("views.compared.orders").drop_attributes(["tenant"]),
        View::select("views.compared.size").keep_attributes([""; 0]),
    ]);
    let samples = Samples::of(&telemetry);
    for channel in ["web", "pos"] {
        assert_eq!(samples.get("views_shop_parcels_total", &[("channel", channel)]), Some(0.0));
        // All values of the remaining labels are known.
        assert_eq!(samples.get("views_compared_orders_total", &[("channel", channel)]), Some(0.0));
    }
    assert_eq!(samples.get("views_shop_mass_grams_bucket", &[("le", "5")]), Some(0.0));
    assert_eq!(samples.all("views_shop_mass_grams_bucket", &[]).count(), 2);
    assert_eq!(samples.get("views_compared_size_bytes_count", &[]), Some(0.0));
    assert_eq!(samples.iter().filter(|sample| sample.name.starts_with("views_shop_packed")).count(), 0);
    assert!(telemetry.exposition().unwrap().contains("# HELP views_shop_mass_grams Mass."));
    // A metric with only known label values can no longer overflow.
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "views_compared_orders_total")]), None);
}

#[test]
fn the_cap_of_a_view_counts_series_after_dropping_attributes() {
    phoenix_otel_tests::isolated!();
    let telemetry = start([
        View::select("views.compared.orders").cap(5).rename("views.compared.placed"),
        View::select("views.compared.open").drop_attributes(["tenant"]).cap(5),
        View::select("views.compared.pool").drop_attributes(["channel"]).cap(5),
    ]);
    let _pool = POOL.observe(|pool| {
        for tenant in tenants(9) {
            for channel in [Channel::Web, Channel::Pos] {
                pool.observe(1, POOL { channel, tenant: &tenant });
            }
        }
    });
    // Far more than a handle's table holds.
    for tenant in tenants(10_000) {
        ORDERS.add(1, ORDERS { channel: Channel::Web, tenant: &tenant });
        OPEN.add(1, OPEN { channel: Channel::Pos, tenant: &tenant });
    }
    let samples = Samples::of(&telemetry);
    let overflowed = |metric| samples.get("phoenix_otel_overflow_total", &[("metric", metric)]);
    assert_eq!(samples.all("views_compared_placed_total", &[]).count(), 6);
    assert_eq!(samples.get("views_compared_placed_total", &[("otel_metric_overflow", "true")]), Some(9_995.0));
    assert_eq!(overflowed("views_compared_placed_total"), Some(9_995.0));
    assert_eq!(overflowed("views_compared_orders_total"), None);
    assert_eq!(samples.get("views_compared_open", &[("channel", "pos")]), Some(10_000.0), "all tenants are one series");
    assert_eq!(samples.all("views_compared_open", &[]).count(), 2);
    assert_eq!(samples.get("views_compared_pool", &[("tenant", "tenant 0")]), Some(2.0));
    assert_eq!(samples.get("views_compared_pool", &[("otel_metric_overflow", "true")]), Some(8.0));
    // Observed series are counted in the collection after the observation.
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "views_compared_pool")]), Some(8.0));
    assert_eq!(samples.get("phoenix_otel_series", &[("metric", "views_compared_placed_total")]), Some(5.0));
    assert_eq!(samples.get("phoenix_otel_series", &[("metric", "views_compared_pool")]), Some(5.0));
}

#[test]
fn an_additional_stream_is_independent_of_an_overflow() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([
        View::select("views.compared.*").cap(4),
        View::select("views.compared.orders").rename("views.compared.orders.by_channel").keep_attributes(["channel"]),
        View::select("views.compared.orders")
            .rename("views.compared.orders.by_tenant")
            .keep_attributes(["tenant"])
            .cap(50),
        View::select("views.compared.open").rename("views.compared.open.all").keep_attributes([""; 0]),
        View::select("views.compared.size").rename("views.compared.size.exponential").exponential(160, 20),
        View::select("views.compared.pool").rename("views.compared.pool.all").keep_attributes([""; 0]),
        View::select("views.compared.lookup").rename("views.compared.lookup.all").keep_attributes([""; 0]),
    ]);
    let _observed = record();
    let raised: Vec<_> =
        tenants(20).map(|tenant| OPEN.increment_guard(OPEN { channel: Channel::Web, tenant: &tenant })).collect();
    for tenant in tenants(20) {
        ORDERS.add(1, ORDERS { channel: Channel::Pos, tenant: &tenant });
    }
    let samples = Samples::parse(&ours.exposition());
    assert_eq!(samples.all("views_compared_orders_total", &[]).count(), 5);
    assert_eq!(samples.sum("views_compared_orders_total", &[]), 41.0);
    assert_eq!(samples.get("views_compared_orders_by_channel_total", &[("channel", "web")]), Some(14.0));
    assert_eq!(samples.get("views_compared_orders_by_channel_total", &[("channel", "pos")]), Some(27.0));
    assert_eq!(samples.get("views_compared_orders_by_tenant_total", &[("tenant", "a")]), Some(5.0));
    assert_eq!(samples.get("views_compared_orders_by_tenant_total", &[("tenant", "tenant 19")]), Some(1.0));
    assert_eq!(samples.sum("views_compared_open", &[]), 23.0);
    assert_eq!(samples.get("views_compared_open_all", &[]), Some(23.0));
    assert_eq!(samples.sum("views_compared_pool", &[]), -3.0);
    assert_eq!(samples.get("views_compared_pool_all", &[]), Some(-3.0));
    assert_eq!(samples.get("views_compared_lookup_all_seconds_count", &[]), Some(6.0));
    assert_eq!(samples.sum("views_compared_lookup_seconds_count", &[]), 6.0);
    assert_eq!(samples.sum("views_compared_size_exponential_bytes_count", &[]), 6.0);
    let overflow = |metric| samples.get("phoenix_otel_overflow_total", &[("metric", metric)]);
    assert_eq!(
        (overflow("views_compared_orders_total"), overflow("views_compared_orders_by_tenant_total")),
        (Some(21.0), Some(0.0))
    );
    drop(raised);
    let samples = Samples::parse(&ours.exposition());
    assert_eq!(
        (samples.sum("views_compared_open", &[]), samples.get("views_compared_open_all", &[])),
        (3.0, Some(3.0))
    );
    let metrics = pushed(&ours.pushed(), "views.compared.size");
    assert_eq!(metrics.keys().collect::<Vec<_>>(), ["views.compared.size", "views.compared.size.exponential"]);
}

#[test]
fn a_view_applies_to_a_whole_summary() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([View::select("views.compared.lookup")
        .kind(InstrumentKind::Summary)
        .rename("views.compared.search")
        .description("Time to search.")
        .keep_attributes(["channel"])
        .cap(1)]);
    LOOKUP.record(1.0, LOOKUP { channel: Channel::Web, tenant: "a" });
    LOOKUP.record(3.0, LOOKUP { channel: Channel::Web, tenant: "b" });
    LOOKUP.record(5.0, LOOKUP { channel: Channel::Pos, tenant: "b" });
    let exposition = ours.exposition();
    let samples = Samples::parse(&exposition);
    assert!(exposition.contains(
        "# HELP views_compared_search_seconds Time to search.\n# TYPE views_compared_search_seconds summary\n"
    ));
    assert_eq!(samples.get("views_compared_search_seconds_sum", &[("channel", "web")]), Some(4.0));
    assert_eq!(samples.get("views_compared_search_seconds_count", &[("otel_metric_overflow", "true")]), Some(1.0));
    assert_eq!(samples.all("views_compared_search_seconds", &[("channel", "web")]).count(), 4);
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "views_compared_search_seconds")]), Some(1.0));
    assert!(!exposition.contains("views_compared_lookup"));
    let metrics = pushed(&ours.pushed(), "views.compared.search");
    let names: Vec<_> = metrics.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["views.compared.search", "views.compared.search.seconds.count", "views.compared.search.seconds.sum"]
    );
}

#[test]
fn a_later_view_keeps_a_dropped_metric() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([
        View::select("*").drop_metric(),
        View::select("views.compared.st?ck"),
        View::select("views.compared.size").rename("views.compared.size.only"),
        View::select("views.marker.*"),
    ]);
    let _observed = record();
    STOCK.set(7.0, STOCK { channel: Channel::Web, tenant: "a" });
    let request = ours.pushed();
    let metrics = pushed(&request, "");
    assert_eq!(
        metrics.keys().collect::<Vec<_>>(),
        ["views.compared.size.only", "views.compared.stock", "views.marker.last"]
    );
    let exposition = ours.exposition();
    let samples = Samples::parse(&exposition);
    assert_eq!(samples.get("views_compared_stock_bytes", &[("channel", "web"), ("tenant", "a")]), Some(7.0));
    let mut names: Vec<_> = samples.iter().map(|sample| sample.name.as_str()).collect();
    names.dedup();
    let only =
        ["views_compared_size_only_bytes", "views_compared_stock_bytes", "views_marker_last_total", "target_info"];
    assert!(names.iter().all(|name| only.iter().any(|only| name.starts_with(only))), "{names:?}");
}

#[test]
fn equal_metrics_may_share_a_name() {
    metrics! {
        /// Things done.
        static DONE: Counter { channel: Channel } = "views.shop.done" { unit: "{thing}" };
        /// Things done.
        static FINISHED: Counter { channel: Channel } = "views.shop.finished" { unit: "{thing}" };
    }
    phoenix_otel_tests::isolated!();
    let telemetry = start([View::select("views.shop.finished").rename("views.shop.done")]);
    DONE.add(1, DONE { channel: Channel::Web });
    FINISHED.add(2, FINISHED { channel: Channel::Web });
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("views_shop_done_total", &[("channel", "web")]), Some(3.0));
    assert_eq!(samples.get("phoenix_otel_series", &[("metric", "views_shop_done_total")]), Some(2.0));
}

#[test]
fn a_view_of_the_sdk_comes_after_ours() {
    use opentelemetry_sdk::metrics::{Aggregation, Stream};

    phoenix_otel_tests::isolated!();
    let builder = builder([View::select("views.compared.orders").rename("views.compared.placed")]);
    let telemetry = builder
        .sdk_view(|instrument| {
            // It gets the name that our views set. It cannot drop the stream, and can add another one.
            let stream = Stream::builder();
            match instrument.name() {
                "views.compared.placed" => {
                    stream.with_name("views.compared.beside").with_allowed_attribute_keys([]).build().ok()
                }
                "views.shop.packed" | "library.dropped" => stream.with_aggregation(Aggregation::Drop).build().ok(),
                "before_collection" => stream.with_aggregation(Aggregation::Drop).build().ok(),
                _ => None,
            }
        })
        .init()
        .expect("valid views");
    ORDERS.add(2, ORDERS { channel: Channel::Web, tenant: "a" });
    ORDERS.add(3, ORDERS { channel: Channel::Web, tenant: "b" });
    PACKED.add(1, PACKED { channel: Channel::Web });
    opentelemetry::global::meter("library").u64_counter("library.dropped").build().add(1, &[]);
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("views_compared_placed_total", &[("tenant", "b")]), Some(3.0));
    assert_eq!(samples.get("views_compared_beside_total", &[]), Some(5.0));
    assert_eq!(samples.get("views_shop_packed_total", &[("channel", "web")]), Some(1.0));
    assert_eq!(samples.all("library_dropped_total", &[]).count(), 0);
}

#[test]
fn a_view_of_the_sdk_that_panics_changes_nothing() {
    phoenix_otel_tests::isolated!();
    let telemetry = builder([]).sdk_view(|_| panic!("a bug of the service's")).init().expect("init does not panic");
    PACKED.add(1, PACKED { channel: Channel::Web });
    assert_eq!(Samples::of(&telemetry).get("views_shop_packed_total", &[("channel", "web")]), Some(1.0));
}

#[test]
fn exemplars_follow_the_bounds_of_the_view() {
    use phoenix_otel_tests::{http, protobuf};

    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("views")
        .environment([("OTEL_METRICS_EXEMPLAR_FILTER", "always_on")])
        .exporter(Prometheus::new().host("127.0.0.1").port(0))
        .view(
            View::select("views.compared.size")
                .rename("views.compared.sizes")
                .bounds([10.0, 20.0])
                .keep_attributes([""; 0]),
        )
        .view(View::select("views.shop.weight").exponential(160, 3))
        .init()
        .expect("valid views");
    for value in [5.0, 15.0, 25.0] {
        SIZE.record(value, SIZE { channel: Channel::Web, tenant: "a" });
        WEIGHT.record(value, ());
    }
    let address = phoenix_otel_tests::wait_until("the endpoint to listen", || {
        telemetry.scrape_address().ok_or("it does not yet")
    });
    let accept = ("accept", "application/openmetrics-text; version=1.0.0");
    let exposition =
        http::get(&format!("http://{address}/metrics"), &[accept]).and_then(http::Response::ok).expect("it is served");
    let exemplars = |metric: &str| -> Vec<String> {
        let buckets = exposition.lines().filter(|line| line.starts_with(metric));
        buckets.filter_map(|line| Some(line.split_once(" # ")?.1.split(' ').nth(1)?.to_owned())).collect()
    };
    assert_eq!(exemplars("views_compared_sizes_bytes_bucket"), ["5", "15", "25"], "{exposition}");
    assert!(exemplars("views_shop_weight_grams_bucket").contains(&"25".to_owned()), "{exposition}");
    // A native histogram has them in a list.
    let accept = [("accept", protobuf::ACCEPT)];
    let (_, body) = http::get_bytes(&format!("http://{address}/metrics"), &accept).expect("it is served");
    let families = protobuf::decode(&body);
    let weight = families.iter().find(|family| family.name() == "views_shop_weight_grams").expect("it is there");
    let histogram = weight.metric[0].histogram.as_ref().expect("a histogram");
    assert!(histogram.exemplars.iter().any(|exemplar| exemplar.value() == 25.0), "{histogram:?}");
    assert!(histogram.bucket.is_empty() && histogram.exemplars.iter().all(|exemplar| exemplar.timestamp.is_some()));
}
