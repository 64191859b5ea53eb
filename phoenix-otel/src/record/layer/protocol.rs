//! What tells the four layers apart.

use std::fmt::Debug;
use std::sync::Arc;

use http::HeaderMap;
use http::request::Parts;
use opentelemetry::Context;

use super::{Call, Options, ResponseBody};
use crate::record::edge::Received;

/// A protocol and a side of it. There are four, and no other can be made: see the [module](super).
pub trait Protocol: Clone + Debug + Send + Sync + Sized + 'static {
    /// The options that this layer has alone.
    #[doc(hidden)]
    type Options: Clone + Debug + Default + Send + Sync;

    /// A call as it is classified and recorded.
    #[doc(hidden)]
    type Call: Call<Protocol = Self>;

    /// What is skipped unless an option says otherwise.
    #[doc(hidden)]
    const SKIPPED: &'static [&'static str] = &[];

    /// Is called where a layer is built.
    #[doc(hidden)]
    fn built() {}

    /// Is called where a service is put within a layer, whose options are all set then.
    #[doc(hidden)]
    fn layered(_: &Options<Self>) {}

    /// Is called for a request that is skipped.
    #[doc(hidden)]
    fn skipped(_: &mut Parts) {}

    /// Reads the trace context from a request's headers, or writes it into them. What is returned is current while the request is answered.
    #[doc(hidden)]
    fn propagate(headers: &mut HeaderMap) -> Option<Context>;
}

/// The side that answers.
pub trait ServerSide: Protocol {}

/// A protocol whose layer takes requests with the body `B`.
pub trait Requests<B>: Protocol {
    /// The body that the service within the layer gets.
    type RequestBody;

    /// Hands a body on. What is read of it is counted in `received`.
    #[doc(hidden)]
    fn request_body(body: B, received: Option<Arc<Received>>) -> Self::RequestBody;
}

/// A protocol whose layer takes services that answer with the body `B`, or return the error `E`.
pub trait Responses<B, E>: Protocol {
    /// The body that the layer's own service answers with.
    type ResponseBody;

    /// The error that it returns.
    type Error: 'static;

    /// Hands a measured body on.
    #[doc(hidden)]
    fn response_body(body: ResponseBody<B, Self>) -> Self::ResponseBody;

    /// Hands an error on.
    #[doc(hidden)]
    fn error(error: E) -> Self::Error;
}
