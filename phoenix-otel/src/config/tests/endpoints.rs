//! The endpoints of OTLP.

use super::otlp::{ENDPOINT, GRPC, INSECURE, METRICS_ENDPOINT, NO_TRACES, ON, PROTOCOL, given_otlp, one, otlp};
use super::*;

#[test]
fn endpoints_by_http() {
    for (name, value, expected) in [
        (ENDPOINT, "http://c:4318", "http://c:4318/v1/metrics"),
        (ENDPOINT, "http://c:4318/", "http://c:4318/v1/metrics"),
        (ENDPOINT, "HTTPS://c/base/", "https://c/base/v1/metrics"),
        (ENDPOINT, "http://c/v1/metrics", "http://c/v1/metrics/v1/metrics"),
        (ENDPOINT, "http://[::1]:4318", "http://[::1]:4318/v1/metrics"),
        (ENDPOINT, "http://c/base?k=v", "http://c/base/v1/metrics?k=v"),
        (METRICS_ENDPOINT, "http://c:4318", "http://c:4318/"),
        (METRICS_ENDPOINT, "http://c/custom", "http://c/custom"),
        (METRICS_ENDPOINT, "http://c/api/?a=b", "http://c/api/?a=b"),
        (METRICS_ENDPOINT, "http://c?a=b", "http://c/?a=b"),
    ] {
        assert_eq!(otlp(&[(name, value)]).endpoint.as_str(), expected, "{name}={value}");
    }
    let both = otlp(&[(METRICS_ENDPOINT, "http://m/x"), (ENDPOINT, "not in use")]);
    assert_eq!((both.endpoint.as_str(), both.endpoint_setting.name()), ("http://m/x", METRICS_ENDPOINT));
    for bad in [
        "c:4318",
        "ftp://c",
        "http://",
        "http:///v1",
        "http://c:0",
        "http://c:65536",
        "http://c:+1",
        "http://c:",
        "http://a b",
        "http://ü",
        "://c",
        "http://c/#f",
        "http://c/?<",
        "http://c/{x}",
        "http://[::1",
        "http://[x]:1",
    ] {
        one(&[(ENDPOINT, bad)], ENDPOINT, &["http://host:4318"]);
        one(&[(METRICS_ENDPOINT, bad)], METRICS_ENDPOINT, &["http://host:4318"]);
        resolve(&[NO_TRACES, (ENDPOINT, bad)]);
    }
}

#[test]
fn endpoints_by_grpc() {
    for (value, insecure, expected) in [
        ("http://c:4317", "", "http://c:4317"),
        ("https://c:4317", "true", "https://c:4317"),
        ("c:4317", "", "https://c:4317"),
        ("c:4317", "false", "https://c:4317"),
        ("c:4317", "TRUE", "http://c:4317"),
        ("[::1]:4317", "true", "http://[::1]:4317"),
        ("http://c:4317/v1/metrics", "", "http://c:4317"),
        ("c", "true", "http://c"),
    ] {
        assert_eq!(
            otlp(&[GRPC, (ENDPOINT, value), (INSECURE, insecure)]).endpoint.as_str(),
            expected,
            "{value} {insecure}"
        );
    }
    for bad in ["ftp://c:4317", "::1:4317", "c:port"] {
        one(&[GRPC, (ENDPOINT, bad)], ENDPOINT, &["host:port"]);
    }
    one(&[GRPC, (ENDPOINT, "c:1"), (INSECURE, "yes")], INSECURE, &["yes", "true, false"]);
    otlp(&[(INSECURE, "yes")]);
    assert_eq!(
        otlp(&[GRPC, (ENDPOINT, "c:1"), (INSECURE, "false"), ("OTEL_EXPORTER_OTLP_METRICS_INSECURE", "true")])
            .endpoint
            .as_str(),
        "http://c:1"
    );
}

#[cfg(unix)]
#[test]
fn endpoints_that_are_unix_sockets() {
    for protocol in ["grpc", "http/protobuf"] {
        for name in [ENDPOINT, METRICS_ENDPOINT] {
            for value in ["unix:///run/otel.sock", "unix:/run/otel.sock"] {
                let endpoint = otlp(&[(PROTOCOL, protocol), (name, value)]).endpoint;
                assert_eq!(endpoint.as_str(), "unix:///run/otel.sock", "{protocol}: {name}={value}");
            }
            for bad in [
                "unix:",
                "unix://",
                "unix:///",
                "unix:run/otel.sock",
                "unix://run/otel.sock",
                "unix:///run/",
                "unix:////run/x",
                "unix:///run/x?a=b",
                "unix:@abstract",
                "UNIX+x:///run/x",
            ] {
                one(&[(PROTOCOL, protocol), (name, bad)], name, &["unix:///run/otel.sock"]);
            }
        }
    }
}

#[test]
fn credentials_in_an_endpoint_are_not_repeated() {
    for url in [
        "http://user:s3cret@c:4318",
        "user:s3cret@c",
        "http://us:er@s3cret@c/x",
        "ftp://c/x?api_key=s3cret",
        "http://user:s3cret/pw@c:4318",
        "http://user:s3cret#pw@c",
        "http://user:s3cret?pw@c",
        "http:/user:s3cret@c",
        "http:///user:s3cret@c",
        "s3cret://user@c",
        "http://c:4318/#key=s3cret",
        "http://user:pw@c/?key=a@s3cret",
    ] {
        for protocol in ["grpc", "http/protobuf"] {
            let found = problems(&[ON, (PROTOCOL, protocol), (ENDPOINT, url)]);
            assert!(found.len() == 1 && found[0].1.contains("without credentials"), "{found:?}");
            assert!(!found[0].1.contains("s3cret"), "{found:?}");
        }
    }
    let without_tls = Features { tls: false, ..ALL };
    let endpoint = options::Otlp::new().endpoint("https://c/x?api_key=s3cret");
    let found = given_otlp(&[], &endpoint, without_tls).unwrap_err().to_string();
    assert!(found.contains("https://c/x?***") && !found.contains("s3cret"), "{found}");
}

#[test]
fn a_url_is_shown_without_what_may_be_a_secret() {
    for (url, shown) in [
        ("http://c:4318/v1/metrics", "http://c:4318/v1/metrics"),
        ("http://c/x?key=s3cret#f", "http://c/x?***"),
        ("http://c/#key=s3cret", "http://c/#***"),
        ("HTTP://user:s3cret/pw@c:4318", "HTTP://***@c:4318"),
        ("http:/user:s3cret@c", "***@c"),
        ("http://user:s3cret?pw@c", "http://***"),
        ("unix:///run/x", "unix:///run/x"),
    ] {
        assert_eq!(endpoint::Url::new(url).to_string(), shown, "{url}");
    }
}

#[cfg(unix)]
#[test]
fn the_bytes_of_an_endpoint_that_is_not_utf_8_are_not_repeated() {
    use std::os::unix::ffi::OsStringExt as _;
    let value = OsString::from_vec(b"http://user:s3cret\xff@c:4318".to_vec());
    let environment =
        Environment::from_map([(ENDPOINT.to_owned(), value), ("OTEL_METRICS_EXPORTER".into(), "otlp".into())].into());
    let (_, problems) = resolved(&environment, "x", &Overrides::default());
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(found[0].contains(ENDPOINT) && found[0].contains("UTF-8"), "{found:?}");
    assert!(!found.concat().contains("s3cret"), "{found:?}");
}

#[test]
fn no_credentials_are_shown_of_the_page() {
    let (link, origin) = ("ftp://user:s3cret@c/{trace_id}?key=s3cret", "http://user:s3cret@c");
    let page = options::Page::new().trace_link(link).origin(origin);
    assert!(!format!("{page:?}").contains("s3cret"), "{page:?}");
    let variables = [("PHOENIX_OTEL_PAGE_TRACE_LINK", link), ("PHOENIX_OTEL_PAGE_ORIGINS", origin)];
    let environment = Environment::from_map(variables.map(|(name, value)| (name.to_owned(), value.into())).into());
    for overrides in [Overrides::default(), Overrides { page, ..Overrides::default() }] {
        let (_, problems) = resolved(&environment, "x", &overrides);
        let shown = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(shown.contains("***@c/{trace_id}?***"), "{shown}");
        assert!(shown.contains("http://***@c") && !shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn no_credentials_are_shown_of_a_builder() {
    let exporter =
        options::Otlp::new().endpoint("http://user:s3cret@c/x?key=s3cret#").header("authorization", "s3cret");
    let builder = crate::builder("x")
        .environment([("OTEL_EXPORTER_OTLP_HEADERS", "authorization=s3cret"), (ENDPOINT, "http://s3cret@c?s3cret")])
        .exporter(exporter.clone());
    let shown = format!("{exporter:?} {builder:?}");
    assert!(shown.contains("http://***@c/x?***") && !shown.contains("s3cret"), "{shown}");
    #[cfg(feature = "config-file")]
    {
        let shown = format!("{:?}", crate::builder("x").config("headers_list: authorization=s3cret"));
        assert!(shown.contains("Text(34 bytes)") && !shown.contains("s3cret"), "{shown}");
    }
}
