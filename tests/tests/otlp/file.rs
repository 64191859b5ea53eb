//! OTLP as JSON lines: the content of a file and of standard output, and what the collector reads from it.

use opentelemetry::{KeyValue, global};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use phoenix_otel::{Otlp, OtlpFile, Telemetry, instrument_metrics};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::rerun::{command, is_child, run};
use phoenix_otel_tests::{Collector, Samples, http, otlp_json, this_test, wait_until};

#[tracing::instrument]
#[instrument_metrics]
fn write_down() {}

/// Records one metric of each kind from another library, and one of ours with an exemplar.
fn record() {
    let meter = global::meter("other-library");
    let labels = [KeyValue::new("text", "\"quoted\"\nline"), KeyValue::new("whole", 7), KeyValue::new("half", 0.5)];
    meter.u64_counter("written.calls").with_unit("{call}").with_description("Calls.").build().add(3, &labels);
    meter.i64_up_down_counter("written.level").build().add(-4, &[KeyValue::new("yes", true)]);
    meter.f64_gauge("written.ratio").with_unit("1").build().record(1.0 / 3.0, &[]);
    let sizes = meter.f64_histogram("written.size").with_unit("By").with_boundaries(vec![0.5, 1.0]).build();
    sizes.record(0.75, &labels);
    write_down();
}

fn start(file: OtlpFile, endpoint: &str) -> Telemetry {
    phoenix_otel::builder("writer")
        .environment([("OTEL_METRIC_EXPORT_INTERVAL", "3600000"), ("OTEL_TRACES_SAMPLER", "always_on")])
        .exporter(Otlp::new().endpoint(endpoint))
        .exporter(file)
        .init()
        .unwrap()
}

/// Returns the metrics of a request by name, without timestamps, which differ between exporters.
fn recorded(request: &ExportMetricsServiceRequest) -> Vec<Metric> {
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| &scope.metrics);
    let ours = metrics
        .filter(|metric| metric.name.starts_with("written.") || metric.name == "phoenix.writer.request.duration");
    let mut metrics: Vec<Metric> = ours.cloned().collect();
    for metric in &mut metrics {
        match &mut metric.data {
            Some(Data::Gauge(gauge)) => gauge.data_points.iter_mut().for_each(|point| {
                (point.start_time_unix_nano, point.time_unix_nano) = (0, 0);
            }),
            Some(Data::Sum(sum)) => sum.data_points.iter_mut().for_each(|point| {
                (point.start_time_unix_nano, point.time_unix_nano) = (0, 0);
            }),
            Some(Data::Histogram(histogram)) => {
                // The SDK does not order series.
                histogram.data_points.sort_by_key(|point| format!("{:?}", point.attributes));
                histogram.data_points.iter_mut().for_each(|point| {
                    (point.start_time_unix_nano, point.time_unix_nano) = (0, 0);
                });
            }
            other => panic!("{other:?}"),
        }
    }
    metrics.sort_by(|a, b| a.name.cmp(&b.name));
    metrics
}

#[test]
fn a_line_of_the_file_equals_the_exported_request() {
    phoenix_otel_tests::isolated!();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let sink = Sink::http(None, &[]);
    let telemetry = start(OtlpFile::new().path(&path), &format!("http://127.0.0.1:{}", sink.port()));
    record();
    telemetry.force_flush().into_result().unwrap();
    let sent = std::iter::from_fn(|| Some(sink.next())).find(|received| !received.request.resource_metrics.is_empty());
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<ExportMetricsServiceRequest> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    assert_eq!(lines.len(), 2, "one line for each export, the one at the start included");
    let written = recorded(&lines[1]);
    assert_eq!(written, recorded(&sent.unwrap().request));
    assert_eq!(written.len(), 5, "{written:?}");
    let Some(Data::Histogram(calls)) = &written[0].data else { panic!("{written:?}") };
    assert_eq!(calls.data_points.iter().map(|point| point.exemplars.len()).sum::<usize>(), 1);
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3, "the last export is at the shutdown");
}

#[test]
fn the_collector_reads_it() {
    phoenix_otel_tests::isolated!();
    let (reads, receives) = (Collector::scraped().start(), Collector::scraped().start());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let telemetry = start(OtlpFile::new().path(&path), &receives.otlp_http_url());
    record();
    telemetry.force_flush().into_result().unwrap();
    for line in std::fs::read_to_string(&path).unwrap().lines() {
        let line = serde_json::from_str(line).unwrap();
        // The collector's JSON receiver also reads files.
        otlp_json::send(&format!("{}/v1/metrics", reads.otlp_http_url()), &line);
    }
    wait_until("the same by both ways", || {
        let of = |collector: &Collector| {
            let url = format!("http://{}/metrics", collector.scrape_address());
            let samples = Samples::parse(&http::get(&url, &[])?.ok()?);
            let is_ours = |name: &str| name.starts_with("written_") || name.starts_with("phoenix_writer_request_");
            let mut lines: Vec<String> = samples
                .iter()
                .filter(|sample| is_ours(&sample.name))
                .map(|sample| format!("{}{:?} {}", sample.name, sample.labels, sample.value))
                .collect();
            lines.sort();
            Ok::<_, String>(lines)
        };
        let (read, received) = (of(&reads)?, of(&receives)?);
        if read.len() > 20 && read == received { Ok(()) } else { Err(format!("{read:#?}\n{received:#?}")) }
    });
    telemetry.shutdown().into_result().unwrap();
}

#[test]
fn standard_output_has_whole_lines() {
    if is_child() {
        let telemetry = phoenix_otel::init("writer").unwrap();
        record();
        telemetry.force_flush().into_result().unwrap();
        return telemetry.shutdown().into_result().unwrap();
    }
    let variables = [("OTEL_METRICS_EXPORTER", "otlp/stdout"), ("OTEL_METRIC_EXPORT_INTERVAL", "3600000")];
    let (stdout, _) = run(this_test!(), &variables);
    // The test harness does not end its own line before a test prints.
    let lines = stdout.lines().filter_map(|line| Some(&line[line.find("{\"resourceMetrics\"")?..]));
    let requests: Vec<ExportMetricsServiceRequest> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(requests.len(), 3, "at the start, at the flush and at the shutdown: {stdout}");
    assert_eq!(recorded(&requests[1]).len(), 5);
}

#[test]
fn a_write_error_is_reported_until_writing_works() {
    phoenix_otel_tests::isolated!();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later/metrics.jsonl");
    let telemetry = phoenix_otel::builder("writer")
        .environment([("OTEL_METRIC_EXPORT_INTERVAL", "3600000"), ("OTEL_TRACES_EXPORTER", "none")])
        .exporter(OtlpFile::new().name("file").path(&path))
        .init()
        .unwrap();
    record();
    let lost = telemetry.force_flush().into_result().unwrap_err().to_string();
    assert!(lost.contains("later/metrics.jsonl cannot be written"), "{lost}");
    assert!(telemetry.health().to_string().contains("file: failing"), "{}", telemetry.health());
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    telemetry.force_flush().into_result().unwrap();
    assert!(telemetry.health().to_string().contains("file: ok"), "{}", telemetry.health());
    telemetry.shutdown().into_result().unwrap();
}

/// As a daemon does after `init`.
#[test]
fn a_relative_path_names_the_same_file_after_the_process_has_changed_its_folder() {
    if is_child() {
        let telemetry = phoenix_otel::builder("writer").exporter(OtlpFile::new().path("lines.jsonl")).init().unwrap();
        std::env::set_current_dir("/").unwrap();
        return telemetry.shutdown().into_result().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let status = command(this_test!(), &[]).current_dir(folder.path()).status().unwrap();
    assert!(status.success());
    assert!(folder.path().join("lines.jsonl").is_file());
}
