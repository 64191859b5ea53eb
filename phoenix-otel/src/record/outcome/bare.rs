//! A type parameter inside a `Result`: the compiler knows nothing of it in the expansion, so it is looked at when the
//! call ends. That takes `'static`, which the expansion has read in the function's bounds.

use std::any::Any;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use super::through::{self, Held};
use super::{Code, REJECTED, judge, name};
use crate::catalog::error_type::NamedError;
use crate::record::call::Verdict;

/// A value whose type is a parameter bounded by `'static`.
pub struct SeenValue<'v, T>(pub &'v T);

/// An error whose type is a parameter bounded by `'static`.
pub struct SeenFailure<'v, E>(pub &'v E);

judge! {
    /// A value that is looked at.
    BareValue
}
judge! {
    /// An error that is looked at.
    BareFailure
}

impl<'v, T: 'static> BareValue<'v> for SeenValue<'v, T> {
    fn phoenix_is_failure(&self) -> bool {
        code(self.0).is_some_and(Code::is_fault)
    }

    fn phoenix_error_type(&self) -> &'v str {
        code(self.0).map_or(REJECTED, Code::code)
    }
}

impl<'v, E: 'static> BareFailure<'v> for SeenFailure<'v, E> {
    fn phoenix_is_failure(&self) -> bool {
        held(self.0).is_none_or(|held| held.is_failure())
    }

    fn phoenix_error_type(&self) -> &'v str {
        held(self.0).map_or_else(|| name::of(self.0), |held| held.error_type())
    }
}

/// What the error says of itself, or the one that it holds.
fn held<E: 'static>(error: &E) -> Option<Held<'_>> {
    let any: &dyn Any = error;
    if let Some(code) = code(error) {
        return Some(Held::Code(code));
    }
    if let Some(seen) = NamedError::see(any) {
        return Some(Held::Named(seen));
    }
    if let Some(held) = any.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return through::held(&**held);
    }
    any.downcast_ref::<Box<dyn Error>>().and_then(|held| through::held(&**held))
}

fn code<T: 'static>(value: &T) -> Option<&dyn Code> {
    let value: &dyn Any = value;
    #[cfg(feature = "http")]
    if let Some(code) = behind::<http::StatusCode>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "grpc", not(target_family = "wasm")))]
    if let Some(code) = behind::<tonic::Status>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
    if let Some(code) = behind::<actix_web::http::StatusCode>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
    if let Some(code) = behind::<actix_web::Error>(value) {
        return Some(code);
    }
    let _ = value;
    None
}

/// The value as this type, or what a smart pointer of it holds.
#[allow(dead_code, reason = "for codes of crates that may not be built in")]
fn behind<T: 'static>(value: &dyn Any) -> Option<&T> {
    let in_box = || value.downcast_ref::<Box<T>>().map(|held| &**held);
    let in_arc = || value.downcast_ref::<Arc<T>>().map(|held| &**held);
    let in_rc = || value.downcast_ref::<Rc<T>>().map(|held| &**held);
    value.downcast_ref().or_else(in_box).or_else(in_arc).or_else(in_rc)
}
