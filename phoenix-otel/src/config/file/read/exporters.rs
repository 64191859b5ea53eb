//! The exporters of metrics.

use super::super::check::integer;
use super::{At, FileExporter, Reader};
use crate::config::PemPath;
use crate::config::endpoint::Url;
use crate::config::model::{
    Compression, Headers, HistogramAggregation, Protocol, PushOverrides, TemporalityPreference,
};
use crate::config::problem::Problem;
use crate::config::setting::Places;
use crate::config::{headers, options, pairs};
use std::path::PathBuf;

impl Reader<'_> {
    pub(super) fn push_exporter(
        &mut self,
        reader: &At<'_>,
        exporter: &At<'_>,
        push: PushOverrides,
    ) -> Option<FileExporter> {
        let (name, at) = exporter.choice()?;
        let mut places = Places::default();
        self.note(reader, &mut places, &[("interval", "interval"), ("timeout", "export_timeout")]);
        Some(match name {
            "otlp_http" => FileExporter::Otlp(self.otlp(&at, Protocol::HttpProtobuf, push, places)),
            "otlp_grpc" => FileExporter::Otlp(self.otlp(&at, Protocol::Grpc, push, places)),
            "otlp_file/development" => FileExporter::OtlpFile(self.otlp_file(&at, push, places)?),
            "console" => {
                self.histogram_aggregation(&at);
                if self.temporality(&at).is_some_and(|temporality| temporality != TemporalityPreference::Cumulative) {
                    let at = at.get("temporality_preference")?;
                    self.unsupported(&at, "the console exporter shows cumulative values only");
                }
                FileExporter::Console(options::Console { push, places, ..options::Console::new() })
            }
            other => FileExporter::Registered { name: other.to_owned(), node: self.node(&at), push, is_pulled: false },
        })
    }

    pub(super) fn pull_exporter(&mut self, exporter: &At<'_>) -> Option<FileExporter> {
        let (name, at) = exporter.choice()?;
        if name != "prometheus/development" {
            let push = PushOverrides::default();
            let node = self.node(&at);
            return Some(FileExporter::Registered { name: name.to_owned(), node, push, is_pulled: true });
        }
        let mut places = Places::default();
        self.note(&at, &mut places, &[("host", "host"), ("port", "port"), ("translation_strategy", "translation")]);
        if let Some(off) = at.get("target_info_enabled/development").filter(|at| at.node.as_bool() == Some(false)) {
            self.unsupported(&off, "phoenix-otel always exports target_info");
        }
        let mut options = options::Prometheus {
            host: at.text("host"),
            translation: at.word("translation_strategy", &options::Translation::ALL),
            places,
            ..options::Prometheus::new()
        };
        if let Some(port) = at.get("port") {
            match integer(port.node).and_then(|port| u16::try_from(port).ok()) {
                Some(number) => options.port = Some(number),
                None => self.invalid(&port, "a port number from 0 to 65535; 0 selects a free port"),
            }
        }
        Some(FileExporter::Prometheus(options))
    }

    pub(super) fn temporality(&mut self, at: &At<'_>) -> Option<TemporalityPreference> {
        at.word("temporality_preference", &TemporalityPreference::ALL)
    }

    /// All exporters have the same aggregation, because they share one provider.
    pub(super) fn histogram_aggregation(&mut self, at: &At<'_>) {
        const KEY: &str = "default_histogram_aggregation";
        let Some(word) = at.word(KEY, &HistogramAggregation::ALL) else { return };
        match self.aggregation {
            None => {
                self.aggregation = Some(word);
                // The other one is the default.
                if word == HistogramAggregation::Base2Exponential {
                    self.set_place(at, KEY, "histogram_aggregation");
                    self.config.overrides.histogram_aggregation = Some(word);
                }
            }
            Some(first) if first != word => {
                if let Some(at) = at.get(KEY) {
                    let why = "all exporters of phoenix-otel have the same default; the default of the first exporter is used";
                    self.unsupported(&at, why);
                }
            }
            Some(_) => {}
        }
    }

    pub(super) fn otlp(
        &mut self,
        at: &At<'_>,
        protocol: Protocol,
        push: PushOverrides,
        mut places: Places,
    ) -> options::Otlp {
        self.note(
            at,
            &mut places,
            &[
                ("endpoint", "endpoint"),
                ("compression", "compression"),
                ("timeout", "timeout"),
                ("temporality_preference", "temporality"),
                ("headers_list", "header"),
                ("headers", "header"),
            ],
        );
        places.set("protocol", self.place(at));
        self.histogram_aggregation(at);
        let mut options = options::Otlp {
            endpoint: at.text("endpoint").map(Url::new),
            endpoint_is_whole: true,
            protocol: Some(protocol),
            headers: self.headers(at),
            timeout: at.limit("timeout"),
            temporality: self.temporality(at),
            push,
            ..options::Otlp::new()
        };
        if let Some(compression) = at.get("compression") {
            match compression.node.as_str() {
                Some("gzip") => options.compression = Some(Compression::Gzip),
                Some("none") | None => options.compression = Some(Compression::None),
                Some(_) => self.invalid(&compression, "gzip, none"),
            }
        }
        if let Some(encoding) = at.get("encoding").filter(|encoding| encoding.node.as_str() == Some("json")) {
            self.unsupported(&encoding, "phoenix-otel sends protobuf");
        }
        if let Some(tls) = at.get("tls") {
            self.note(
                &tls,
                &mut places,
                &[
                    ("ca_file", "certificate"),
                    ("key_file", "client_certificate"),
                    ("cert_file", "client_certificate"),
                    ("insecure", "insecure"),
                ],
            );
            options.insecure = tls.boolean("insecure");
            options.certificate = self.pem(&tls, "ca_file");
            options.client_certificate = self.pem(&tls, "cert_file");
            options.client_key = self.pem(&tls, "key_file");
        }
        options.places = places;
        options
    }

    /// The path of a file with a certificate or a key. The schema requires an absolute one.
    pub(super) fn pem(&mut self, tls: &At<'_>, key: &str) -> Option<PemPath> {
        let at = tls.get(key)?;
        let path = PemPath::new(at.node.as_str()?);
        if !path.is_absolute() {
            let problem = path.problem(&self.place(&at), "an absolute path");
            self.report.problems.push(problem);
        }
        Some(path)
    }

    /// The headers of both keys. Those of `headers` take precedence.
    pub(super) fn headers(&mut self, at: &At<'_>) -> Option<Headers> {
        let mut headers = Vec::new();
        if let Some(list) = at.get("headers_list") {
            for (place, pair) in pairs::parse(list.node.as_str().unwrap_or_default()) {
                match pair {
                    Ok((key, value)) => headers.push((key.to_ascii_lowercase(), value)),
                    Err(bad) => {
                        let allowed = format!("{}; item {place} is invalid: {}", headers::ALLOWED, bad.why);
                        let problem = Problem::secret(&self.place(&list), allowed);
                        self.report.problems.push(problem);
                    }
                }
            }
        }
        for item in at.get("headers").map(|list| list.items()).unwrap_or_default() {
            if let (Some(name), Some(value)) = (item.text("name"), item.text("value")) {
                headers.push((name.to_ascii_lowercase(), value));
            }
        }
        (!headers.is_empty()).then(|| Headers(pairs::unique(headers)))
    }

    pub(super) fn otlp_file(
        &mut self,
        at: &At<'_>,
        push: PushOverrides,
        mut places: Places,
    ) -> Option<options::OtlpFile> {
        self.note(at, &mut places, &[("output_stream", "path"), ("temporality_preference", "temporality")]);
        self.histogram_aggregation(at);
        let mut options =
            options::OtlpFile { temporality: self.temporality(at), push, places, ..options::OtlpFile::new() };
        if let Some(stream) = at.get("output_stream") {
            match stream.node.as_str() {
                Some("stdout") | None => {}
                Some(text) => match text.strip_prefix("file://").filter(|path| path.starts_with('/')) {
                    Some(path) => options.path = Some(PathBuf::from(path)),
                    None => {
                        self.invalid(&stream, "stdout, or a file such as file:///var/log/metrics.jsonl");
                        return None;
                    }
                },
            }
        }
        Some(options)
    }
}
