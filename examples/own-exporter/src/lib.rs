//! An exporter for a backend without OTLP. It sends metrics in the Influx line protocol over HTTP. `docs/exporters.md` explains each part.
//!
//! [`InfluxExporter`] implements the SDK's `PushMetricExporter`: `line` encodes metrics, `exporter` sends them. [`provider`] creates one from
//! variables, so a deployment can choose it by name.

mod exporter;
mod line;
pub mod receiver;

use std::error::Error;

use phoenix_otel::{Component, ExporterSettings, PushExporter};

pub use exporter::InfluxExporter;

/// Creates the exporter from the variables `INFLUX_URL` and `INFLUX_TOKEN`. The token is optional.
///
/// ```no_run
/// // With OTEL_METRICS_EXPORTER=prometheus,influx.
/// let telemetry = phoenix_otel::builder("shop").exporter_provider("influx", example_own_exporter::provider).init()?;
/// # Ok::<(), phoenix_otel::InitError>(())
/// ```
///
/// # Errors
///
/// The URL is missing or invalid, or the token is invalid. If a variable chose the exporter, health shows it failing for that reason; if code chose
/// it, `init` fails.
pub fn provider(settings: &ExporterSettings) -> Result<Component, Box<dyn Error + Send + Sync>> {
    let url = settings.variable("INFLUX_URL");
    let url = url.ok_or("INFLUX_URL is not set: expected a URL such as http://127.0.0.1:8086/write?db=shop")?;
    let token = settings.variable("INFLUX_TOKEN");
    // Shorter than the export's timeout, so that the more precise error of the client comes first.
    let exporter = InfluxExporter::new(&url, token.as_deref(), settings.export_timeout() / 2)?;
    Ok(Component::push(PushExporter::new(exporter)))
}
