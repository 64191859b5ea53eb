//! The settings of the push by OTLP: `OTEL_EXPORTER_OTLP_METRICS_*` before `OTEL_EXPORTER_OTLP_*`, the builder before both. Traces have
//! specific variables of their own.

use super::endpoint::{self, Form, Url};
use super::env::Env;
use super::exporters::unexported;
use super::features::Features;
use super::model::{
    Compression, HistogramAggregation, NamedFile, OTLP_TIMEOUT, Otlp, PemPath, Protocol, Signal, TemporalityPreference,
};
use super::setting::Setting;
use super::{given, headers};

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
    env.unused(|env| _ = env.millis(both!(signal, "TIMEOUT")));
}

/// The temporality of metrics.
pub(super) fn temporality(env: &mut Env<'_>, given: Option<TemporalityPreference>) -> TemporalityPreference {
    let choices = [
        ("cumulative", TemporalityPreference::Cumulative),
        ("delta", TemporalityPreference::Delta),
        ("lowmemory", TemporalityPreference::LowMemory),
    ];
    env.chosen(given, &[TEMPORALITY], &choices)
}

impl Otlp {
    /// The settings of the exporter called `name`.
    ///
    /// # Errors
    ///
    /// Why it cannot export: its protocol was not built in, or its endpoint is none. Another in its place would send to somebody else. It
    /// is among the problems of `env`, too.
    pub(crate) fn resolve(
        env: &mut Env<'_>,
        name: &str,
        given: &given::Otlp,
        features: Features,
        signal: Signal,
    ) -> Result<Self, String> {
        let field = |field: &str| Setting::of_exporter(name, field);
        let protocol = protocol(env, field("protocol"), given, signal, features);
        let built = needed(env, name, |env| is_built(env, &protocol, features));
        let (protocol, _) = protocol;
        let insecure = protocol == Protocol::Grpc && env.flag(both!(signal, "INSECURE")).unwrap_or(false);
        let endpoint =
            needed(env, name, |env| endpoint(env, field("endpoint"), given, (protocol, insecure), features, signal));
        let certificate =
            needed(env, name, |env| file(env, both!(signal, "CERTIFICATE"), field("certificate"), &given.certificate));
        let headers = match &given.headers {
            Some(headers) => headers::from_builder(env, &field("header"), headers, protocol),
            None => headers::from_env(env, both!(signal, "HEADERS"), protocol),
        };
        let timeout = env.duration((field("timeout"), given.timeout), both!(signal, "TIMEOUT"), OTLP_TIMEOUT);
        let compression = compression(env, given, signal);
        let client = client(env, field("client_certificate"), given, signal);
        let temporality = temporality(env, given.temporality);
        let choices = [
            ("explicit_bucket_histogram", HistogramAggregation::ExplicitBucket),
            ("base2_exponential_bucket_histogram", HistogramAggregation::Base2Exponential),
        ];
        let histogram_aggregation = env.chosen(None, &[HISTOGRAM], &choices);
        built?;
        let (endpoint, endpoint_setting) = endpoint?;
        let certificate = certificate?;
        Ok(Self {
            endpoint,
            endpoint_setting,
            protocol,
            headers,
            timeout,
            compression,
            certificate,
            client,
            temporality,
            histogram_aggregation,
        })
    }

    /// Whether the receiver is one for every signal, as far as its endpoint says: the default, or the base of all.
    pub(crate) fn is_for_every_signal(&self) -> bool {
        [DEFAULT_ENDPOINT, ENDPOINT].contains(&self.endpoint_setting.name())
    }
}

/// Reads what nothing else may take the place of: where it cannot be used, the exporter called `name` exports nothing. The error says why.
fn needed<T>(env: &mut Env<'_>, name: &str, read: impl FnOnce(&mut Env<'_>) -> T) -> Result<T, String> {
    let before = env.problems.len();
    let value = env.settled(|_| unexported(name), read);
    match env.problems.get(before) {
        Some(problem) => Err(problem.complaint()),
        None => Ok(value),
    }
}

fn file(env: &mut Env<'_>, names: &[&'static str], field: Setting, path: &Option<PemPath>) -> Option<NamedFile> {
    match path {
        Some(path) => Some(NamedFile { setting: field, path: path.clone() }),
        None => env
            .first(names)
            .map(|(name, path)| NamedFile { setting: Setting::variable(name), path: PemPath::new(path) }),
    }
}

/// The client's certificate and key: both or none.
fn client(env: &mut Env<'_>, field: Setting, given: &given::Otlp, signal: Signal) -> Option<(NamedFile, NamedFile)> {
    env.settled(
        |_| "no certificate of the client".to_owned(),
        |env| {
            let certificate = file(env, both!(signal, "CLIENT_CERTIFICATE"), field.clone(), &given.client_certificate);
            let key = file(env, both!(signal, "CLIENT_KEY"), field, &given.client_key);
            let (alone, allowed) = match (certificate, key) {
                (Some(certificate), Some(key)) => return Some((certificate, key)),
                (None, None) => return None,
                (Some(alone), None) => {
                    (alone, "a certificate whose key is in OTEL_EXPORTER_OTLP_CLIENT_KEY, which is not set")
                }
                (None, Some(alone)) => {
                    (alone, "a key whose certificate is in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, which is not set")
                }
            };
            env.problems.push(alone.problem(allowed));
            None
        },
    )
}

const PROTOCOLS: [(&str, Protocol); 2] = [("grpc", Protocol::Grpc), ("http/protobuf", Protocol::HttpProtobuf)];

/// The word of a protocol.
fn word(protocol: Protocol) -> &'static str {
    PROTOCOLS.iter().find(|(_, one)| *one == protocol).map_or("", |(word, _)| word)
}

/// The protocol, and the setting that asks for it.
fn protocol(
    env: &mut Env<'_>,
    field: Setting,
    given: &given::Otlp,
    signal: Signal,
    features: Features,
) -> (Protocol, Option<Setting>) {
    if let Some(protocol) = given.protocol {
        return (protocol, Some(field));
    }
    env.settled(
        |(protocol, _)| word(*protocol).to_owned(),
        |env| {
            for name in both!(signal, "PROTOCOL") {
                if let Some(protocol) = env.choice(&[name], &PROTOCOLS) {
                    return (protocol, Some(Setting::variable(name)));
                }
            }
            // What the specification sets, unless only the other transport was built in.
            let only_grpc = features.otlp_grpc && !features.otlp_http;
            (if only_grpc { Protocol::Grpc } else { Protocol::HttpProtobuf }, None)
        },
    )
}

/// Reports a protocol that was asked for and whose transport was not built in.
fn is_built(env: &mut Env<'_>, (protocol, setting): &(Protocol, Option<Setting>), features: Features) {
    let (built, feature) = match protocol {
        Protocol::Grpc => (features.otlp_grpc, "otlp-grpc"),
        Protocol::HttpProtobuf => (features.otlp_http, "otlp-http"),
    };
    if let (false, Some(setting)) = (built, setting) {
        let allowed = format!("a protocol that was built in; this one needs the feature `{feature}` of phoenix-otel");
        env.problem(setting, word(*protocol), allowed);
    }
}

/// The endpoint and where it comes from.
fn endpoint(
    env: &mut Env<'_>,
    field: Setting,
    given: &given::Otlp,
    (protocol, insecure): (Protocol, bool),
    features: Features,
    signal: Signal,
) -> (Url, Setting) {
    let allowed = match protocol {
        Protocol::Grpc => endpoint::ALLOWED_GRPC,
        Protocol::HttpProtobuf => endpoint::ALLOWED_HTTP,
    };
    let found = match &given.endpoint {
        Some(text) => Some((field, text.as_str().trim().to_owned(), Form::BaseOrWhole)),
        None => env.first(both!(signal, "ENDPOINT")).map(|(name, text)| {
            let form = if name == ENDPOINT { Form::Base } else { Form::Whole };
            (Setting::variable(name), text, form)
        }),
    };
    let Some((setting, text, form)) = found else {
        return (endpoint::default(protocol, signal), Setting::variable(DEFAULT_ENDPOINT));
    };
    let url = endpoint::resolve(&text, protocol, form, insecure, signal).unwrap_or_else(|| {
        env.problem(&setting, &Url::new(text.as_str()).to_string(), allowed);
        String::new()
    });
    let url = Url::new(url);
    // Without any transport, the choice of the exporter itself has been reported.
    if url.as_str().starts_with("https://") && !features.tls && features.otlp() {
        env.problem(&setting, &Url::new(text).to_string(), endpoint::NEEDS_TLS);
    }
    (url, setting)
}

fn compression(env: &mut Env<'_>, given: &given::Otlp, signal: Signal) -> Compression {
    let choices = [("none", Compression::None), ("gzip", Compression::Gzip)];
    env.chosen(given.compression, both!(signal, "COMPRESSION"), &choices)
}
