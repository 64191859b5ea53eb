//! The settings of OTLP exporters. Precedence: the builder, `OTEL_EXPORTER_OTLP_METRICS_*`, `OTEL_EXPORTER_OTLP_*`. For traces the specific
//! variables are `OTEL_EXPORTER_OTLP_TRACES_*`.

#[cfg(feature = "config-file")]
use std::hash::Hasher as _;

use super::effective::{EffectiveExporter, MASK};
use super::endpoint::{self, Form, Url};
use super::env::{Env, word_of};
use super::exporters::no_export_fallback;
use super::features::Features;
#[cfg(feature = "config-file")]
use super::fingerprint;
use super::model::{Compression, HistogramAggregation, OTLP_TIMEOUT, Otlp, Protocol, Signal, TemporalityPreference};
use super::pem_file::{NamedFile, PemPath};
use super::setting::Setting;
use super::{headers, options};

/// The variable of a signal and the general variable, in this order.
macro_rules! both {
    ($signal:expr, $name:literal) => {
        match $signal {
            Signal::Metrics => &[concat!("OTEL_EXPORTER_OTLP_METRICS_", $name), concat!("OTEL_EXPORTER_OTLP_", $name)],
            #[cfg(feature = "tracing")]
            Signal::Traces => &[concat!("OTEL_EXPORTER_OTLP_TRACES_", $name), concat!("OTEL_EXPORTER_OTLP_", $name)],
        }
    };
}

/// The base URL for all signals.
pub(crate) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The name of the source of the default endpoint.
const DEFAULT_ENDPOINT: &str = "the default endpoint";
pub(super) const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
const HISTOGRAM: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";

/// Validates the numbers if no OTLP exporter is selected.
pub(crate) fn check_numbers(env: &mut Env<'_>, signal: Signal) {
    env.check_unused(|env| _ = env.millis(both!(signal, "TIMEOUT")));
}

/// The temporality of metrics.
pub(super) fn temporality(env: &mut Env<'_>, from_code: Option<TemporalityPreference>) -> TemporalityPreference {
    let choices = [
        ("cumulative", TemporalityPreference::Cumulative),
        ("delta", TemporalityPreference::Delta),
        ("lowmemory", TemporalityPreference::LowMemory),
    ];
    env.choice_or_default(from_code, &[TEMPORALITY], &choices)
}

impl Otlp {
    /// The settings of the exporter called `name`.
    ///
    /// # Errors
    ///
    /// Fails if the exporter cannot export: its protocol is not compiled in, or its endpoint or certificate is invalid. There is no fallback,
    /// because it would send data to another receiver. The error is also added to the problems of `env`.
    pub(crate) fn resolve(
        env: &mut Env<'_>,
        name: &str,
        options: &options::Otlp,
        features: Features,
        signal: Signal,
    ) -> Result<Self, String> {
        let field = |field: &str| options.places.of_exporter(name, field);
        let protocol = protocol(env, field("protocol"), options, signal, features);
        let built = required(env, name, |env| check_built(env, &protocol, features));
        let (protocol, _) = protocol;
        let insecure = protocol == Protocol::Grpc
            && options.insecure.or_else(|| env.flag(both!(signal, "INSECURE"))).unwrap_or(false);
        let endpoint = required(env, name, |env| {
            endpoint(env, field("endpoint"), options, (protocol, insecure), features, signal)
        });
        let certificate = required(env, name, |env| {
            file(env, both!(signal, "CERTIFICATE"), field("certificate"), &options.certificate)
        });
        let headers = match &options.headers {
            Some(headers) => headers::from_builder(env, &field("header"), headers, protocol),
            None => headers::from_env(env, both!(signal, "HEADERS"), protocol),
        };
        let timeout = env.timeout((field("timeout"), options.timeout), both!(signal, "TIMEOUT"), OTLP_TIMEOUT);
        let compression = compression(env, options, signal);
        let client = client(env, field("client_certificate"), options, signal);
        let temporality = temporality(env, options.temporality);
        let histogram_aggregation = env.choice_or_default(None, &[HISTOGRAM], &HistogramAggregation::ALL);
        // The setting of an option that is set.
        let given = |name: &str, is_set: bool| is_set.then(|| field(name));
        let endpoint_in_code = given("endpoint", options.endpoint.is_some());
        let notes: [(&'static str, Option<Setting>, &[&'static str]); 11] = [
            ("protocol", given("protocol", options.protocol.is_some()), both!(signal, "PROTOCOL")),
            ("endpoint", endpoint_in_code, both!(signal, "ENDPOINT")),
            ("insecure", given("insecure", options.insecure.is_some()), both!(signal, "INSECURE")),
            ("ca_file", given("certificate", options.certificate.is_some()), both!(signal, "CERTIFICATE")),
            (
                "cert_file",
                given("client_certificate", options.client_certificate.is_some()),
                both!(signal, "CLIENT_CERTIFICATE"),
            ),
            ("key_file", given("client_certificate", options.client_key.is_some()), both!(signal, "CLIENT_KEY")),
            ("headers", given("header", options.headers.is_some()), both!(signal, "HEADERS")),
            ("otlp_timeout", given("timeout", options.timeout.is_some()), both!(signal, "TIMEOUT")),
            ("compression", given("compression", options.compression.is_some()), both!(signal, "COMPRESSION")),
            ("temporality_preference", given("temporality", options.temporality.is_some()), &[TEMPORALITY]),
            ("default_histogram_aggregation", None, &[HISTOGRAM]),
        ];
        notes.into_iter().for_each(|(name, given, names)| env.note(name, given, names));
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

    /// Whether the endpoint is for all signals: the default, or the general variable.
    pub(crate) fn is_for_every_signal(&self) -> bool {
        [DEFAULT_ENDPOINT, ENDPOINT].contains(&self.endpoint_setting.name())
    }
}

/// Reads a setting without a fallback. If it is invalid, the exporter `name` exports nothing. The error is the message of the problem.
fn required<T>(env: &mut Env<'_>, name: &str, read: impl FnOnce(&mut Env<'_>) -> T) -> Result<T, String> {
    let before = env.problems.len();
    let value = env.with_fallback(|_| no_export_fallback(name), read);
    match env.problems.get(before) {
        Some(problem) => Err(problem.without_fallback()),
        None => Ok(value),
    }
}

fn file(env: &mut Env<'_>, names: &[&'static str], field: Setting, path: &Option<PemPath>) -> Option<NamedFile> {
    match path {
        Some(path) => Some(NamedFile { setting: field, path: path.clone() }),
        None => env
            .first_value(names)
            .map(|(name, path)| NamedFile { setting: Setting::variable(name), path: PemPath::new(path) }),
    }
}

/// The client's certificate and key. One without the other is invalid.
fn client(
    env: &mut Env<'_>,
    field: Setting,
    options: &options::Otlp,
    signal: Signal,
) -> Option<(NamedFile, NamedFile)> {
    env.with_fallback(
        |_| "no client certificate".to_owned(),
        |env| {
            let certificate =
                file(env, both!(signal, "CLIENT_CERTIFICATE"), field.clone(), &options.client_certificate);
            let key = file(env, both!(signal, "CLIENT_KEY"), field, &options.client_key);
            let (alone, allowed) = match (certificate, key) {
                (Some(certificate), Some(key)) => return Some((certificate, key)),
                (None, None) => return None,
                (Some(alone), None) => {
                    let missing = alone.key_or_variable("key_file", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
                    (alone, format!("a client certificate with its key, but {missing} is not set"))
                }
                (None, Some(alone)) => {
                    let missing = alone.key_or_variable("cert_file", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE");
                    (alone, format!("a client key with its certificate, but {missing} is not set"))
                }
            };
            env.problems.push(alone.problem(allowed));
            None
        },
    )
}

const PROTOCOLS: [(&str, Protocol); 2] = [("grpc", Protocol::Grpc), ("http/protobuf", Protocol::HttpProtobuf)];

/// The name of a protocol in variables.
fn protocol_name(protocol: Protocol) -> &'static str {
    word_of(&PROTOCOLS, &protocol)
}

/// The protocol and its setting. The default has no setting.
fn protocol(
    env: &mut Env<'_>,
    field: Setting,
    options: &options::Otlp,
    signal: Signal,
    features: Features,
) -> (Protocol, Option<Setting>) {
    if let Some(protocol) = options.protocol {
        return (protocol, Some(field));
    }
    env.with_fallback(
        |(protocol, _)| protocol_name(*protocol).to_owned(),
        |env| {
            for name in both!(signal, "PROTOCOL") {
                if let Some(protocol) = env.choice(&[name], &PROTOCOLS) {
                    return (protocol, Some(Setting::variable(name)));
                }
            }
            // The default of the specification, unless only gRPC is compiled in.
            let only_grpc = features.otlp_grpc && !features.otlp_http;
            (if only_grpc { Protocol::Grpc } else { Protocol::HttpProtobuf }, None)
        },
    )
}

/// Reports a selected protocol that is not compiled in.
fn check_built(env: &mut Env<'_>, (protocol, setting): &(Protocol, Option<Setting>), features: Features) {
    let (built, feature) = match protocol {
        Protocol::Grpc => (features.otlp_grpc, "otlp-grpc"),
        Protocol::HttpProtobuf => (features.otlp_http, "otlp-http"),
    };
    if let (false, Some(setting)) = (built, setting) {
        let allowed = format!("a protocol that is compiled in; this one needs the feature `{feature}` of phoenix-otel");
        env.problem(setting, protocol_name(*protocol), allowed);
    }
}

/// The endpoint and its setting.
fn endpoint(
    env: &mut Env<'_>,
    field: Setting,
    options: &options::Otlp,
    (protocol, insecure): (Protocol, bool),
    features: Features,
    signal: Signal,
) -> (Url, Setting) {
    let allowed = match protocol {
        Protocol::Grpc => endpoint::ALLOWED_GRPC,
        Protocol::HttpProtobuf => endpoint::ALLOWED_HTTP,
    };
    let found = match &options.endpoint {
        Some(text) => {
            let form = if options.endpoint_is_whole { Form::Whole } else { Form::BaseOrWhole };
            Some((field, text.as_str().trim().to_owned(), form))
        }
        None => env.first_value(both!(signal, "ENDPOINT")).map(|(name, text)| {
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
    // Without any transport, the selected exporter has been reported already.
    if url.as_str().starts_with("https://") && !features.tls && features.otlp() {
        env.problem(&setting, &Url::new(text).to_string(), endpoint::NEEDS_TLS);
    }
    (url, setting)
}

fn compression(env: &mut Env<'_>, options: &options::Otlp, signal: Signal) -> Compression {
    let choices = [("none", Compression::None), ("gzip", Compression::Gzip)];
    env.choice_or_default(options.compression, both!(signal, "COMPRESSION"), &choices)
}

impl Otlp {
    /// A hash of what [`effective`](Self::effective) does not show: the secrets, and the contents of the files.
    #[cfg(feature = "config-file")]
    pub(crate) fn fingerprint(&self) -> u64 {
        fingerprint::of(|hasher| {
            for (name, value) in &self.headers.0 {
                hasher.write(name.as_bytes());
                hasher.write(value.as_bytes());
            }
            hasher.write(self.endpoint.as_str().as_bytes());
            let client = self.client.iter().flat_map(|(certificate, key)| [certificate, key]);
            for file in self.certificate.iter().chain(client) {
                hasher.write(&file.path.contents());
            }
        })
    }

    /// The settings as a configuration file has them.
    pub(crate) fn effective(&self, signal: Signal) -> EffectiveExporter {
        let component = match self.protocol {
            Protocol::Grpc => "otlp_grpc",
            Protocol::HttpProtobuf => "otlp_http",
        };
        let mut settings = EffectiveExporter::new(component);
        settings.add("endpoint", self.endpoint.to_string(), "endpoint");
        let (client, key) = self.client.as_ref().map(|(certificate, key)| (certificate, key)).unzip();
        for (path, file, origin) in [
            ("tls.ca_file", self.certificate.as_ref(), "ca_file"),
            ("tls.cert_file", client, "cert_file"),
            ("tls.key_file", key, "key_file"),
        ] {
            if let Some(file) = file {
                settings.add(path, file.path.shown(), origin);
            }
        }
        for (index, (name, _)) in self.headers.0.iter().enumerate() {
            settings.add(format!("headers[{index}].name"), name.clone(), "headers");
            settings.add(format!("headers[{index}].value"), MASK, "headers");
        }
        let compression = if self.compression == Compression::Gzip { "gzip" } else { "none" };
        settings.add("compression", compression, "compression");
        settings.add("timeout", self.timeout, "otlp_timeout");
        if signal == Signal::Metrics {
            settings.add("temporality_preference", self.temporality.word(), "temporality_preference");
            let aggregation = self.histogram_aggregation.word();
            settings.add("default_histogram_aggregation", aggregation, "default_histogram_aggregation");
        }
        settings
    }
}
