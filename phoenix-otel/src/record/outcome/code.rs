//! Values that carry a status of HTTP or gRPC.

use crate::record::call::Verdict;

/// A value that carries a status, and so knows whether it is the server's fault.
pub trait Code {
    /// Whether it is the server's fault.
    fn is_fault(&self) -> bool;

    /// Counts the call as failed, by the code.
    fn name(&self, verdict: &mut Verdict<'_>);
}

#[cfg(feature = "http")]
mod http {
    use ::http::{Response, StatusCode};

    use super::{Code, Verdict};

    impl Code for StatusCode {
        fn is_fault(&self) -> bool {
            self.is_server_error()
        }

        fn name(&self, verdict: &mut Verdict<'_>) {
            verdict.error(self.as_str());
        }
    }

    /// What carries the status in a place of its own.
    macro_rules! carries {
        ($([$($generics:ident)*] $carrier:ty, $status:ident = $at:expr;)*) => {$(
            impl<$($generics),*> Code for $carrier {
                fn is_fault(&self) -> bool {
                    let $status = self;
                    Code::is_fault(&$at)
                }

                fn name(&self, verdict: &mut Verdict<'_>) {
                    let $status = self;
                    Code::name(&$at, verdict);
                }
            }
        )*};
    }

    carries! {
        [B] Response<B>, response = response.status();
        [T] (StatusCode, T), parts = parts.0;
        [H T] (StatusCode, H, T), parts = parts.0;
    }
}

#[cfg(feature = "grpc")]
mod grpc {
    use tonic::{Code as GrpcCode, Status};

    use super::{Code, Verdict};

    impl Code for GrpcCode {
        fn is_fault(&self) -> bool {
            matches!(
                self,
                Self::Unknown
                    | Self::DeadlineExceeded
                    | Self::Unimplemented
                    | Self::Internal
                    | Self::Unavailable
                    | Self::DataLoss
            )
        }

        fn name(&self, verdict: &mut Verdict<'_>) {
            verdict.error(match self {
                Self::Ok => "OK",
                Self::Cancelled => "CANCELLED",
                Self::Unknown => "UNKNOWN",
                Self::InvalidArgument => "INVALID_ARGUMENT",
                Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
                Self::NotFound => "NOT_FOUND",
                Self::AlreadyExists => "ALREADY_EXISTS",
                Self::PermissionDenied => "PERMISSION_DENIED",
                Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
                Self::FailedPrecondition => "FAILED_PRECONDITION",
                Self::Aborted => "ABORTED",
                Self::OutOfRange => "OUT_OF_RANGE",
                Self::Unimplemented => "UNIMPLEMENTED",
                Self::Internal => "INTERNAL",
                Self::Unavailable => "UNAVAILABLE",
                Self::DataLoss => "DATA_LOSS",
                Self::Unauthenticated => "UNAUTHENTICATED",
            });
        }
    }

    impl Code for Status {
        fn is_fault(&self) -> bool {
            self.code().is_fault()
        }

        fn name(&self, verdict: &mut Verdict<'_>) {
            self.code().name(verdict);
        }
    }
}

impl<C: Code + ?Sized> Code for Box<C> {
    fn is_fault(&self) -> bool {
        C::is_fault(self)
    }

    fn name(&self, verdict: &mut Verdict<'_>) {
        C::name(self, verdict);
    }
}
