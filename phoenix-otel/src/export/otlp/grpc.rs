//! OTLP by gRPC, over tonic.

use super::{is_https, refused, temporality, tls};
use crate::config::{Compression, Otlp, Problem, Problems};
use opentelemetry_otlp::{MetricExporter, WithExportConfig, WithTonicConfig};
use rustls::RootCertStore;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use tonic::{Request, Status};

/// A channel that connects when it is first used, so that a receiver which is not there yet stops nothing.
pub(super) fn build(config: &Otlp) -> Result<MetricExporter, Problems> {
    let builder = MetricExporter::builder().with_tonic().with_temporality(temporality(config));
    Ok(configure(builder, config)?.build().map_err(|error| refused(config, &error))?)
}

#[cfg(feature = "tracing")]
pub(super) fn build_spans(config: &Otlp) -> Result<opentelemetry_otlp::SpanExporter, Problems> {
    let builder = opentelemetry_otlp::SpanExporter::builder().with_tonic();
    Ok(configure(builder, config)?.build().map_err(|error| refused(config, &error))?)
}

/// The same for every signal.
fn configure<B: WithExportConfig + WithTonicConfig>(builder: B, config: &Otlp) -> Result<B, Problems> {
    let mut builder =
        builder.with_endpoint(&config.endpoint).with_timeout(config.timeout).with_interceptor(only(metadata(config)?));
    if config.compression == Compression::Gzip {
        builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
    }
    if is_https(config) {
        builder = builder.with_tls_config(tls_config(config)?);
    }
    Ok(builder)
}

fn tls_config(config: &Otlp) -> Result<ClientTlsConfig, Problems> {
    let material = tls::load(config)?;
    let mut tls = match &material.authorities {
        Some(authorities) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&authorities.pem)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let Some(client) = &material.client {
        tls = tls.identity(Identity::from_pem(&client.certificate_pem, &client.key_pem));
    }
    // tonic would build the same; it is built here so that a wrong key is reported by its setting.
    tls::client_config(config, RootCertStore::empty(), material.client)?;
    Ok(tls)
}

fn metadata(config: &Otlp) -> Result<MetadataMap, Problem> {
    let mut metadata = MetadataMap::new();
    for (name, value) in &config.headers.0 {
        let pair = name.parse::<AsciiMetadataKey>().ok().zip(value.parse::<AsciiMetadataValue>().ok());
        let Some((name, value)) = pair else {
            return Err(Problem::secret("OTEL_EXPORTER_OTLP_HEADERS", "gRPC metadata keys and values"));
        };
        metadata.insert(name, value);
    }
    Ok(metadata)
}

/// Replaces what opentelemetry-otlp read from variables itself, since ours are already the merged ones.
fn only(metadata: MetadataMap) -> impl FnMut(Request<()>) -> Result<Request<()>, Status> + Clone {
    move |mut request| {
        let mut ours = metadata.clone();
        if let (None, Some(agent)) = (ours.get("user-agent"), request.metadata().get("user-agent")) {
            ours.insert("user-agent", agent.clone());
        }
        *request.metadata_mut() = ours;
        Ok(request)
    }
}
