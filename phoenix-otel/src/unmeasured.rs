//! Marks responses that are not traffic of the service.

/// A response extension that our endpoint sets. The HTTP layer does not count a request whose response has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unmeasured;
