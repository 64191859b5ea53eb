//! The cases of the supported variables.

pub(super) const OTLP: &[(&str, &str)] = &[("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_TRACES_EXPORTER", "otlp")];
const CONSOLE: &[(&str, &str)] = &[("OTEL_METRICS_EXPORTER", "console"), ("OTEL_TRACES_EXPORTER", "console")];
const NONE: &[(&str, &str)] = &[];

/// A variable with a valid value, an invalid value, and what is used instead. The last two are empty if all texts are valid.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) beside: &'static [(&'static str, &'static str)],
    pub(super) right: &'static str,
    pub(super) wrong: &'static str,
    pub(super) instead: &'static str,
    /// The expected suggestion.
    pub(super) nearest: &'static str,
    /// The key of the effective configuration that shows the valid value, without the numbers of list items, and the value shown there.
    pub(super) shown: (&'static str, &'static str),
    /// Whether the origin of the shown value is this variable. It is not if the variable decides only which key is shown.
    pub(super) is_origin: bool,
    /// A variable that the valid value needs.
    pub(super) needs: Option<(&'static str, &'static str)>,
}

const fn case(
    name: &'static str,
    beside: &'static [(&'static str, &'static str)],
    right: &'static str,
    [wrong, instead, nearest]: [&'static str; 3],
) -> Case {
    Case { name, beside, right, wrong, instead, nearest, shown: ("", ""), is_origin: true, needs: None }
}

impl Case {
    /// With the valid value, the effective configuration has this value at this key, and the variable is its origin.
    const fn shows(self, key: &'static str, value: &'static str) -> Self {
        Self { shown: (key, value), ..self }
    }

    /// The same, but the value has another origin.
    const fn leads_to(self, key: &'static str, value: &'static str) -> Self {
        Self { shown: (key, value), is_origin: false, ..self }
    }

    const fn needs(self, name: &'static str, value: &'static str) -> Self {
        Self { needs: Some((name, value)), ..self }
    }
}

/// What is used instead if an exporter cannot export: there is no fallback to another receiver.
pub(super) const UNEXPORTED: &str = "nothing; exporter `otlp` fails every export";

pub(super) fn cases() -> Vec<Case> {
    const GRPC: &[(&str, &str)] = &[
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"),
    ];
    let mut cases = vec![
        case("OTEL_SDK_DISABLED", NONE, "true", ["yes", "false", "true"]).shows("disabled", "true"),
        case("PHOENIX_OTEL_STRICT", NONE, "true", ["1", "false", "true"])
            .shows("distribution.phoenix_otel.strict", "true"),
        case("OTEL_LOG_LEVEL", NONE, "debug", ["verbose", "info", ""]).shows("log_level", "debug"),
        case("PHOENIX_OTEL_NAMESPACE", NONE, "acme", ["Acme", "phoenix", ""])
            .shows("distribution.phoenix_otel.namespace", "acme"),
        case("OTEL_SERVICE_NAME", NONE, "other", ["", "", ""]).shows("resource.attributes[].value", "other"),
        case("OTEL_RESOURCE_ATTRIBUTES", NONE, "team=a", ["team=a,zone", "no attributes from this variable", ""])
            .shows("resource.attributes[].value", "a"),
        case("PHOENIX_OTEL_RESOURCE_DETECTORS", NONE, "os", ["hosts", "host,k8s", "host"])
            .shows("resource.detection/development.detectors[].os", ""),
        case("PHOENIX_OTEL_RESOURCE_DETECTORS", NONE, "none", ["k8s,hosts", "k8s", "host"]),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["logging", "prometheus", "console"])
            .leads_to("meter_provider.readers[].periodic.exporter.console", ""),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["logging,carrier-pigeon", "prometheus", "console"]),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["none,console", "console", ""]),
        case("OTEL_METRICS_EXEMPLAR_FILTER", NONE, "always_on", ["alwayson", "trace_based", "always_on"])
            .shows("meter_provider.exemplar_filter", "always_on"),
        case("OTEL_METRIC_EXPORT_INTERVAL", CONSOLE, "1000", ["10s", "60000", ""])
            .shows("meter_provider.readers[].periodic.interval", "1000"),
        case("OTEL_METRIC_EXPORT_TIMEOUT", CONSOLE, "1000", ["-1", "30000", ""])
            .shows("meter_provider.readers[].periodic.timeout", "1000"),
        case("OTEL_EXPORTER_PROMETHEUS_HOST", NONE, "0.0.0.0", ["http://0.0.0.0", "localhost", ""])
            .shows("meter_provider.readers[].pull.exporter.prometheus/development.host", "\"0.0.0.0\""),
        case("OTEL_EXPORTER_PROMETHEUS_PORT", NONE, "8080", ["80800", "9464", ""])
            .shows("meter_provider.readers[].pull.exporter.prometheus/development.port", "8080"),
        case("OTEL_EXPORTER_OTLP_PROTOCOL", OTLP, "grpc", ["http/json", "http/protobuf", "http/protobuf"])
            .leads_to("meter_provider.readers[].periodic.exporter.otlp_grpc.endpoint", "\"http://localhost:4317\""),
        case("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", OTLP, "grpc", ["gprc", "http/protobuf", "grpc"])
            .leads_to("meter_provider.readers[].periodic.exporter.otlp_grpc.endpoint", "\"http://localhost:4317\""),
        case("OTEL_EXPORTER_OTLP_ENDPOINT", OTLP, "http://c:1", ["c:1", UNEXPORTED, ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.endpoint", "\"http://c:1/v1/metrics\""),
        case("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", OTLP, "http://c:1", ["ftp://c", UNEXPORTED, ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.endpoint", "\"http://c:1/\""),
        case("OTEL_EXPORTER_OTLP_HEADERS", OTLP, "a=1", ["a=1,b", "the other headers", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.headers[].name", "a"),
        case("OTEL_EXPORTER_OTLP_METRICS_HEADERS", OTLP, "a=1", ["b", "the other headers", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.headers[].name", "a"),
        case("OTEL_EXPORTER_OTLP_TIMEOUT", OTLP, "1000", ["soon", "10000", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.timeout", "1000"),
        case("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", OTLP, "1000", ["soon", "10000", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.timeout", "1000"),
        case("OTEL_EXPORTER_OTLP_TIMEOUT", NONE, "", ["soon", "nothing; no selected exporter reads this variable", ""]),
        case("OTEL_EXPORTER_OTLP_COMPRESSION", OTLP, "gzip", ["gz", "none", "gzip"])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.compression", "gzip"),
        case("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", OTLP, "gzip", ["zstd", "none", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.compression", "gzip"),
        case("OTEL_EXPORTER_OTLP_INSECURE", GRPC, "true", ["yes", "false", "true"])
            .leads_to("meter_provider.readers[].periodic.exporter.otlp_grpc.endpoint", "\"http://c:1\""),
        case("OTEL_EXPORTER_OTLP_METRICS_INSECURE", GRPC, "true", ["on", "false", "true"])
            .leads_to("meter_provider.readers[].periodic.exporter.otlp_grpc.endpoint", "\"http://c:1\""),
        case("OTEL_EXPORTER_OTLP_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.ca_file", "/ca.pem"),
        case("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.ca_file", "/ca.pem"),
        case("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", OTLP, "/c.pem", ["/c.pem", "no client certificate", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.cert_file", "/c.pem")
            .needs("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/k.pem"),
        case("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", OTLP, "/c.pem", ["/c.pem", "no client certificate", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.cert_file", "/c.pem")
            .needs("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "/k.pem"),
        case("OTEL_EXPORTER_OTLP_CLIENT_KEY", OTLP, "/k.pem", ["/k.pem", "no client certificate", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.key_file", "/k.pem")
            .needs("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/c.pem"),
        case("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", OTLP, "/k.pem", ["/k.pem", "no client certificate", ""])
            .shows("meter_provider.readers[].periodic.exporter.otlp_http.tls.key_file", "/k.pem")
            .needs("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "/c.pem"),
        case(
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            OTLP,
            "delta",
            ["low_memory", "cumulative", "lowmemory"],
        )
        .shows("meter_provider.readers[].periodic.exporter.otlp_http.temporality_preference", "delta"),
        case(
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            OTLP,
            "base2_exponential_bucket_histogram",
            ["exponential", "explicit_bucket_histogram", "base2_exponential_bucket_histogram"],
        )
        .shows(
            "meter_provider.readers[].periodic.exporter.otlp_http.default_histogram_aggregation",
            "base2_exponential_bucket_histogram",
        ),
    ];
    #[cfg(feature = "page")]
    cases.extend([
        case("PHOENIX_OTEL_PAGE", NONE, "true", ["yes", "authenticated", "true"])
            .shows("distribution.phoenix_otel.page.served", "everywhere"),
        case("PHOENIX_OTEL_PAGE_HISTORY", NONE, "false", ["2h", "true", ""])
            .shows("distribution.phoenix_otel.page.history", "false"),
        case("PHOENIX_OTEL_PAGE_HOSTS", NONE, "shop.internal", ["http://shop.internal", "none", ""])
            .shows("distribution.phoenix_otel.page.hosts", "[shop.internal]"),
        case("PHOENIX_OTEL_PAGE_HOSTS", NONE, "shop.internal", ["http://shop,shop", "shop", ""]),
        case("PHOENIX_OTEL_PAGE_ORIGINS", NONE, "http://localhost:1", ["localhost:1", "none", ""])
            .shows("distribution.phoenix_otel.page.origins", "[\"http://localhost:1\"]"),
        case(
            "PHOENIX_OTEL_PAGE_TRACE_LINK",
            NONE,
            "http://jaeger/{trace_id}",
            ["javascript:{trace_id}", "no link", ""],
        )
        .shows("distribution.phoenix_otel.page.trace_link", "\"http://jaeger/{trace_id}\""),
    ]);
    #[cfg(feature = "web-config")]
    cases.extend([
        case("PHOENIX_OTEL_WEB_CONFIG_FILE", NONE, "/web.yml", ["", "", ""]),
        case("PHOENIX_OTEL_OPEN_HEALTH", NONE, "true", ["yes", "false", "true"])
            .shows("distribution.phoenix_otel.open_health", "true"),
    ]);
    #[cfg(feature = "process")]
    cases.push(
        case("PHOENIX_OTEL_PROCESS_METRICS", NONE, "false", ["on", "true", "true"])
            .shows("distribution.phoenix_otel.process_metrics", "false"),
    );
    cases.extend(traces());
    cases
}

fn traces() -> Vec<Case> {
    const PUSHED: &[(&str, &str)] = &[("OTEL_METRICS_EXPORTER", "otlp")];
    const RATIO: &[(&str, &str)] = &[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_EXPORTER", "console")];
    const GRPC: &[(&str, &str)] = &[
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"),
    ];
    vec![
        case("OTEL_TRACES_EXPORTER", NONE, "console", ["zipkin", "none", ""])
            .leads_to("tracer_provider.processors[].batch.exporter.console", ""),
        case("OTEL_TRACES_EXPORTER", PUSHED, "console", ["logging", "otlp", "console"]),
        case("OTEL_TRACES_SAMPLER", CONSOLE, "always_on", ["jaeger_remote", "parentbased_always_on", ""])
            .shows("tracer_provider.sampler.always_on", ""),
        case("OTEL_TRACES_SAMPLER_ARG", RATIO, "0.5", ["1.5", "1", ""])
            .shows("tracer_provider.sampler.trace_id_ratio_based.ratio", "0.5"),
        case("OTEL_BSP_SCHEDULE_DELAY", CONSOLE, "1", ["soon", "5000", ""])
            .shows("tracer_provider.processors[].batch.schedule_delay", "1"),
        case("OTEL_BSP_EXPORT_TIMEOUT", CONSOLE, "1", ["-1", "30000", ""])
            .shows("tracer_provider.processors[].batch.export_timeout", "1"),
        case("OTEL_BSP_MAX_QUEUE_SIZE", CONSOLE, "1000", ["many", "2048", ""])
            .shows("tracer_provider.processors[].batch.max_queue_size", "1000"),
        case("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", CONSOLE, "100", ["0", "512", ""])
            .shows("tracer_provider.processors[].batch.max_export_batch_size", "100"),
        case("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", CONSOLE, "7", ["many", "128", ""])
            .shows("tracer_provider.limits.attribute_count_limit", "7"),
        case("OTEL_ATTRIBUTE_COUNT_LIMIT", CONSOLE, "7", ["-1", "128", ""])
            .shows("tracer_provider.limits.attribute_count_limit", "7"),
        case("OTEL_SPAN_EVENT_COUNT_LIMIT", CONSOLE, "0", ["1.5", "128", ""])
            .shows("tracer_provider.limits.event_count_limit", "0"),
        case("OTEL_SPAN_LINK_COUNT_LIMIT", CONSOLE, "7", ["4294967296", "128", ""])
            .shows("tracer_provider.limits.link_count_limit", "7"),
        case("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", CONSOLE, "7", ["none", "128", ""])
            .shows("tracer_provider.limits.event_attribute_count_limit", "7"),
        case("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", CONSOLE, "7", ["7k", "128", ""])
            .shows("tracer_provider.limits.link_attribute_count_limit", "7"),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["tracecontext,b3", "tracecontext", ""])
            .shows("propagator.composite[].baggage", ""),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["b3", "tracecontext,baggage", ""]),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["none,bagage", "tracecontext,baggage", "baggage"]),
        case("RUST_LOG", NONE, "warn", ["=a=b", "info", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", OTLP, "grpc", ["http", "http/protobuf", "http/protobuf"])
            .leads_to("tracer_provider.processors[].batch.exporter.otlp_grpc.endpoint", "\"http://localhost:4317\""),
        case("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", OTLP, "http://c:1", ["c:1", UNEXPORTED, ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.endpoint", "\"http://c:1/\""),
        case("OTEL_EXPORTER_OTLP_TRACES_HEADERS", OTLP, "a=1", ["=1", "the other headers", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.headers[].name", "a"),
        case("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", OTLP, "1000", ["soon", "10000", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.timeout", "1000"),
        case("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", OTLP, "gzip", ["zstd", "none", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.compression", "gzip"),
        case("OTEL_EXPORTER_OTLP_TRACES_INSECURE", GRPC, "true", ["1", "false", "true"])
            .leads_to("tracer_provider.processors[].batch.exporter.otlp_grpc.endpoint", "\"http://c:1\""),
        case("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.tls.ca_file", "/ca.pem"),
        case("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", OTLP, "/c.pem", ["/c.pem", "no client certificate", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.tls.cert_file", "/c.pem")
            .needs("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/k.pem"),
        case("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", OTLP, "/k.pem", ["/k.pem", "no client certificate", ""])
            .shows("tracer_provider.processors[].batch.exporter.otlp_http.tls.key_file", "/k.pem")
            .needs("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/c.pem"),
    ]
}
