//! The settings of the push by OTLP: `OTEL_EXPORTER_OTLP_METRICS_*` before `OTEL_EXPORTER_OTLP_*`, the builder before both. Traces have
//! specific variables of their own.

use super::endpoint::{self, Form};
use super::env::Env;
use super::features::Features;
use super::model::{
    Compression, HistogramAggregation, NamedFile, OTLP_TIMEOUT, Otlp, Protocol, Signal, TemporalityPreference,
};
use super::{given, headers};
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
/// What an endpoint that no setting gives is said to come from.
const DEFAULT_ENDPOINT: &str = "the default endpoint";
const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
const HISTOGRAM: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";

/// Checks the numbers, for where OTLP is not asked for.
pub(crate) fn check_numbers(env: &mut Env<'_>, signal: Signal) {
    env.millis(both!(signal, "TIMEOUT"));
}

/// The temporality of metrics.
pub(super) fn temporality(env: &mut Env<'_>, given: Option<TemporalityPreference>) -> TemporalityPreference {
    given.unwrap_or_else(|| {
        let choices = [
            ("cumulative", TemporalityPreference::Cumulative),
            ("delta", TemporalityPreference::Delta),
            ("lowmemory", TemporalityPreference::LowMemory),
        ];
        env.choice(&[TEMPORALITY], &choices).unwrap_or_default()
    })
}

impl Otlp {
    /// The settings of the exporter called `name`.
    pub(crate) fn resolve(
        env: &mut Env<'_>,
        name: &str,
        given: &given::Otlp,
        features: Features,
        signal: Signal,
    ) -> Self {
        let field = |field: &str| format!("builder: {name}: {field}");
        let protocol = protocol(env, field("protocol"), given, features, signal);
        let (endpoint, endpoint_setting) = endpoint(env, field("endpoint"), given, protocol, features, signal);
        let timeout = env.millis(both!(signal, "TIMEOUT"));
        Self {
            endpoint,
            endpoint_setting,
            protocol,
            headers: match &given.headers {
                Some(headers) => headers::from_builder(env, &field("header"), headers, protocol),
                None => headers::from_env(env, both!(signal, "HEADERS"), protocol),
            },
            timeout: env.given(&field("timeout"), given.timeout).or(timeout).unwrap_or(OTLP_TIMEOUT),
            compression: compression(env, given, signal),
            certificate: file(env, both!(signal, "CERTIFICATE"), field("certificate"), &given.certificate),
            client: client(env, &field("client_certificate"), given, signal),
            temporality: temporality(env, given.temporality),
            histogram_aggregation: {
                let choices = [
                    ("explicit_bucket_histogram", HistogramAggregation::ExplicitBucket),
                    ("base2_exponential_bucket_histogram", HistogramAggregation::Base2Exponential),
                ];
                env.choice(&[HISTOGRAM], &choices).unwrap_or_default()
            },
        }
    }

    /// Whether the receiver is one for every signal, as far as its endpoint says: the default, or the base of all.
    pub(crate) fn is_for_every_signal(&self) -> bool {
        [DEFAULT_ENDPOINT, ENDPOINT].contains(&&*self.endpoint_setting)
    }
}

fn file(env: &mut Env<'_>, names: &[&'static str], field: String, path: &Option<PathBuf>) -> Option<NamedFile> {
    match path {
        Some(path) => Some(NamedFile { setting: field, path: path.clone() }),
        None => env.first(names).map(|(name, path)| NamedFile { setting: name.to_owned(), path: path.into() }),
    }
}

/// The client's certificate and key: both or none.
fn client(env: &mut Env<'_>, field: &str, given: &given::Otlp, signal: Signal) -> Option<(NamedFile, NamedFile)> {
    let certificate = file(env, both!(signal, "CLIENT_CERTIFICATE"), field.to_owned(), &given.client_certificate);
    let key = file(env, both!(signal, "CLIENT_KEY"), field.to_owned(), &given.client_key);
    let (alone, allowed) = match (certificate, key) {
        (Some(certificate), Some(key)) => return Some((certificate, key)),
        (None, None) => return None,
        (Some(alone), None) => (alone, "a certificate whose key is in OTEL_EXPORTER_OTLP_CLIENT_KEY, which is not set"),
        (None, Some(alone)) => {
            (alone, "a key whose certificate is in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, which is not set")
        }
    };
    env.problem(&alone.setting, &alone.path.to_string_lossy(), allowed);
    None
}

/// The protocol, and a problem where its transport was not built in.
fn protocol(env: &mut Env<'_>, field: String, given: &given::Otlp, features: Features, signal: Signal) -> Protocol {
    let names = both!(signal, "PROTOCOL");
    let (setting, read, protocol) = match given.protocol {
        Some(protocol) => (&*field, format!("{protocol:?}"), protocol),
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

fn endpoint(
    env: &mut Env<'_>,
    field: String,
    given: &given::Otlp,
    protocol: Protocol,
    features: Features,
    signal: Signal,
) -> (String, String) {
    let allowed = match protocol {
        Protocol::Grpc => endpoint::ALLOWED_GRPC,
        Protocol::HttpProtobuf => endpoint::ALLOWED_HTTP,
    };
    let found = match &given.endpoint {
        Some(text) => Some((&*field, text.trim().to_owned(), Form::BaseOrWhole)),
        None => env.first(both!(signal, "ENDPOINT")).map(|(name, text)| {
            let form = if name == ENDPOINT { Form::Base } else { Form::Whole };
            (name, text, form)
        }),
    };
    let Some((setting, text, form)) = found else {
        return (endpoint::default(protocol, signal), DEFAULT_ENDPOINT.to_owned());
    };
    let insecure = protocol == Protocol::Grpc && env.flag(both!(signal, "INSECURE")).unwrap_or(false);
    let url = endpoint::resolve(&text, protocol, form, insecure, signal).unwrap_or_else(|| {
        env.problem(setting, &endpoint::redacted(&text), allowed);
        String::new()
    });
    // Without any transport, the choice of the exporter itself has been reported.
    if url.starts_with("https://") && !features.tls && features.otlp() {
        env.problem(setting, &text, endpoint::NEEDS_TLS);
    }
    (url, setting.to_owned())
}

fn compression(env: &mut Env<'_>, given: &given::Otlp, signal: Signal) -> Compression {
    let choices = [("none", Compression::None), ("gzip", Compression::Gzip)];
    given.compression.unwrap_or_else(|| env.choice(both!(signal, "COMPRESSION"), &choices).unwrap_or_default())
}
