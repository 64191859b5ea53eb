//! The outcome of a call that is measured without the attribute.

#[cfg(any(feature = "http", all(feature = "grpc", not(target_family = "wasm"))))]
use super::Code;
use super::any::{JudgeAnyFailure, JudgeAnyValue};
use super::{AnyFailure, AnyValue};
use crate::record::call::Verdict;

/// A returned value that decides the outcome of its call.
///
/// `()` is a success, and `None` is a failure. An `Err` is a failure. Its kind comes from its [`ErrorType`](crate::ErrorType), or else is the
/// name of its type. An HTTP or gRPC status, returned directly or in an `Err`, is a failure if the server is at fault.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `Outcome`, which decides whether the call failed",
    note = "the future must return `()`, an `Option`, a `Result` of types that borrow nothing, or a status; `async {{ … .await; }}` returns `()`, a success"
)]
pub trait Outcome {
    /// Calls [`Verdict::error`] for a failure, and nothing for a success.
    fn judge(&self, verdict: &mut Verdict<'_>);
}

impl Outcome for () {
    fn judge(&self, _: &mut Verdict<'_>) {}
}

impl<T> Outcome for Option<T> {
    fn judge(&self, verdict: &mut Verdict<'_>) {
        if self.is_none() {
            verdict.error("none");
        }
    }
}

impl<T: 'static, E: 'static> Outcome for Result<T, E> {
    fn judge(&self, verdict: &mut Verdict<'_>) {
        match self {
            Ok(value) => AnyValue(value).phoenix_judge(verdict),
            Err(error) => AnyFailure(error).phoenix_judge(verdict),
        }
    }
}

/// Implements [`Outcome`] by the value's code.
macro_rules! by_code {
    ($($(#[$feature:meta])* [$($generics:ident)*] $carrier:ty),* $(,)?) => {$(
        $(#[$feature])*
        impl<$($generics),*> Outcome for $carrier {
            fn judge(&self, verdict: &mut Verdict<'_>) {
                if Code::is_fault(self) {
                    verdict.error(Code::code(self));
                }
            }
        }
    )*};
}

by_code! {
    #[cfg(feature = "http")]
    [] http::StatusCode,
    #[cfg(feature = "http")]
    [B] http::Response<B>,
    #[cfg(all(feature = "grpc", not(target_family = "wasm")))]
    [] tonic::Status,
}
