//! The names of all known variables, to report misspelt names.
//!
//! A name `PHOENIX_OTEL_…` that is neither in the table nor read by an extension is always reported. A name `OTEL_…` can belong to another
//! program: agents of other languages share the environment, and Kubernetes adds variables for each service. It is reported only if it is
//! similar to a known name.

use super::nearest::misspelt;
use crate::sort;

/// Variables that this crate reads.
pub(super) const READ: &[&str] = &[
    // The service and its resource.
    "OTEL_CONFIG_FILE",
    "OTEL_LOG_LEVEL",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "PHOENIX_OTEL_STRICT",
    "PHOENIX_OTEL_NAMESPACE",
    "PHOENIX_OTEL_RESOURCE_DETECTORS",
    "PHOENIX_OTEL_PROCESS_METRICS",
    // The exporters of metrics.
    "OTEL_METRICS_EXPORTER",
    "OTEL_METRICS_EXEMPLAR_FILTER",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_METRIC_EXPORT_TIMEOUT",
    "OTEL_EXPORTER_PROMETHEUS_HOST",
    "OTEL_EXPORTER_PROMETHEUS_PORT",
    "PHOENIX_OTEL_WEB_CONFIG_FILE",
    "PHOENIX_OTEL_OPEN_HEALTH",
    // OTLP.
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
    // Traces.
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_PROPAGATORS",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_BSP_EXPORT_TIMEOUT",
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    // Limits of spans. The OpenTelemetry SDK reads them from the environment of the process.
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    // The live page.
    "PHOENIX_OTEL_PAGE",
    "PHOENIX_OTEL_PAGE_HISTORY",
    "PHOENIX_OTEL_PAGE_HOSTS",
    "PHOENIX_OTEL_PAGE_ORIGINS",
    "PHOENIX_OTEL_PAGE_TRACE_LINK",
];

/// Variables of the OpenTelemetry specification that this crate does not read. They are correct names, so they are not reported.
pub(super) const NOT_READ: &[&str] = &[
    // The former name of OTEL_CONFIG_FILE, entities, and the selection of semantic conventions.
    "OTEL_EXPERIMENTAL_CONFIG_FILE",
    "OTEL_ENTITIES",
    "OTEL_SEMCONV_STABILITY_OPT_IN",
    // Logs.
    "OTEL_LOGS_EXPORTER",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
    "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
    "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
    "OTEL_BLRP_SCHEDULE_DELAY",
    "OTEL_BLRP_EXPORT_TIMEOUT",
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    // Limits for which the SDK reads no variables.
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    // An exporter that does not exist here, and a setting of the SDK's batch processor, which is not used.
    "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
    "OTEL_EXPORTER_ZIPKIN_TIMEOUT",
    "OTEL_BSP_MAX_CONCURRENT_EXPORTS",
];

/// The prefix of names that only this crate uses.
const OURS: &str = "PHOENIX_";

/// An unknown name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown<'n> {
    pub(super) name: &'n str,
    /// The most similar known name. Always present for names without our prefix.
    pub(super) meant: Option<&'static str>,
}

/// The names that are probably misspelt. `others` are the names that extensions read.
pub(super) fn unknown<'n>(names: &'n [String], others: &[String]) -> Vec<Unknown<'n>> {
    let is_known = |name: &&String| {
        READ.contains(&&***name)
            || NOT_READ.contains(&&***name)
            || others.contains(name)
            || is_service_link(name, names)
    };
    let mut unknown: Vec<_> = names.iter().filter(|name| !is_known(name)).filter_map(|name| one(name)).collect();
    sort::by(&mut unknown, |a, b| a.name.cmp(b.name));
    unknown
}

/// Returns the name as unknown if it is probably misspelt.
fn one(name: &str) -> Option<Unknown<'_>> {
    let (is_ours, rest) = match name.strip_prefix(OURS) {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    if !rest.starts_with("OTEL_") {
        return None;
    }
    // A variable of the specification with our prefix.
    let without_prefix = READ.iter().copied().find(|known| is_ours && *known == rest);
    let meant = without_prefix.or_else(|| misspelt(name, READ.iter().copied()));
    (is_ours || meant.is_some()).then_some(Unknown { name, meant })
}

/// Whether Kubernetes sets the variable. For a service `otel-collector` it sets `OTEL_COLLECTOR_SERVICE_HOST`,
/// `OTEL_COLLECTOR_SERVICE_PORT_GRPC`, `OTEL_COLLECTOR_PORT_4317_TCP_ADDR` and others.
fn is_service_link(name: &str, names: &[String]) -> bool {
    let is_link = |rest: &str| {
        let rest = rest.strip_prefix("_SERVICE").unwrap_or(rest);
        rest == "_HOST" || rest == "_PORT" || rest.starts_with("_PORT_")
    };
    let mut services = names.iter().filter_map(|name| name.strip_suffix("_SERVICE_HOST"));
    services.any(|service| name.strip_prefix(service).is_some_and(is_link))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[String]) -> Vec<(&str, Option<&'static str>)> {
        unknown(names, &[]).into_iter().map(|unknown| (unknown.name, unknown.meant)).collect()
    }

    fn owned<const N: usize>(names: [&str; N]) -> Vec<String> {
        names.map(str::to_owned).to_vec()
    }

    #[test]
    fn the_table_has_each_name_once() {
        let mut names: Vec<_> = READ.iter().chain(NOT_READ).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| name.trim_start_matches(OURS).starts_with("OTEL_")));
        let names: Vec<String> = names.into_iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found(&names), []);
    }

    #[test]
    fn names_that_were_meant() {
        for (name, meant) in [
            ("OTEL_METRIC_EXPORTER", "OTEL_METRICS_EXPORTER"),
            ("OTEL_METRICS_EXPORTERS", "OTEL_METRICS_EXPORTER"),
            ("OTEL_EXPORTER", "OTEL_METRICS_EXPORTER"),
            ("OTEL_TRACE_EXPORTER", "OTEL_TRACES_EXPORTER"),
            ("OTEL_EXPORTER_OTLP_ENDPIONT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
            ("OTEL_EXPORTER_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
            ("OTEL_EXPORTER_OTLP_METRIC_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            ("OTEL_EXPORTER_OTLP_TRACE_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
            ("OTEL_EXPORTER_PROMETHEUS_PRT", "OTEL_EXPORTER_PROMETHEUS_PORT"),
            ("OTEL_PROMETHEUS_PORT", "OTEL_EXPORTER_PROMETHEUS_PORT"),
            ("OTEL_METRICS_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_INTERVAL"),
            ("OTEL_SERVICE", "OTEL_SERVICE_NAME"),
            ("OTEL_SERVICENAME", "OTEL_SERVICE_NAME"),
            ("OTEL_RESOURCE_ATTRIBUTE", "OTEL_RESOURCE_ATTRIBUTES"),
            ("OTEL_DISABLED", "OTEL_SDK_DISABLED"),
            ("OTEL_STRICT", "PHOENIX_OTEL_STRICT"),
            ("PHOENIX_OTEL_NAMESPCE", "PHOENIX_OTEL_NAMESPACE"),
            ("PHOENIX_OTEL_DETECTORS", "PHOENIX_OTEL_RESOURCE_DETECTORS"),
            ("PHOENIX_OTEL_SERVICE_NAME", "OTEL_SERVICE_NAME"),
        ] {
            assert_eq!(found(&owned([name])), [(name, Some(meant))]);
        }
        assert_eq!(found(&owned(["PHOENIX_OTEL_COLOUR"])), [("PHOENIX_OTEL_COLOUR", None)]);
    }

    /// Names of other programs, as their documentation has them.
    #[test]
    fn names_of_others() {
        let others = owned([
            "OTEL_JAVAAGENT_ENABLED",
            "OTEL_JAVAAGENT_CONFIGURATION_FILE",
            "OTEL_JAVAAGENT_LOGGING",
            "OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED",
            "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED",
            "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS",
            "OTEL_RESOURCE_DISABLED_KEYS",
            "OTEL_PYTHON_LOG_LEVEL",
            "OTEL_PYTHON_LOG_CORRELATION",
            "OTEL_PYTHON_EXCLUDED_URLS",
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
            "OTEL_PYTHON_TRACER_PROVIDER",
            "OTEL_PYTHON_METER_PROVIDER",
            "OTEL_PYTHON_ID_GENERATOR",
            "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS",
            "OTEL_DOTNET_AUTO_HOME",
            "OTEL_DOTNET_AUTO_TRACES_CONSOLE_EXPORTER_ENABLED",
            "OTEL_DOTNET_AUTO_METRICS_ENABLED",
            "OTEL_DOTNET_AUTO_RESOURCE_DETECTOR_ENABLED",
            "OTEL_NODE_RESOURCE_DETECTORS",
            "OTEL_NODE_ENABLED_INSTRUMENTATIONS",
            "OTEL_NODE_EXPERIMENTAL_DEFAULT_METRICS",
            "OTEL_PHP_AUTOLOAD_ENABLED",
            "OTEL_PHP_TRACES_PROCESSOR",
            "OTEL_PHP_LOG_DESTINATION",
            "OTEL_PHP_DETECTORS",
            "OTEL_GO_X_EXEMPLAR",
            "OTEL_GO_AUTO_TARGET_EXE",
            "OTEL_RUBY_RESOURCE_DETECTORS",
            "OTEL_EBPF_SERVICE_NAME",
            "OTEL_EXPORTER_JAEGER_ENDPOINT",
            "OTEL_EXPORTER_JAEGER_AGENT_PORT",
            "OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_SPAN_INSECURE",
            "OTEL_OPERATOR_NAMESPACE",
            "OTEL_AGENT_HOST",
            "OTEL_COLLECTOR_CONFIG",
            "OTEL",
            "PHOENIX_TOOLS",
            "PHOENIX_HOST",
            "PATH",
        ]);
        assert_eq!(found(&others), []);
    }

    #[test]
    fn links_of_kubernetes() {
        for service in ["OTEL_COLLECTOR", "OTEL", "PHOENIX_OTEL", "PHOENIX_OTEL_GATEWAY", "OTEL_METRICS"] {
            let mut names: Vec<String> = [
                "SERVICE_HOST",
                "SERVICE_PORT",
                "SERVICE_PORT_GRPC",
                "PORT",
                "PORT_4317_TCP",
                "PORT_4317_TCP_PROTO",
                "PORT_4317_TCP_PORT",
                "PORT_4317_TCP_ADDR",
            ]
            .iter()
            .map(|link| format!("{service}_{link}"))
            .collect();
            assert_eq!(found(&names), [], "{service}");
            names.push("OTEL_SERVICE_NAM".into());
            assert_eq!(found(&names), [("OTEL_SERVICE_NAM", Some("OTEL_SERVICE_NAME"))], "{service}");
        }
        // The same names without the service's host are no links.
        assert_eq!(found(&owned(["PHOENIX_OTEL_PORT"])), [("PHOENIX_OTEL_PORT", None)]);
    }

    #[test]
    fn what_an_extension_reads_is_known() {
        let names = owned(["PHOENIX_OTEL_ACME", "PHOENIX_OTEL_ACNE"]);
        let unknown = unknown(&names, &owned(["PHOENIX_OTEL_ACME"]));
        assert_eq!(unknown, [Unknown { name: "PHOENIX_OTEL_ACNE", meant: None }]);
    }
}
