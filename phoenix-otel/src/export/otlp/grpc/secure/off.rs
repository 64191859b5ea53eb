//! What stands in for TLS where it is not built in.

use crate::config::{Otlp, Problem, Problems};
use tonic::transport::{Endpoint, Error};

/// No endpoint, which the configuration has refused before.
pub(super) fn secured(_: Endpoint, config: &Otlp) -> Result<Result<Endpoint, Error>, Problems> {
    Err(Problem::new(
        &config.endpoint_setting,
        config.endpoint.to_string(),
        "an endpoint without TLS, which was not built in",
    )
    .into())
}
