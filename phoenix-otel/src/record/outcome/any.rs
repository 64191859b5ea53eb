//! Judges a value whose type is a type parameter inside a `Result`. The expansion cannot dispatch on such a type statically, so the value
//! is downcast when the call ends. This needs `'static`, which the expansion has found in the function's bounds.

use std::any::Any;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use super::chain::{self, Classified};
use super::{Code, REJECTED, judge, name};
use crate::catalog::error_type::NamedError;
use crate::record::call::Verdict;

/// A value whose type is a type parameter bounded by `'static`.
pub struct AnyValue<'v, T>(pub &'v T);

/// An error whose type is a type parameter bounded by `'static`.
pub struct AnyFailure<'v, E>(pub &'v E);

judge! {
    /// Judges a value by downcasting it.
    JudgeAnyValue
}
judge! {
    /// Judges an error by downcasting it.
    JudgeAnyFailure
}

impl<'v, T: 'static> JudgeAnyValue<'v> for AnyValue<'v, T> {
    fn phoenix_is_failure(&self) -> bool {
        code(self.0).is_some_and(Code::is_fault)
    }

    fn phoenix_error_type(&self) -> &'v str {
        code(self.0).map_or(REJECTED, Code::code)
    }
}

impl<'v, E: 'static> JudgeAnyFailure<'v> for AnyFailure<'v, E> {
    fn phoenix_is_failure(&self) -> bool {
        classify(self.0).is_none_or(|held| held.is_failure())
    }

    fn phoenix_error_type(&self) -> &'v str {
        classify(self.0).map_or_else(|| name::of(self.0), |held| held.error_type())
    }
}

/// The classification of the error or of the error that it contains.
fn classify<E: 'static>(error: &E) -> Option<Classified<'_>> {
    let any: &dyn Any = error;
    if let Some(code) = code(error) {
        return Some(Classified::Code(code));
    }
    if let Some(seen) = NamedError::classify(any) {
        return Some(Classified::Named(seen));
    }
    if let Some(held) = any.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return chain::classify(&**held);
    }
    any.downcast_ref::<Box<dyn Error>>().and_then(|held| chain::classify(&**held))
}

fn code<T: 'static>(value: &T) -> Option<&dyn Code> {
    let value: &dyn Any = value;
    #[cfg(feature = "http")]
    if let Some(code) = downcast::<http::StatusCode>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "grpc", not(target_family = "wasm")))]
    if let Some(code) = downcast::<tonic::Status>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
    if let Some(code) = downcast::<actix_web::http::StatusCode>(value) {
        return Some(code);
    }
    #[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
    if let Some(code) = downcast::<actix_web::Error>(value) {
        return Some(code);
    }
    let _ = value;
    None
}

/// Downcasts the value to this type, or to a smart pointer of it.
#[allow(dead_code, reason = "used for codes of optional crates")]
fn downcast<T: 'static>(value: &dyn Any) -> Option<&T> {
    let in_box = || value.downcast_ref::<Box<T>>().map(|held| &**held);
    let in_arc = || value.downcast_ref::<Arc<T>>().map(|held| &**held);
    let in_rc = || value.downcast_ref::<Rc<T>>().map(|held| &**held);
    value.downcast_ref().or_else(in_box).or_else(in_arc).or_else(in_rc)
}
