//! A real Prometheus scrapes with TLS, a certificate, a password and a token; and reads the same `web.yml`.

use std::fmt::Write as _;
use std::process::Command;

use phoenix_otel_tests::tools::{repository_file, tool};
use phoenix_otel_tests::{Prometheus as Server, isolated};

use super::*;

/// The endpoint's file. Paths are relative to it.
fn web_yml(authority: &Authority, client_auth: bool, users: bool) -> String {
    let mut yaml =
        "tls_server_config:\n  cert_file: localhost.pem\n  key_file: localhost.key\n  min_version: TLS12\n".to_owned();
    if client_auth {
        yaml += "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  client_allowed_sans: [client]\n";
    }
    if users {
        let _ = writeln!(yaml, "basic_auth_users:\n  prometheus: {HASH}");
    }
    authority.write(&format!("web-{client_auth}-{users}.yml"), &yaml)
}

#[test]
fn prometheus_scrapes_with_certificates_passwords_and_tokens() {
    isolated!();
    let authority = Authority::new();
    authority.signed("localhost");
    let (certificate, key) = authority.client();
    let (token, wrong) = (authority.write("token", "t0ken\n"), authority.write("wrong-token", "wr0ng"));
    let tls = served(Prometheus::new().web_config_file(web_yml(&authority, false, false)));
    let mutual = served(Prometheus::new().web_config_file(web_yml(&authority, true, true)));
    let by_token = served(Prometheus::new().bearer_token_file(&token));
    let ca = authority.certificate();
    let tls_config = format!("    tls_config: {{ca_file: {ca}, server_name: localhost}}\n");
    let identified = format!(
        "    tls_config: {{ca_file: {ca}, server_name: localhost, cert_file: {certificate}, key_file: {key}}}\n"
    );
    let password = |password: &str| format!("    basic_auth: {{username: prometheus, password: {password}}}\n");
    let bearer = |file: &str| format!("    authorization: {{credentials_file: {file}}}\n");
    let jobs = [
        ("tls", "https", tls.1, tls_config.clone(), true),
        ("mutual", "https", mutual.1, format!("{identified}{}", password(PASSWORD)), true),
        ("token", "http", by_token.1, bearer(&token), true),
        ("without_tls", "http", tls.1, String::new(), false),
        ("unknown_authority", "https", tls.1, "    tls_config: {server_name: localhost}\n".to_owned(), false),
        ("without_certificate", "https", mutual.1, format!("{tls_config}{}", password(PASSWORD)), false),
        ("wrong_password", "https", mutual.1, format!("{identified}{}", password("wr0ng")), false),
        ("without_token", "http", by_token.1, String::new(), false),
        ("wrong_token", "http", by_token.1, bearer(&wrong), false),
    ];
    let mut config = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n".to_owned();
    for (name, scheme, address, settings, _) in &jobs {
        let _ = write!(
            config,
            "  - job_name: {name}\n    scheme: {scheme}\n{settings}    static_configs: [{{targets: ['{address}']}}]\n"
        );
    }
    let prometheus = Server::with_config(&config).start();
    let seen = prometheus
        .wait_for("up", |up| up.len() == jobs.len() && up.iter().filter(|(_, value)| *value == 1.0).count() >= 3);
    for (name, _, _, _, is_up) in &jobs {
        assert_eq!(seen.value("up", &[("job", name)]), f64::from(u8::from(*is_up)), "{name}: {}", seen.lines());
    }
    prometheus.wait_for("process_uptime_seconds", |series| series.len() == 3);
}

/// The YAML of a guide that begins with this line.
fn yaml_of_the_guide(first: &str) -> String {
    let guide = repository_file("docs/prometheus.md");
    let start = guide.find(&format!("```yaml\n{first}")).expect("the guide has it") + "```yaml\n".len();
    guide[start..].split("```").next().unwrap_or_default().to_owned()
}

/// The example of the guide is what it says: with the files that it names, both read it.
#[test]
fn the_example_of_the_guide_is_read_by_both() {
    isolated!();
    let authority = Authority::new();
    let (certificate, key) = authority.issue("localhost");
    authority.write("tls.crt", &certificate);
    authority.write("tls.key", &key);
    authority.write("ca.crt", authority.pem());
    let file = authority.write("web.yml", &yaml_of_the_guide("# web.yml."));
    let (_telemetry, address) = served(Prometheus::new().web_config_file(&file));
    let client = Client::identified(&authority, &authority.issue("prometheus.monitoring.svc"));
    assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 401);
    let promtool = |arguments: &[&str]| {
        let output = Command::new(tool("promtool")).args(arguments).output().expect("promtool runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    promtool(&["check", "web-config", &file]);
    // The files of the job are not there.
    let job = authority.write("prometheus.yml", &yaml_of_the_guide("scrape_configs:"));
    promtool(&["check", "config", "--syntax-only", &job]);
}

/// The file is the one of Prometheus: it and its checker read it, too.
#[test]
fn prometheus_reads_the_same_file() {
    isolated!();
    let authority = Authority::new();
    authority.signed("localhost");
    for (client_auth, users) in [(false, false), (false, true), (true, false), (true, true)] {
        let file = web_yml(&authority, client_auth, users);
        let (_telemetry, _) = served(Prometheus::new().web_config_file(&file));
        let output =
            Command::new(tool("promtool")).args(["check", "web-config", &file]).output().expect("promtool runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
