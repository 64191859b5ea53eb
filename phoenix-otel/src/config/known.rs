//! Finds misspelt names of variables, with the table of all known ones.
//!
//! A name `PHOENIX_OTEL_…` that is neither in the table nor read by an extension is always reported. A name `OTEL_…` can belong to another
//! program: agents of other languages share the environment, and Kubernetes adds variables for each service. It is reported only if it is
//! similar to a known name.

use super::nearest::misspelt;
use super::table::{NOT_HONOURED, Row, TOPICS};
use crate::sort;

/// The names of the variables that this build reads.
pub(super) fn honoured() -> impl Iterator<Item = &'static str> {
    rows().flat_map(|row| row.names.iter().chain(if HAS_TRACES { row.of_traces } else { &[] }).copied())
}

/// The variables that a build does not read: the name, the reason, and whether it is an error in a strict service.
pub(super) fn not_honoured(has_traces: bool) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    // A service can also export its spans itself, so this is never an error.
    const NO_TRACES: &str = "traces need the feature `tracing` of phoenix-otel, which is not compiled in, unless the service exports its spans itself";
    let of_traces = rows().flat_map(move |row| if has_traces { &[] } else { row.of_traces });
    let of_traces = of_traces.map(|name| (*name, NO_TRACES, false));
    NOT_HONOURED.iter().flat_map(|one| one.names.iter().map(|name| (*name, one.why, one.is_refused))).chain(of_traces)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    TOPICS.iter().flat_map(|topic| topic.rows)
}

/// Whether this build has traces.
pub(super) const HAS_TRACES: bool = cfg!(feature = "tracing");

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
        honoured().any(|known| known == **name)
            || not_honoured(HAS_TRACES).any(|(known, ..)| known == **name)
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
    let without_prefix = honoured().find(|known| is_ours && *known == rest);
    let meant = without_prefix.or_else(|| misspelt(name, honoured()));
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
    fn a_very_long_name_is_truncated() {
        let names = ["PHOENIX_OTEL_X".repeat(10_000)];
        let found = unknown(&names, &[]);
        let problem = crate::config::Problem::unknown_name(found[0].name, found[0].meant);
        assert!(problem.name().starts_with("PHOENIX_OTEL_X") && problem.name().len() < 200, "{problem}");
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
        // Without the host of the service, the same names are not service links.
        assert_eq!(found(&owned(["PHOENIX_OTEL_PORT"])), [("PHOENIX_OTEL_PORT", None)]);
    }

    #[test]
    fn what_an_extension_reads_is_known() {
        let names = owned(["PHOENIX_OTEL_ACME", "PHOENIX_OTEL_ACNE"]);
        let unknown = unknown(&names, &owned(["PHOENIX_OTEL_ACME"]));
        assert_eq!(unknown, [Unknown { name: "PHOENIX_OTEL_ACNE", meant: None }]);
    }
}
