//! What a value says of the call, where a trait has to say it: for calls that are measured by hand.

#[cfg(any(feature = "http", all(feature = "grpc", not(target_family = "wasm"))))]
use super::Code;
use super::bare::{BareFailure, BareValue};
use super::{SeenFailure, SeenValue};
use crate::record::call::Verdict;

/// A value that says how the call ended which returned it.
///
/// `()` is a success and `None` a failure. An `Err` is a failure of the kind that its [`ErrorType`](crate::ErrorType) says, else of its type. A
/// status of HTTP or gRPC, returned or in an `Err`, is a failure where it is the server's fault.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether the call failed",
    note = "let the future end in `()`, an `Option`, a `Result` of types that borrow nothing, or a status: `async {{ … .await; }}` is a success"
)]
pub trait Outcome {
    /// Tells the verdict of a failure; says nothing of a success.
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
            Ok(value) => SeenValue(value).phoenix_judge(verdict),
            Err(error) => SeenFailure(error).phoenix_judge(verdict),
        }
    }
}

/// By the code that it carries.
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
