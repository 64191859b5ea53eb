//! TLS in both transports.

use super::*;
use phoenix_otel::Otlp;
use phoenix_otel_tests::certificates::Authority;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;
use std::path::Path;

/// Variables that name files, and the expected error messages.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn tls_with_a_private_authority() {
    let authority = Authority::new();
    let tls = Tls { client_authority: None, ..authority.server() };
    for protocol in PROTOCOLS {
        let sink = sink(protocol, Some(&tls), &[]);
        let endpoint = format!("https://localhost:{}", sink.port());
        let push = start(protocol, &endpoint, &[("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority.certificate())]);
        push.flush().unwrap_or_else(|lost| panic!("{protocol}: {lost}"));
        assert_eq!(sink.next().sum("requests"), Some(7));
    }
    // gRPC without a scheme uses TLS.
    let sink = Sink::grpc(Some(&tls), &[]);
    let push = start(
        "grpc",
        &format!("localhost:{}", sink.port()),
        &[("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority.certificate())],
    );
    push.flush().unwrap();
}

/// A server that accepts connections and never responds. A handshake that does not end in time is given up, with its socket.
#[test]
fn tls_handshakes_without_an_answer_keep_no_socket() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (close, closed) = std::sync::mpsc::channel();
    // The threads end with the test program.
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let close = close.clone();
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut client, &mut std::io::sink());
                let _ = close.send(());
            });
        }
    });
    for protocol in PROTOCOLS {
        let endpoint = format!("https://127.0.0.1:{port}");
        let push = start(protocol, &endpoint, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "200")]);
        for _ in 0..3 {
            push.flush().expect_err("there is no answer");
            closed.recv_timeout(phoenix_otel_tests::wait::LIVENESS).expect("the socket is closed");
        }
    }
}

#[test]
fn tls_with_the_wrong_authority() {
    let (authority, other) = (Authority::new(), Authority::new());
    let tls = Tls { client_authority: None, ..authority.server() };
    for protocol in PROTOCOLS {
        for host in ["localhost", "127.0.0.2"] {
            // First another authority, then the right authority with a name that is not in the certificate.
            let file = if host == "localhost" { other.certificate() } else { authority.certificate() };
            let sink = sink(protocol, Some(&tls), &[]);
            let address = if host == "localhost" { "localhost" } else { "127.0.0.1" };
            let push = start(
                protocol,
                &format!("https://{address}:{}", sink.port()),
                &[("OTEL_EXPORTER_OTLP_CERTIFICATE", &file)],
            );
            let text = push.flush().unwrap_err().to_string();
            assert!(text.contains("certificate"), "{protocol} {host}: {text}");
            assert_eq!(sink.count(), 0);
        }
    }
}

#[test]
fn tls_with_a_client_certificate() {
    let authority = Authority::new();
    let tls = authority.server();
    let (certificate, key) = authority.client();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, Some(&tls), &[]);
        let endpoint = format!("https://localhost:{}", sink.port());
        let ca = authority.certificate();
        let ca = ("OTEL_EXPORTER_OTLP_CERTIFICATE", ca.as_str());
        // Either the TLS alert or the closed connection arrives first.
        start(protocol, &endpoint, &[ca]).flush().unwrap_err();
        assert_eq!(sink.count(), 0);
        let client = [
            ca,
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &certificate),
            ("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", &key),
        ];
        start(protocol, &endpoint, &client).flush().unwrap_or_else(|lost| panic!("{protocol}: {lost}"));
    }
}

#[test]
fn invalid_certificate_files_are_reported() {
    let authority = Authority::new();
    let (certificate, _) = authority.client();
    let other = Authority::new();
    let (_, other_key) = other.client();
    let garbage = authority.write("garbage.pem", "no PEM in here");
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----";
    let long = authority.write("long.pem", &"x".repeat((1 << 20) + 1));
    let one_line = authority.write("one-line.pem", &PEM.replace('\n', ""));
    let pipe = format!("{garbage}.pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    const CA: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
    const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
    const KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
    for protocol in PROTOCOLS {
        let cases: [Case<'_>; 10] = [
            // A read to the end would never return for one, and would use all memory for the other.
            (&[(CA, &pipe)], &[CA, &pipe, "a regular file"]),
            (&[(CERTIFICATE, &certificate), (KEY, "/dev/zero")], &[KEY, "/dev/zero", "a regular file"]),
            (&[(CA, &long)], &[CA, &long, "at most 1 MiB"]),
            (&[(CERTIFICATE, &certificate), (KEY, &one_line)], &[KEY, &one_line, "no END line that matches"]),
            (&[(CERTIFICATE, &certificate), (KEY, PEM)], &[KEY, "a path is expected, not the PEM itself"]),
            (&[(CA, "/nowhere/ca.pem")], &[CA, "/nowhere/ca.pem", "No such file"]),
            (&[(CA, &garbage)], &[CA, &garbage, "the file contains none"]),
            (&[(CERTIFICATE, "/nowhere/c"), (KEY, "/nowhere/k")], &[CERTIFICATE, "/nowhere/c", KEY, "/nowhere/k"]),
            (&[(CERTIFICATE, &certificate), (KEY, &garbage)], &[KEY, &garbage, "private key"]),
            (
                &[(CERTIFICATE, &certificate), (KEY, &other_key)],
                &[KEY, &other_key, "private key of the client certificate"],
            ),
        ];
        for (files, texts) in cases {
            let on = [
                ("OTEL_METRICS_EXPORTER", "otlp"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:1"),
            ];
            let builder = || phoenix_otel::builder("test").without_subscriber().environment([&on, files].concat());
            let Err(error) = builder().strict().init() else { panic!("{protocol} {files:?} was taken") };
            // If a configured file is missing, nothing is sent: not with the public authorities, and not without the client certificate.
            let telemetry = builder().init().unwrap();
            let health = telemetry.health().to_string();
            assert!(health.starts_with("otlp: failing: "), "{protocol} {files:?}: {health}");
            for text in texts {
                assert!(error.to_string().contains(text), "{protocol}: no {text} in {error}");
                assert!(health.contains(text), "{protocol}: no {text} in {health}");
            }
            // Neither as text nor as byte values.
            for part in ["s3cret", "115, 51, 99"] {
                assert!(!error.to_string().contains(part) && !health.contains(part), "{error} {health}");
            }
        }
        let in_code = Otlp::new().endpoint("https://localhost:1").certificate("/nowhere/ca.pem");
        let variables = [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        let builder = phoenix_otel::builder("test").without_subscriber().environment(variables).exporter(in_code);
        let error = builder.init().expect_err("there is no such file").to_string();
        assert!(error.contains("builder: otlp: certificate") && error.contains("/nowhere/ca.pem"), "{error}");
    }
}

/// Starts to push with TLS, with the authorities of the system, in both transports.
fn init_with_authorities_of_the_system() -> [Result<phoenix_otel::Telemetry, phoenix_otel::InitError>; 2] {
    PROTOCOLS.map(|protocol| {
        let on = [
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:1"),
        ];
        phoenix_otel::builder("test").without_subscriber().environment(on).strict().init()
    })
}

/// The library that reads the system's authorities would read it to its end.
#[test]
fn a_device_in_place_of_the_authorities_of_the_system_is_refused() {
    if is_child() {
        for refused in init_with_authorities_of_the_system() {
            let error = refused.expect_err("the file is endless").to_string();
            let texts = ["SSL_CERT_FILE", "/dev/zero", "a regular file"];
            assert!(texts.iter().all(|text| error.contains(text)), "{error}");
        }
        return;
    }
    run(this_test!(), &[("SSL_CERT_FILE", "/dev/zero")]);
}

#[test]
fn a_huge_file_in_the_folder_of_the_authorities_of_the_system_is_refused() {
    if is_child() {
        for refused in init_with_authorities_of_the_system() {
            let error = refused.expect_err("the file is huge").to_string();
            let texts = ["SSL_CERT_DIR", "huge.pem", "at most 1 MiB"];
            assert!(texts.iter().all(|text| error.contains(text)), "{error}");
        }
        return;
    }
    let authority = Authority::new();
    authority.certificate();
    // It has no bytes on the disk.
    let huge = std::fs::File::create(authority.folder().join("huge.pem")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let folders = std::env::join_paths([Path::new("/nowhere"), authority.folder()]).unwrap();
    run(this_test!(), &[("SSL_CERT_DIR", folders.to_str().unwrap())]);
}

/// A read of a pipe would wait for a writer.
#[test]
fn a_pipe_in_the_folder_of_the_authorities_of_the_system_is_ignored() {
    if is_child() {
        for started in init_with_authorities_of_the_system() {
            let health = started.unwrap().health().to_string();
            assert!(!health.contains("SSL_CERT_DIR"), "{health}");
        }
        return;
    }
    let authority = Authority::new();
    authority.certificate();
    assert!(std::process::Command::new("mkfifo").arg(authority.folder().join("pipe.pem")).status().unwrap().success());
    run(this_test!(), &[("SSL_CERT_DIR", authority.folder().to_str().unwrap())]);
}
