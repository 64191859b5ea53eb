//! Routes requests to the service that can answer them, by kind and language.

mod language;
mod targets;

use std::error::Error;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use phoenix_otel::http::MetricsLayer;
use phoenix_otel::platform::data_router::ROUTES;

use crate::api::{RouteReply, RouteRequest, refusal};
use crate::role::Addresses;
use language::{TextError, detect_language};
use targets::{RouteError, Targets, target};

pub(crate) fn routes(addresses: &Addresses) -> Result<Router, Box<dyn Error>> {
    let targets = Arc::new(Targets::new(addresses)?);
    Ok(Router::new().route("/route", post(route)).with_state(targets).layer(MetricsLayer::new().with_summary()))
}

async fn route(
    State(targets): State<Arc<Targets>>,
    Json(request): Json<RouteRequest>,
) -> Result<Json<RouteReply>, Refused> {
    let (RouteRequest::Search { text, .. } | RouteRequest::Remember { text, .. } | RouteRequest::Complete { text, .. }) =
        &request;
    let language = detect_language(text)?;
    let service = target(&request).service();
    ROUTES.add(1, ROUTES { service });
    let answer = targets.forward(request, language).await?;
    Ok(Json(RouteReply { service: service.to_owned(), language: language.to_owned(), answer }))
}

/// The errors of the router.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Route(#[from] RouteError),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Text(_) | Self::Route(RouteError::Invalid(_)) => StatusCode::BAD_REQUEST,
            Self::Route(RouteError::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Route(RouteError::Busy(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Route(RouteError::CircuitOpen | RouteError::Unreachable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Route(RouteError::Failed(_)) => StatusCode::BAD_GATEWAY,
        };
        refusal(status, &self)
    }
}
