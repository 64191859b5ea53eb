//! Values that contain an HTTP or gRPC status.

use std::rc::Rc;
use std::sync::Arc;

/// A value with a status, which determines whether the server is at fault.
pub trait Code {
    /// Whether the server is at fault.
    fn is_fault(&self) -> bool;

    /// The code, used as the label `error_type`.
    fn code(&self) -> &'static str;
}

macro_rules! forward_to_pointee {
    ($($holder:ty),*) => {$(
        impl<C: Code + ?Sized> Code for $holder {
            fn is_fault(&self) -> bool {
                C::is_fault(self)
            }

            fn code(&self) -> &'static str {
                C::code(self)
            }
        }
    )*};
}

forward_to_pointee!(&C, &mut C, Box<C>, Rc<C>, Arc<C>);

/// The status of an HTTP response of any crate.
#[derive(Clone, Copy)]
pub(super) struct HttpStatus(pub(super) u16);

/// The three digits of every code.
static DIGITS: [[u8; 3]; 1000] = {
    let mut digits = [[b'0'; 3]; 1000];
    let mut code = 0;
    while code < 1000 {
        digits[code] = [b'0' + (code / 100) as u8, b'0' + (code / 10 % 10) as u8, b'0' + (code % 10) as u8];
        code += 1;
    }
    digits
};

impl Code for HttpStatus {
    fn is_fault(&self) -> bool {
        (500..600).contains(&self.0)
    }

    fn code(&self) -> &'static str {
        let digits = DIGITS.get(usize::from(self.0)).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.unwrap_or("other")
    }
}

/// Implements [`Code`] for types with an HTTP status.
#[cfg(any(feature = "http", all(feature = "actix-web", not(target_family = "wasm"))))]
macro_rules! carries {
    ($([$($generics:tt)*] $carrier:ty, $carried:pat => $status:expr;)*) => {$(
        impl<$($generics)*> Code for $carrier {
            fn is_fault(&self) -> bool {
                let $carried = self;
                HttpStatus($status.as_u16()).is_fault()
            }

            fn code(&self) -> &'static str {
                let $carried = self;
                HttpStatus($status.as_u16()).code()
            }
        }
    )*};
}

#[cfg(feature = "http")]
mod http {
    use ::http::{Response, StatusCode};

    use super::{Code, HttpStatus};

    carries! {
        [] StatusCode, status => status;
        [B] Response<B>, response => response.status();
        [T] (StatusCode, T), (status, _) => status;
        [H, T] (StatusCode, H, T), (status, _, _) => status;
    }
}

#[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
mod actix_web {
    use std::fmt::{Debug, Display};

    use ::actix_web::dev::ServiceResponse;
    use ::actix_web::error::{
        BlockingError, ContentTypeError, InternalError, JsonPayloadError, ParseError, PathError, PayloadError,
        QueryPayloadError, ReadlinesError, UrlGenerationError, UrlencodedError,
    };
    use ::actix_web::http::StatusCode;
    use ::actix_web::{Error, HttpResponse, ResponseError};

    use super::{Code, HttpStatus};

    carries! {
        [] StatusCode, status => status;
        [B] HttpResponse<B>, response => response.status();
        [B] ServiceResponse<B>, response => response.status();
        [] Error, error => error.as_response_error().status_code();
        [T: Debug + Display] InternalError<T>, error => error.status_code();
        [] BlockingError, error => error.status_code();
        [] ContentTypeError, error => error.status_code();
        [] JsonPayloadError, error => error.status_code();
        [] ParseError, error => error.status_code();
        [] PathError, error => error.status_code();
        [] PayloadError, error => error.status_code();
        [] QueryPayloadError, error => error.status_code();
        [] ReadlinesError, error => error.status_code();
        [] UrlGenerationError, error => error.status_code();
        [] UrlencodedError, error => error.status_code();
    }
}

/// A pair of a body and a status, as in actix-web.
#[cfg_attr(not(feature = "actix-web"), allow(dead_code, reason = "only actix-web has such pairs"))]
pub(super) trait LastCode {
    fn last_code(&self) -> HttpStatus;
}

#[cfg(all(feature = "actix-web", not(target_family = "wasm")))]
impl<T> LastCode for (T, ::actix_web::http::StatusCode) {
    fn last_code(&self) -> HttpStatus {
        HttpStatus(self.1.as_u16())
    }
}

#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
mod grpc {
    use tonic::{Code as GrpcCode, Status};

    use super::Code;
    use crate::record::grpc::status;

    impl Code for GrpcCode {
        fn is_fault(&self) -> bool {
            status::FAULTS.contains(&status::name(*self))
        }

        fn code(&self) -> &'static str {
            status::name(*self)
        }
    }

    impl Code for Status {
        fn is_fault(&self) -> bool {
            self.code().is_fault()
        }

        fn code(&self) -> &'static str {
            Code::code(&self.code())
        }
    }
}
