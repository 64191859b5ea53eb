//! Every configuration there is: valid, silent at its start, and without a secret in it.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use phoenix_otel_tests::tools::tool;
use phoenix_otel_tests::{Collector, collector};
use rcgen::{CertificateParams, KeyPair};

/// The bases, each alone and with each of its overlays, of which the head says what it goes over.
fn all() -> Vec<Vec<PathBuf>> {
    let mut all: Vec<_> = ["agent.yaml", "gateway.yaml"].map(|base| vec![collector::config(base)]).into();
    for file in fs::read_dir(collector::config("overlays")).expect("the folder of the overlays") {
        let path = file.expect("a file of a folder").path();
        let text = fs::read_to_string(&path).expect("a file that was listed");
        let over = text.lines().find_map(|line| line.strip_prefix("# Over: "));
        let over = over.unwrap_or_else(|| panic!("{}: no line `# Over: BASE.yaml` in its head", path.display()));
        all.push(over.split(", ").map(collector::config).chain([path]).collect());
    }
    assert!(all.len() > 10, "{all:?}");
    all
}

#[test]
fn each_is_valid() {
    for configs in all() {
        let mut command = Command::new(tool("otelcol-phoenix"));
        command.arg("validate").env("OTELCOL_TOKEN", "secret");
        for config in &configs {
            command.arg("--config").arg(config);
        }
        let output = command.output().expect("the collector can be started");
        assert!(output.status.success(), "{configs:?}: {output:?}");
    }
}

#[test]
fn each_starts_without_a_warning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path of ASCII").to_owned();
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").self_signed(&key);
    fs::write(at("server.pem"), certificate.expect("a certificate").pem()).expect("the folder can be written");
    fs::write(at("server.key"), key.serialize_pem()).expect("the folder can be written");
    // It takes connections and says nothing, so that an agent waits for its gateway.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let gateway = silent.local_addr().expect("a bound address");
    for configs in all() {
        let mut builder = Collector::agent(&[&gateway.to_string()]).only(&configs);
        for (name, value) in [
            ("OTELCOL_TOKEN", "secret".to_owned()),
            ("OTELCOL_TLS_CERT", at("server.pem")),
            ("OTELCOL_TLS_KEY", at("server.key")),
            ("OTELCOL_WAL", at("wal")),
            ("OTELCOL_FILES", at("files")),
            ("OTELCOL_GATEWAY_NAME", "127.0.0.1".to_owned()),
            ("OTELCOL_GATEWAY_PORT", gateway.port().to_string()),
        ] {
            builder = builder.env(name, &value);
        }
        // Read before the end, at which zpages warns.
        let log = builder.start().process().log();
        assert!(log.contains("Everything is ready"), "{configs:?}: {log}");
        let warned = |line: &&str| ["\twarn\t", "\terror\t", "deprecated"].iter().any(|what| line.contains(what));
        let warned: Vec<&str> = log.lines().filter(warned).collect();
        assert!(warned.is_empty(), "{configs:?}: {warned:#?}");
    }
}

#[test]
fn secrets_come_from_the_environment() {
    let mut seen = 0;
    for path in all().iter().flatten() {
        for line in fs::read_to_string(path).expect("a configuration").lines() {
            let Some((name, value)) = line.trim().split_once(": ") else { continue };
            let name = name.to_lowercase();
            if ["authorization", "token", "tokens", "password", "x-scope-orgid", "thanos-tenant"]
                .contains(&name.as_str())
            {
                assert!(value.starts_with("${env:"), "{}: {line}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "only {seen} were found");
}
