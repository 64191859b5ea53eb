//! Stub without SIGHUP.

use std::sync::Arc;

use super::{Parts, Reloader};

/// No-op: in this build the builder has no `reload_on_sighup`.
pub(super) fn reload_at(_: &Arc<Reloader>, _: &Parts) {}

/// No-op, as `reload_at`.
pub(super) fn ignore() {}
