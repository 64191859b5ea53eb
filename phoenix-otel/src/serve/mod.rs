//! The scrape endpoint: a `tower` service, and a listener that serves it.
//!
//! [`Endpoint`] serves `/metrics`, `/healthz` and the live page, and can be mounted in the service's own router. [`Listener`] binds an
//! address and serves an `Endpoint` over HTTP/1.1 within [`Limits`], so that a slow or broken client does not delay other clients.

mod accept;
#[cfg_attr(not(feature = "web-config"), path = "access/off.rs")]
mod access;
mod collections;
mod connection;
mod connections;
mod endpoint;
mod exporter;
mod head;
mod hosts;
mod inherited;
mod limits;
mod listener;
mod mounted;
mod response;
mod socket;
mod timed_io;

use access::Access;
pub use endpoint::Endpoint;
#[cfg(test)]
use endpoint::Source;
use endpoint::{Health, Paths};
pub(crate) use limits::Limits;
pub(crate) use listener::Listener;
pub(crate) use mounted::MountedEndpoint;

#[cfg(test)]
mod tests;
