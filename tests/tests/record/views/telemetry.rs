//! Our telemetry with views, scraped and pushed.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use phoenix_otel::{Builder, Otlp, Protocol, Telemetry, View};
use phoenix_otel_tests::otlp_sink::Sink;

use super::metrics::LAST;

/// A telemetry, and the sink that it pushes to.
pub(crate) struct Ours {
    pub(crate) telemetry: Telemetry,
    sink: Sink,
}

/// Returns a builder with these views.
pub(crate) fn builder(views: impl IntoIterator<Item = View>) -> Builder {
    let builder = phoenix_otel::builder("views").environment([("", ""); 0]).without_listener();
    views.into_iter().fold(builder.exporter("prometheus"), Builder::view)
}

impl Ours {
    pub(crate) fn start(views: impl IntoIterator<Item = View>) -> Self {
        Self::with(builder(views))
    }

    pub(crate) fn with(builder: Builder) -> Self {
        let sink = Sink::http(None, &[]);
        let builder = builder
            .exporter(
                Otlp::new().protocol(Protocol::HttpProtobuf).endpoint(format!("http://127.0.0.1:{}", sink.port())),
            )
            // Only the flush pushes.
            .interval(std::time::Duration::from_secs(3600));
        Self { telemetry: builder.init().expect("valid views"), sink }
    }

    pub(crate) fn exposition(&self) -> String {
        self.telemetry.exposition().expect("it is scraped")
    }

    /// Flushes, and returns the push.
    pub(crate) fn pushed(&self) -> ExportMetricsServiceRequest {
        LAST.add(1, ());
        self.telemetry.force_flush().into_result().expect("the sink accepts the push");
        loop {
            let received = self.sink.next();
            if received.sum("views.marker.last").is_some_and(|marks| marks > 0) {
                return received.request;
            }
        }
    }
}
