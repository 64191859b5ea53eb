//! The settings of the push by OTLP: `OTEL_EXPORTER_OTLP_METRICS_*` before `OTEL_EXPORTER_OTLP_*`, the builder before both. Traces have
//! specific variables of their own.

use super::endpoint::{self, Form};
use super::env::Env;
use super::features::Features;
use super::headers;
use super::model::{
    Compression, HistogramAggregation, NamedFile, OTLP_TIMEOUT, Otlp, Overrides, Protocol, Signal,
    TemporalityPreference,
};
use super::problem::Problem;
use std::path::PathBuf;

/// The two forms of a variable, the specific one first.
macro_rules! both {
    ($signal:expr, $name:literal) => {
        match $signal {
            Signal::Metrics => &[concat!("OTEL_EXPORTER_OTLP_METRICS_", $name), concat!("OTEL_EXPORTER_OTLP_", $name)],
            #[cfg(feature = "tracing")]
            Signal::Traces => &[concat!("OTEL_EXPORTER_OTLP_TRACES_", $name), concat!("OTEL_EXPORTER_OTLP_", $name)],
        }
    };
}

/// The base for every signal.
pub(crate) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
const HISTOGRAM: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";

/// Checks the numbers, for where OTLP is not asked for.
pub(crate) fn check_numbers(env: &mut Env<'_>, signal: Signal) {
    env.millis(both!(signal, "TIMEOUT"));
}

pub(crate) fn resolve(env: &mut Env<'_>, given: &Overrides, features: Features, signal: Signal) -> Otlp {
    let protocol = protocol(env, given, features, signal);
    let (endpoint, endpoint_setting) = endpoint(env, given, protocol, signal);
    let timeout = env.millis(both!(signal, "TIMEOUT"));
    let compression = compression(env, given, signal);
    let file = |env: &mut Env<'_>, names: &[&'static str], field: &str, path: &Option<PathBuf>| match path {
        Some(path) => Some(NamedFile { setting: field.to_owned(), path: path.clone() }),
        None => env.first(names).map(|(name, path)| NamedFile { setting: name.to_owned(), path: path.into() }),
    };
    let client_certificate = file(
        env,
        both!(signal, "CLIENT_CERTIFICATE"),
        "builder: otlp_client_certificate",
        &given.otlp_client_certificate,
    );
    let client_key = file(env, both!(signal, "CLIENT_KEY"), "builder: otlp_client_key", &given.otlp_client_key);
    let client = match (client_certificate, client_key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some(alone), None) => {
            lonely(env, &alone, "a certificate whose key is in OTEL_EXPORTER_OTLP_CLIENT_KEY, which is not set");
            None
        }
        (None, Some(alone)) => {
            lonely(
                env,
                &alone,
                "a key whose certificate is in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, which is not set",
            );
            None
        }
    };
    Otlp {
        endpoint,
        endpoint_setting,
        protocol,
        headers: match &given.otlp_headers {
            Some(headers) => headers::from_builder(env, "builder: otlp_headers", headers, protocol),
            None => headers::from_env(env, both!(signal, "HEADERS"), protocol),
        },
        timeout: env.given("builder: otlp_timeout", given.otlp_timeout).or(timeout).unwrap_or(OTLP_TIMEOUT),
        compression,
        certificate: file(env, both!(signal, "CERTIFICATE"), "builder: otlp_certificate", &given.otlp_certificate),
        client,
        temporality: given.temporality.unwrap_or_else(|| {
            let choices = [
                ("cumulative", TemporalityPreference::Cumulative),
                ("delta", TemporalityPreference::Delta),
                ("lowmemory", TemporalityPreference::LowMemory),
            ];
            env.choice(&[TEMPORALITY], &choices).unwrap_or_default()
        }),
        histogram_aggregation: given.histogram_aggregation.unwrap_or_else(|| {
            let choices = [
                ("explicit_bucket_histogram", HistogramAggregation::ExplicitBucket),
                ("base2_exponential_bucket_histogram", HistogramAggregation::Base2Exponential),
            ];
            env.choice(&[HISTOGRAM], &choices).unwrap_or_default()
        }),
    }
}

fn lonely(env: &mut Env<'_>, file: &NamedFile, allowed: &str) {
    env.problem(&file.setting, &file.path.to_string_lossy(), allowed);
}

/// The protocol, and a problem where its transport was not built in.
fn protocol(env: &mut Env<'_>, given: &Overrides, features: Features, signal: Signal) -> Protocol {
    let names = both!(signal, "PROTOCOL");
    let (setting, read, protocol) = match given.otlp_protocol {
        Some(protocol) => ("builder: otlp_protocol", format!("{protocol:?}"), protocol),
        None => match env.first(names) {
            Some((name, value)) => match value.to_ascii_lowercase().as_str() {
                "grpc" => (name, value, Protocol::Grpc),
                "http/protobuf" => (name, value, Protocol::HttpProtobuf),
                "http/json" => {
                    env.problem(name, &value, "grpc, http/protobuf; http/json is not supported");
                    return Protocol::HttpProtobuf;
                }
                _ => {
                    env.problem(name, &value, "grpc, http/protobuf");
                    return Protocol::HttpProtobuf;
                }
            },
            // What the specification sets, unless only the other transport was built in.
            None if features.otlp_http || !features.otlp_grpc => return Protocol::HttpProtobuf,
            None => return Protocol::Grpc,
        },
    };
    let (built, feature) = match protocol {
        Protocol::Grpc => (features.otlp_grpc, "otlp-grpc"),
        Protocol::HttpProtobuf => (features.otlp_http, "otlp-http"),
    };
    // Without any transport, the choice of the exporter itself has been reported.
    if !built && features.otlp() {
        env.problem(
            setting,
            &read,
            format!("a protocol that was built in; this one needs the feature `{feature}` of phoenix-otel"),
        );
    }
    protocol
}

fn endpoint(env: &mut Env<'_>, given: &Overrides, protocol: Protocol, signal: Signal) -> (String, String) {
    let allowed = match protocol {
        Protocol::Grpc => endpoint::ALLOWED_GRPC,
        Protocol::HttpProtobuf => endpoint::ALLOWED_HTTP,
    };
    let found = match &given.otlp_endpoint {
        Some(text) => Some(("builder: otlp_endpoint", text.trim().to_owned(), Form::BaseOrWhole)),
        None => env.first(both!(signal, "ENDPOINT")).map(|(name, text)| {
            let form = if name == ENDPOINT { Form::Base } else { Form::Whole };
            (name, text, form)
        }),
    };
    let Some((setting, text, form)) = found else {
        return (endpoint::default(protocol, signal), "the default endpoint".to_owned());
    };
    let insecure = match (protocol, given.otlp_insecure) {
        (_, Some(insecure)) => insecure,
        (Protocol::Grpc, None) => env.flag(both!(signal, "INSECURE")).unwrap_or(false),
        (Protocol::HttpProtobuf, None) => false,
    };
    let url = endpoint::resolve(&text, protocol, form, insecure, signal).unwrap_or_else(|| {
        env.problem(setting, &endpoint::redacted(&text), allowed);
        String::new()
    });
    (url, setting.to_owned())
}

/// `opentelemetry-otlp` reads the variable itself, and a builder can only switch compression on. So "none" from the builder
/// against gzip from the environment is a problem, where it would else be gzip all the same.
fn compression(env: &mut Env<'_>, given: &Overrides, signal: Signal) -> Compression {
    let choices = [("none", Compression::None), ("gzip", Compression::Gzip)];
    let names = both!(signal, "COMPRESSION");
    match given.otlp_compression {
        None => env.choice(names, &choices).unwrap_or_default(),
        Some(Compression::None) => {
            let set = env.first(names).filter(|(_, value)| !value.eq_ignore_ascii_case("none"));
            if let Some((name, value)) = set {
                env.problems.push(Problem::new(
                    name,
                    value,
                    "unset or none, since the builder asks for no compression",
                ));
            }
            Compression::None
        }
        Some(gzip) => gzip,
    }
}
