//! `collector/compose.yaml` as `docker compose` reads it. No engine runs here, so the test compares the file with what it refers to: files, flags,
//! variables and names.

mod programs;
mod service;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use phoenix_otel_tests::tools::{repository, repository_file, tool};
use serde_json::Value;
use service::{SERVICES, services};

/// Merges these compose files, and returns the output of the parser.
fn read(files: &[&Path]) -> Output {
    let mut command = Command::new(tool("compose-spec"));
    // It resolves paths relative to its working directory.
    command.args(["-format", "json"]).args(files).current_dir(repository().join("collector"));
    command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

/// Returns the merged project of these files of `collector/`.
fn project(files: &[&str]) -> Value {
    let files: Vec<_> = files.iter().map(|name| repository().join("collector").join(name)).collect();
    let read = read(&files.iter().map(|file| &**file).collect::<Vec<_>>());
    assert!(read.status.success(), "{files:?}: {}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).expect("the reader writes JSON")
}

fn scraped() -> Value {
    project(&["compose.yaml"])
}

fn pushed() -> Value {
    project(&["compose.yaml", "compose.push.yaml"])
}

#[test]
fn an_invalid_compose_file_is_rejected() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (right, wrong) in [
        ("    mem_limit: 2g", "    memory_limit: 2g"),
        ("    pid: host", "    pid: [host]"),
        ("${GRAFANA_PORT:-3000}:3000", "${GRAFANA_PORT:-3000}:http"),
        ("<<: *service", "<<: *servce"),
    ] {
        let text = repository_file("collector/compose.yaml");
        assert!(text.contains(right), "{right}");
        let file = folder.path().join("compose.yaml");
        fs::write(&file, text.replace(right, wrong)).expect("a file");
        assert!(!read(&[&file]).status.success(), "{wrong} is taken");
    }
}

/// The parser does not check this; docker compose does it when it starts the project.
#[test]
fn every_name_is_declared() {
    for project in [scraped(), pushed()] {
        let declared = |kind: &str, name: &str| {
            assert!(project[kind].get(name).is_some(), "there is no {name} among the {kind}");
        };
        for service in services(&project) {
            for kind in ["networks", "depends_on"] {
                for name in service.json[kind].as_object().into_iter().flat_map(|names| names.keys()) {
                    declared(if kind == "networks" { kind } else { "services" }, name);
                }
            }
            for secret in service.json["secrets"].as_array().into_iter().flatten() {
                declared("secrets", secret["source"].as_str().expect("a secret has a source"));
            }
            let volumes = service.json["volumes"].as_array().into_iter().flatten();
            for volume in volumes.filter(|volume| volume["type"] == "volume") {
                declared("volumes", volume["source"].as_str().expect("a volume has a name"));
            }
        }
    }
}

#[test]
fn mounted_and_built_paths_exist() {
    for project in [scraped(), pushed()] {
        for service in services(&project) {
            for (from, to) in service.mounts() {
                // Folders of the host are mounted for the programs that measure it.
                let of_ours = Path::new(&from).starts_with(repository());
                assert!(!of_ours || Path::new(&from).exists(), "{}: {from} is not there", service.name);
                assert!(of_ours || ["agent", "node-exporter", "cadvisor"].contains(&&*service.name), "{from} to {to}");
            }
            if let Some(dockerfile) = service.dockerfile() {
                programs::dockerfile(&dockerfile);
            }
        }
    }
}

#[test]
fn images_have_the_versions_that_are_tested() {
    let tools = repository_file("tests/tools");
    let pinned = |variable: &str| {
        let line = tools.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("tests/tools has no {variable}")).trim_start_matches('v').to_owned()
    };
    let project = scraped();
    for service in services(&project) {
        let image = service.text("image");
        programs::pinned(&image);
        match image.split(':').next() {
            Some("prom/prometheus") => assert!(image.ends_with(&format!(":v{}", pinned("prometheus"))), "{image}"),
            Some("prom/alertmanager") => assert!(image.ends_with(&format!(":v{}", pinned("alertmanager"))), "{image}"),
            _ => {}
        }
    }
}

#[test]
fn ports_are_published_on_loopback_alone() {
    let mut published = 0;
    for service in services(&pushed()) {
        for port in service.json["ports"].as_array().into_iter().flatten() {
            assert_eq!(port["host_ip"], "127.0.0.1", "{}: {port}", service.name);
            published += 1;
        }
    }
    assert_eq!(published, 4);
}

#[test]
fn prometheus_discovers_or_receives_every_service() {
    let config = repository_file("collector/prometheus/prometheus.yml");
    let (scraped, pushed) = (scraped(), pushed());
    let joined = |project: &Value, name: &str| {
        let prometheus = project["services"]["prometheus"]["networks"].as_object().expect("networks").clone();
        let networks = project["services"][name]["networks"].as_object().expect("networks");
        networks.keys().any(|network| prometheus.contains_key(network))
    };
    for name in SERVICES {
        assert!(config.contains(&format!("          - {name}\n")), "prometheus.yml does not look for {name}");
        assert!(joined(&scraped, name), "{name} is not in a network of Prometheus");
        assert!(!joined(&pushed, name), "{name} pushes, so Prometheus must not discover it");
        let exporter = |project: &Value| {
            let services = services(project);
            services.into_iter().find(|s| s.name == *name).expect("a service").environment()["OTEL_METRICS_EXPORTER"]
                .clone()
        };
        assert_eq!((&*exporter(&scraped), &*exporter(&pushed)), ("prometheus", "otlp"), "{name}");
    }
    for target in ["node", "cadvisor", "alertmanager", "otelcol"] {
        let file = repository_file(&format!("collector/prometheus/targets/{target}.yml"));
        let addresses: Vec<&str> = file.split('"').skip(1).step_by(2).collect();
        assert!(!addresses.is_empty(), "targets/{target}.yml has none");
        for address in addresses {
            let host = address.split(':').next().unwrap_or_default();
            assert!(joined(&scraped, host) && joined(&pushed, host), "{address} of targets/{target}.yml");
        }
    }
}

#[test]
fn every_program_knows_its_variables_and_flags() {
    for project in [scraped(), pushed()] {
        for service in services(&project) {
            programs::variables(&service);
            programs::flags(&service);
            programs::limits(&service);
        }
    }
}

#[test]
fn every_secret_comes_from_the_environment_and_is_read() {
    let project = scraped();
    let declared = project["secrets"].as_object().expect("secrets");
    assert!(declared.values().all(|secret| secret["environment"].is_string()), "{declared:?}");
    let alertmanager = repository_file("collector/alertmanager/alertmanager.yml");
    let files: Vec<&str> = alertmanager.split("/etc/alertmanager/secrets/").skip(1).collect();
    let read = |name: &str| files.iter().any(|rest| rest.starts_with(name));
    let given = &project["services"]["alertmanager"]["secrets"];
    let given: Vec<&str> = given.as_array().expect("secrets").iter().filter_map(|s| s["target"].as_str()).collect();
    for target in &given {
        assert!(read(target.trim_start_matches("/etc/alertmanager/secrets/")), "no configuration reads {target}");
    }
    // The comment at the top of the file names the first one.
    for rest in &files {
        let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        let path = format!("/etc/alertmanager/secrets/{name}");
        assert!(name.is_empty() || given.contains(&&*path), "{path} is not given");
    }
}
