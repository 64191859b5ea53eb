//! The file with TLS and users of the endpoint, `web.yml`: any bytes are read or refused.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use phoenix_otel::Prometheus;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("phoenix-otel-fuzz-web-{}.yml", std::process::id())));

fuzz_target!(|input: &[u8]| {
    std::fs::write(&*FILE, input).expect("the folder for temporary files is writable");
    let nothing: [(&str, &str); 0] = [];
    let service = phoenix_otel::builder("fuzz").environment(nothing).without_subscriber();
    let _ = service.exporter(Prometheus::new().web_config_file(&*FILE)).resolved();
});
