//! The push over OTLP.

use super::*;
use crate::config::model::Headers;
use Protocol::{Grpc, HttpProtobuf as Http};
use std::path::Path;
use std::time::Duration;

pub(super) const ON: (&str, &str) = ("OTEL_METRICS_EXPORTER", "otlp");
/// Disables traces, which these tests do not cover.
pub(super) const NO_TRACES: (&str, &str) = ("OTEL_TRACES_EXPORTER", "none");
pub(super) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
pub(super) const METRICS_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
pub(super) const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
pub(super) const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
pub(super) const GRPC: (&str, &str) = (PROTOCOL, "grpc");

pub(super) fn given_otlp(vars: &[(&str, &str)], options: &options::Otlp, features: Features) -> Result<Otlp, Problems> {
    let resolved = one_of(vars, |env| Otlp::resolve(env, "otlp", options, features, Signal::Metrics));
    resolved.map(|otlp| otlp.expect("it has no problem"))
}

pub(super) fn otlp(vars: &[(&str, &str)]) -> Otlp {
    given_otlp(vars, &options::Otlp::new(), ALL).unwrap()
}

pub(super) fn one(vars: &[(&str, &str)], name: &str, texts: &[&str]) {
    one_problem(&[&[ON, NO_TRACES], vars].concat(), name, texts);
}

#[test]
fn defaults() {
    let config = otlp(&[]);
    assert_eq!(config.endpoint.as_str(), "http://localhost:4318/v1/metrics");
    assert_eq!(
        (config.protocol, config.timeout, config.compression),
        (Http, Duration::from_secs(10), Compression::None)
    );
    assert_eq!(config.headers, Headers::default());
    assert_eq!((config.certificate, config.client), (None, None));
    assert_eq!(config.temporality, TemporalityPreference::Cumulative);
    assert_eq!(config.histogram_aggregation, HistogramAggregation::ExplicitBucket);
    assert_eq!(otlp(&[GRPC]).endpoint.as_str(), "http://localhost:4317");
}

#[test]
fn protocols() {
    assert_eq!(otlp(&[(PROTOCOL, " GRPC ")]).protocol, Grpc);
    assert_eq!(otlp(&[GRPC, ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf")]).protocol, Http);
    one(&[(PROTOCOL, "http/json")], PROTOCOL, &["(did you mean http/protobuf?); allowed: grpc, http/protobuf"]);
    one(&[(PROTOCOL, "http")], PROTOCOL, &["\"http\"", "grpc, http/protobuf"]);
    resolve(&[(PROTOCOL, "http")]);
}

#[test]
fn headers() {
    let parsed = |list: &str| otlp(&[(HEADERS, list)]).headers.0;
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(parsed(" Api-Key = abc==, x=%20a%2Cb , "), [pair("api-key", "abc=="), pair("x", " a,b")]);
    assert_eq!(parsed("a=1,A=2,b=,c=p;q"), [pair("a", "2"), pair("b", ""), pair("c", "p;q")]);
    assert_eq!(otlp(&[(HEADERS, "a=1"), ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "b=2")]).headers.0, [pair("b", "2")]);
    for (bad, why) in [
        ("s3cret", "no `=`"),
        ("ok=1,a=s3cret%", "item 2"),
        ("a b=s3cret", "not a valid header name"),
        ("a=s3cret%0d%0aX:1", "not allowed in a header"),
        ("a=s3cret%C3%BC", "not allowed in a header"),
        ("content-type=s3cret", "transport sets"),
        ("=s3cret", "empty"),
    ] {
        one(&[(HEADERS, bad)], HEADERS, &[why]);
        assert!(!problems(&[ON, (HEADERS, bad)])[0].1.contains("s3cret"), "{bad}");
    }
    // HTTP clients panic at tens of thousands.
    let many: String = (0..1001).map(|n| format!("k{n}=s3cret,")).collect();
    one(&[(HEADERS, &many)], HEADERS, &["at most 1000 headers"]);
    assert_eq!(parsed(&"a=1,".repeat(1001)), [pair("a", "1")]);
    one(&[GRPC, (HEADERS, "trace-bin=1")], HEADERS, &["-bin"]);
    assert_eq!(parsed("trace-bin=1").len(), 1);
    let shown = format!("{:?}", otlp(&[(HEADERS, "api-key=s3cret")]));
    assert!(shown.contains("api-key") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_rest() {
    const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
    const METRICS_TIMEOUT: &str = "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT";
    assert_eq!(otlp(&[(TIMEOUT, "5"), (METRICS_TIMEOUT, "7")]).timeout, Duration::from_millis(7));
    one(&[(TIMEOUT, "x"), (METRICS_TIMEOUT, "7")], TIMEOUT, &["milliseconds"]);
    one_problem(&[(TIMEOUT, "-1")], TIMEOUT, &["from 0", "0 means no limit"]);
    const COMPRESSION: &str = "OTEL_EXPORTER_OTLP_COMPRESSION";
    assert_eq!(otlp(&[(COMPRESSION, "GZIP")]).compression, Compression::Gzip);
    assert_eq!(
        otlp(&[(COMPRESSION, "gzip"), ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none")]).compression,
        Compression::None
    );
    one(&[(COMPRESSION, "zstd")], COMPRESSION, &["zstd", "none, gzip"]);
    const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    assert_eq!(otlp(&[(TEMPORALITY, "Delta")]).temporality, TemporalityPreference::Delta);
    assert_eq!(otlp(&[(TEMPORALITY, "LOWMEMORY")]).temporality, TemporalityPreference::LowMemory);
    one(&[(TEMPORALITY, "low_memory")], TEMPORALITY, &["cumulative, delta, lowmemory"]);
    const AGGREGATION: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    let exponential = otlp(&[(AGGREGATION, "base2_exponential_bucket_histogram")]).histogram_aggregation;
    assert_eq!(exponential, HistogramAggregation::Base2Exponential);
    one(&[(AGGREGATION, "exponential")], AGGREGATION, &["explicit_bucket_histogram"]);
}

#[test]
fn files() {
    const KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
    const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE";
    let config = otlp(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"), (CERTIFICATE, "/c.pem"), (KEY, "/k.pem")]);
    let (certificate, key) = config.client.unwrap();
    assert_eq!((certificate.setting.name(), certificate.path.as_path()), (CERTIFICATE, Path::new("/c.pem")));
    assert_eq!((key.setting.name(), key.path.as_path()), (KEY, Path::new("/k.pem")));
    assert_eq!(config.certificate.unwrap().path.as_path(), Path::new("/ca.pem"));
    one(&[(CERTIFICATE, "/c.pem")], CERTIFICATE, &["/c.pem", KEY]);
    one(&[(KEY, "/k.pem")], KEY, &["/k.pem", "CLIENT_CERTIFICATE"]);
}

#[test]
fn code_beats_the_environment() {
    let given = options::Otlp::new()
        .endpoint("http://collector:4317")
        .protocol(Grpc)
        .header("X-A", "1")
        .timeout(Duration::from_secs(1))
        .compression(Compression::Gzip)
        .temporality(TemporalityPreference::Delta)
        .certificate("/ca.pem")
        .client_certificate("/c.pem", "/k.pem");
    let vars = [
        (METRICS_ENDPOINT, "bad"),
        (PROTOCOL, "bad"),
        (HEADERS, "bad"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "9"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/other.pem"),
    ];
    let config = given_otlp(&vars, &given, ALL).unwrap();
    assert_eq!((config.endpoint.as_str(), config.protocol), ("http://collector:4317", Grpc));
    assert_eq!(config.headers.0, [("x-a".to_owned(), "1".to_owned())]);
    assert_eq!((config.timeout, config.compression), (Duration::from_secs(1), Compression::Gzip));
    assert_eq!(config.temporality, TemporalityPreference::Delta);
    assert_eq!(config.certificate.unwrap().path.as_path(), Path::new("/ca.pem"));
    assert_eq!(config.client.unwrap().0.setting.name(), "builder: otlp: client_certificate");
    for (endpoint, expected) in [("http://c", "http://c/v1/metrics"), ("http://c/v1/metrics", "http://c/v1/metrics")] {
        assert_eq!(given_otlp(&[], &options::Otlp::new().endpoint(endpoint), ALL).unwrap().endpoint.as_str(), expected);
    }
    let given = options::Otlp::new().compression(Compression::None);
    let plain = given_otlp(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")], &given, ALL).unwrap();
    assert_eq!(plain.compression, Compression::None);
}

#[test]
fn what_is_wrong_in_code_names_the_exporter() {
    let given = options::Otlp::new().endpoint("ftp://c").header("a b", "s3cret").timeout(Duration::ZERO);
    let resolve = |env: &mut Env<'_>| Otlp::resolve(env, "backup", &given, ALL, Signal::Metrics);
    let found = told(one_of(&[], resolve));
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["builder: backup: endpoint", "builder: backup: header", "builder: backup: timeout"]);
    assert!(!found[1].1.contains("s3cret"), "{found:?}");
}

#[test]
fn a_receiver_of_every_signal() {
    for (vars, given, expected) in [
        (&[][..], options::Otlp::new(), true),
        (&[(ENDPOINT, "http://c")], options::Otlp::new(), true),
        (&[(METRICS_ENDPOINT, "http://c")], options::Otlp::new(), false),
        (&[(ENDPOINT, "http://c")], options::Otlp::new().endpoint("http://d"), false),
    ] {
        assert_eq!(given_otlp(vars, &given, ALL).unwrap().is_for_every_signal(), expected, "{vars:?} {given:?}");
    }
}

#[test]
fn transports_that_were_not_built_in() {
    let by = |vars: &[(&str, &str)], features| given_otlp(vars, &options::Otlp::new(), features);
    let grpc = told(by(&[GRPC], Features { otlp_grpc: false, ..ALL }));
    assert!(grpc.len() == 1 && grpc[0].1.contains("feature `otlp-grpc`"), "{grpc:?}");
    let http = told(by(&[(PROTOCOL, "http/protobuf")], Features { otlp_http: false, ..ALL }));
    assert!(http.len() == 1 && http[0].1.contains("feature `otlp-http`"), "{http:?}");
    assert_eq!(by(&[], Features { otlp_http: false, ..ALL }).unwrap().protocol, Grpc);
    // For gRPC, an endpoint without a scheme is https.
    for vars in
        [&[(ENDPOINT, "https://c:4318")][..], &[GRPC, (ENDPOINT, "https://c:4317")], &[GRPC, (ENDPOINT, "c:4317")]]
    {
        let https = told(by(vars, Features { tls: false, ..ALL }));
        assert!(https.len() == 1 && https[0].0 == ENDPOINT && https[0].1.contains("feature `tls`"), "{https:?}");
    }
    for vars in [&[(ENDPOINT, "http://c:4318")][..], &[GRPC, (ENDPOINT, "c:4317"), (INSECURE, "true")], &[GRPC]] {
        by(vars, Features { tls: false, ..ALL }).unwrap();
    }
}

/// It may be a private key.
#[test]
fn a_pem_in_place_of_its_path_is_not_repeated() {
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----";
    for name in ["OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"] {
        one(&[(name, PEM)], name, &["not shown", "a path is expected, not the PEM itself"]);
    }
    // Wherever it was pasted.
    one(&[(PROTOCOL, PEM)], PROTOCOL, &["not shown"]);
    let given = options::Otlp::new().certificate(PEM).client_certificate(PEM, PEM);
    let shown = format!("{given:?}");
    assert!(shown.contains("***") && !shown.contains("s3cret"), "{shown}");
    let config = otlp(&[
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", PEM),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", PEM),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", PEM),
    ]);
    let file = config.certificate.clone().unwrap();
    let shown = format!("{config:?} {}", file.problem("a file that can be read"));
    assert!(shown.contains("not the PEM itself") && !shown.contains("s3cret"), "{shown}");
}
