//! The differences between the four layers.

use std::fmt::Debug;
use std::sync::Arc;

use http::HeaderMap;
use http::request::Parts;
use opentelemetry::Context;

use super::{Call, Options, ResponseBody};
use crate::record::edge::RequestState;

/// A protocol and its side, client or server. There are four, and other crates cannot add one: see the [module](super).
pub trait Protocol: Clone + Debug + Send + Sync + Sized + 'static {
    /// The options that only this layer has.
    #[doc(hidden)]
    type Options: Clone + Debug + Default + Send + Sync;

    /// Classifies and records a call.
    #[doc(hidden)]
    type Call: Call<Protocol = Self>;

    /// The names that are skipped by default.
    #[doc(hidden)]
    const DEFAULT_SKIPPED: &'static [&'static str] = &[];

    /// Called when a layer is built.
    #[doc(hidden)]
    fn on_layer_built() {}

    /// Called when a layer wraps a service. All options are set by then.
    #[doc(hidden)]
    fn on_wrap(_: &Options<Self>) {}

    /// Called for a skipped request.
    #[doc(hidden)]
    fn on_skip(_: &mut Parts) {}

    /// Reads the trace context from a request's headers (server), or writes it into them (client). The returned context is current while
    /// the request is handled.
    #[doc(hidden)]
    fn propagate(headers: &mut HeaderMap) -> Option<Context>;
}

/// The server side.
pub trait ServerSide: Protocol {}

/// A protocol whose layer accepts requests with the body `B`.
pub trait Requests<B>: Protocol {
    /// The body that the inner service receives.
    type RequestBody;

    /// Wraps the body to count in `received` what is read.
    #[doc(hidden)]
    fn request_body(body: B, received: Option<Arc<RequestState>>) -> Self::RequestBody;
}

/// A protocol whose layer accepts services that respond with the body `B` or return the error `E`.
pub trait Responses<B, E>: Protocol {
    /// The body of the wrapped service's responses.
    type ResponseBody;

    /// The error of the wrapped service.
    type Error: 'static;

    /// Converts a measured body.
    #[doc(hidden)]
    fn response_body(body: ResponseBody<B, Self>) -> Self::ResponseBody;

    /// Converts an error.
    #[doc(hidden)]
    fn error(error: E) -> Self::Error;
}
