//! The remote write example in `prometheus.yml`, uncommented as its comment says, writes to another Prometheus.

use phoenix_otel_tests::Prometheus;

/// Removes the "# " from the lines of the example.
fn switched_on(config: &str) -> String {
    let mut on = false;
    let lines = config.lines().map(|line| {
        on = line.starts_with("# remote_write:") || (on && line.starts_with('#'));
        if on { line.strip_prefix("# ").unwrap_or_default() } else { line }
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_uncommented_example_writes() {
    let store = Prometheus::from_repository().remote_write_receiver().start();
    let url = store.remote_write_url();
    let writing = Prometheus::from_repository()
        .edit_config(switched_on)
        .edit_config(|config| config.replace("https://metrics.example.org/api/v1/push", &url))
        .file("secrets/remote_write_token", "token")
        .targets("services", &["127.0.0.1:9"])
        .start();
    writing.wait_for(r#"up{job="phoenix-services"} == 0"#, |seen| seen.len() == 1);
    // The other Prometheus scrapes nothing, so all its data was written.
    store.wait_for(r#"up{job="phoenix-services",instance="127.0.0.1:9"}"#, |seen| seen.len() == 1);
}
