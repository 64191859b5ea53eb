//! Stub without TLS.

use crate::config::{Otlp, Problem, Problems};
use tonic::transport::{Endpoint, Error};

/// Unreachable: the configuration has already rejected `https`.
pub(super) fn secured(_: Endpoint, config: &Otlp) -> Result<Result<Endpoint, Error>, Problems> {
    Err(Problem::new(
        &config.endpoint_setting,
        config.endpoint.to_string(),
        "an endpoint without TLS, because no TLS feature is on",
    )
    .into())
}
