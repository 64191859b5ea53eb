//! A mark for answers that are no traffic of the service.

/// An extension of a response of ours. A layer for HTTP that finds it does not count the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unmeasured;
