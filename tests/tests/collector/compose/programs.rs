//! The programs in the containers: their images are pinned, and they know their variables and flags.

use std::fs;
use std::path::Path;
use std::process::Command;

use phoenix_otel_tests::tools::{repository, repository_file, tool};

use super::service::{SERVICES, Service};

/// An image has a version with at least two numbers.
#[track_caller]
pub(crate) fn pinned(image: &str) {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let numbers = tag.trim_start_matches('v').split(['.', '-']).take_while(|part| part.parse::<u32>().is_ok()).count();
    assert!(numbers >= 2, "{image} is not pinned");
}

/// The base images of a Dockerfile are pinned, the compilers have the versions of this repository, and the copied files exist.
#[track_caller]
pub(crate) fn dockerfile(path: &Path) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let go = repository_file("tests/lib.sh");
    let go = go.lines().find_map(|line| line.strip_prefix("go_pinned=go")).expect("tests/lib.sh pins Go");
    let rust = repository_file("rust-toolchain.toml");
    let rust = rust.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel").trim_matches('"');
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["FROM", image, ..] => {
                pinned(image);
                let compiler = [("golang:", go), ("rust:", rust)];
                for (_, version) in compiler.iter().filter(|(name, _)| image.starts_with(name)) {
                    assert!(image.contains(&format!(":{version}")), "{image} is not the {version} of this repository");
                }
            }
            ["COPY", first, ..] if first.starts_with("--from") => {}
            ["COPY", from @ .., _] => {
                for from in from {
                    assert!(repository().join(from).exists(), "{}: {from} is not there", path.display());
                }
            }
            _ => {}
        }
    }
}

/// Each variable is one that the program reads.
#[track_caller]
pub(crate) fn variables(service: &Service) {
    let read: String = match &*service.name {
        "agent" | "gateway" => {
            let words = service.words("command");
            let configs = words.iter().filter(|word| word.starts_with('/'));
            configs
                .map(|path| fs::read_to_string(service.file(path).expect("it is mounted")).expect("a file"))
                .collect()
        }
        name if SERVICES.contains(&name) => {
            // docs/configuration.md lists the SDK's variables, and the platform's README its own.
            repository_file("docs/configuration.md") + &repository_file("examples/platform/README.md")
        }
        _ => String::new(),
    };
    for (name, value) in service.environment() {
        let known = match &*name {
            "GOMEMLIMIT" => true,
            _ if service.name == "grafana" => grafana(service, &name, &value),
            _ => read.contains(&format!("`{name}`")) || read.contains(&format!("{{env:{name}:-")),
        };
        assert!(known, "{}: no program reads the variable {name}", service.name);
    }
}

/// Grafana's settings are `GF_<section>_<key>`. Variables that name files must name existing ones.
fn grafana(service: &Service, name: &str, value: &str) -> bool {
    if name == "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH" {
        return service.file(value).is_some_and(|file| file.exists());
    }
    if name == "GF_SECURITY_ADMIN_PASSWORD__FILE" {
        let secret = value.trim_start_matches("/run/secrets/");
        return service.json["secrets"].as_array().is_some_and(|all| all.iter().any(|one| one["source"] == secret));
    }
    ["GF_ANALYTICS_REPORTING_ENABLED", "GF_ANALYTICS_CHECK_FOR_UPDATES"].contains(&name)
}

/// Each flag is one of the program, and each named file is mounted.
#[track_caller]
pub(crate) fn flags(service: &Service) {
    let words = service.words("command");
    let program = match &*service.name {
        name @ ("prometheus" | "alertmanager") => name,
        _ => return,
    };
    let help = Command::new(tool(program)).arg("--help").output().expect("the program runs");
    let help = [help.stdout, help.stderr].concat();
    let help = String::from_utf8_lossy(&help);
    for word in &words {
        let (flag, value) = word.split_once('=').unwrap_or((word, ""));
        let known =
            |end: &str| help.contains(&format!("{flag}{end}")) || help.contains(&format!("--[no-]{}{end}", &flag[2..]));
        assert!(["=", " ", "\n"].into_iter().any(known), "{program} has no {flag}");
        if flag == "--config.file" {
            assert!(service.file(value).is_some_and(|file| file.exists()), "{value} is not mounted");
        }
    }
}

/// Every container has a memory limit, and the limit of a Go program is lower by a fifth.
#[track_caller]
pub(crate) fn limits(service: &Service) {
    let mib = |text: &str| {
        let number: String = text.chars().take_while(char::is_ascii_digit).collect();
        let number: u64 = number.parse().unwrap_or_else(|_| panic!("{}: {text:?} is no size", service.name));
        if text.ends_with('g') { number * 1024 } else { number }
    };
    let limit = mib(&service.text("mem_limit"));
    if let Some(go) = service.environment().get("GOMEMLIMIT") {
        assert!(mib(go) * 5 <= limit * 4, "{}: GOMEMLIMIT {go} of {limit} MiB", service.name);
    }
}
