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
    use crate::record::grpc::status;

    impl Code for GrpcCode {
        fn is_fault(&self) -> bool {
            status::FAULTS.contains(&status::name(*self))
        }

        fn name(&self, verdict: &mut Verdict<'_>) {
            verdict.error(status::name(*self));
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
