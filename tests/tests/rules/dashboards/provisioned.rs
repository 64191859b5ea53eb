//! The provisioning of Grafana: the folder of the boards, and their data source.

use std::fs;
use std::path::Path;

use phoenix_otel_tests::boards::{all, folder};
use phoenix_otel_tests::tools::repository_file;
use serde_json::Value;

/// Reads every file of a folder of `provisioning/`.
fn provisioning(kind: &str) -> Vec<Value> {
    let folder = folder().join("provisioning").join(kind);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        serde_yaml_ng::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    files.map(|file| read(&file.unwrap().path())).collect()
}

/// Returns the path at which compose mounts a folder of `collector/`.
fn mounted(path: &str) -> String {
    let compose: Value = serde_yaml_ng::from_str(&repository_file("collector/compose.yaml")).unwrap();
    let volumes = compose["services"]["grafana"]["volumes"].as_array().unwrap();
    let target = volumes.iter().find_map(|volume| volume.as_str()?.strip_prefix(path)?.strip_prefix(':'));
    target.and_then(|target| target.strip_suffix(":ro")).unwrap_or_else(|| panic!("{path}: {volumes:?}")).to_owned()
}

#[test]
fn the_boards_are_in_grafanas_folder() {
    assert_eq!(mounted("./grafana/provisioning"), "/etc/grafana/provisioning");
    let files = provisioning("dashboards");
    let providers: Vec<&Value> = files.iter().flat_map(|file| file["providers"].as_array().unwrap()).collect();
    assert!(files.iter().all(|file| file["apiVersion"] == 1));
    let [provider] = providers[..] else { panic!("expected one provider: {providers:?}") };
    assert_eq!(provider["type"], "file");
    assert_eq!(provider["options"]["path"], mounted("./grafana/dashboards"));
    assert_eq!(provider["allowUiUpdates"], false, "provisioned boards are not editable");
    let uid = provider["folderUid"].as_str().unwrap();
    assert!(all().iter().all(|(_, board)| board.json()["uid"] != uid), "the folder's uid is a board's");
}

#[test]
fn the_boards_use_the_provisioned_data_source() {
    let files = provisioning("datasources");
    let sources: Vec<&Value> = files.iter().flat_map(|file| file["datasources"].as_array().unwrap()).collect();
    let defaults: Vec<&&Value> = sources.iter().filter(|source| source["isDefault"] == true).collect();
    let [default] = defaults[..] else { panic!("one source is the default: {sources:?}") };
    for (name, board) in all() {
        let board = board.json();
        let variables = board["templating"]["list"].as_array().unwrap();
        let chosen = variables.iter().find(|variable| variable["name"] == "datasource").unwrap();
        // The variable lists data sources of this type and starts with the default one.
        assert_eq!(chosen["query"], default["type"], "{name}");
        let current = &chosen["current"]["value"];
        assert!(current.is_null() || *current == default["uid"], "{name}: starts with {current}");
    }
    let compose: Value = serde_yaml_ng::from_str(&repository_file("collector/compose.yaml")).unwrap();
    let url = default["url"].as_str().unwrap();
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(':').next()).unwrap();
    assert!(compose["services"].get(host).is_some(), "{url} is no service of compose.yaml");
    let config: Value = serde_yaml_ng::from_str(&repository_file("collector/prometheus/prometheus.yml")).unwrap();
    assert_eq!(default["jsonData"]["timeInterval"], config["global"]["scrape_interval"]);
}

/// The commented link of exemplars is valid.
#[test]
fn exemplars_can_be_linked_to_traces() {
    let text = repository_file("collector/grafana/provisioning/datasources/prometheus.yml");
    let with = text.replace("      # exemplarTrace", "      exemplarTrace").replace("      #   - {", "        - {");
    let read: Value = serde_yaml_ng::from_str(&with).unwrap();
    let link = &read["datasources"][0]["jsonData"]["exemplarTraceIdDestinations"][0];
    assert_eq!(link["name"], "trace_id", "{with}");
    assert!(link["url"].as_str().unwrap().ends_with("/$${__value.raw}"), "{link}");
}
