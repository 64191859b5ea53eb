//! The stub of scopes for builds without them. It compiles to nothing.

use std::sync::Arc;

use super::binding::Binding;
use super::slots::Slots;

#[cfg(feature = "http")]
pub(crate) use std::time::Instant as Moment;

/// An uninhabited type: there are no scopes.
pub(crate) enum Scoped {}

impl Scoped {
    pub(super) fn binding(&self) -> &Arc<Binding> {
        match *self {}
    }

    pub(super) fn number(&self) -> u64 {
        match *self {}
    }

    pub(super) fn at_end(&self, _: impl FnOnce() + Send + 'static) {
        match *self {}
    }

    pub(super) fn get<T>(&self, _: &'static Slots<T>, _: &dyn Fn(&Arc<Binding>) -> T) -> Option<&'static T> {
        match *self {}
    }
}

#[inline(always)]
pub(crate) fn current() -> Option<&'static Scoped> {
    None
}

#[inline(always)]
pub(crate) fn outside<T>(run: impl FnOnce() -> T) -> T {
    run()
}
