//! Errors whose type is a type parameter or an associated type of the surrounding block: they compile, and the known kinds exist at 0.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(dead_code, clippy::unused_self)]

use std::fmt::Debug;
use std::sync::Arc;

use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::{Samples, block_on, counted, start};

#[derive(Clone, Debug, ErrorType)]
pub(crate) enum PlanError {
    NoBudget,
    Denied,
}

/// Short, and all capitals.
#[derive(Clone, Debug, ErrorType)]
enum E {
    Short,
}

#[derive(Debug)]
struct Bounded<T: Debug>(T);

/// Has a bound on its parameter that the placeholder does not satisfy.
#[derive(ErrorType)]
enum BackendError<B: Backend> {
    Late,
    #[allow(dead_code)]
    Of(B::Error),
}

#[derive(Debug)]
struct Buffer<const SIZE: usize>;

type PlanResult<T = ()> = Result<T, PlanError>;
type Planned = PlanResult<u32>;

trait Backend {
    type Error: Clone;

    fn error(&self) -> Self::Error;
}

struct Memory;

impl Backend for Memory {
    type Error = PlanError;

    fn error(&self) -> PlanError {
        PlanError::Denied
    }
}

struct Service<StoreBackend, Failure, const LIMIT: usize> {
    backend: StoreBackend,
    failure: Failure,
}

/// The attribute is on the method and does not see the block.
impl<StoreBackend: Backend, Failure: Clone, const LIMIT: usize> Service<StoreBackend, Failure, LIMIT> {
    #[instrument_metrics]
    fn unseen_associated(&self) -> Result<u32, StoreBackend::Error> {
        Err(self.backend.error())
    }

    #[instrument_metrics]
    async fn unseen_qualified(&self) -> Result<u32, <StoreBackend as Backend>::Error> {
        Err(self.backend.error())
    }

    #[instrument_metrics]
    fn unseen_parameter(&self) -> Result<u32, Failure> {
        Err(self.failure.clone())
    }

    #[instrument_metrics]
    fn unseen_without_self(failure: Failure) -> Result<Self, Box<Failure>> {
        Err(Box::new(failure))
    }

    #[instrument_metrics]
    fn unseen_in_others(&self) -> Result<u32, Bounded<Arc<[u8; LIMIT]>>> {
        Err(Bounded(Arc::new([0; LIMIT])))
    }

    #[instrument_metrics]
    fn unseen_in_bounded(&self) -> Result<u32, BackendError<StoreBackend>> {
        Err(BackendError::Late)
    }

    #[instrument_metrics]
    fn unseen_length(&self) -> Result<u32, [u8; LIMIT]> {
        Err([0; LIMIT])
    }

    #[instrument_metrics]
    fn unseen_length_without_self() -> Result<u32, Box<[[u8; LIMIT]; 1]>> {
        Err(Box::new([[0; LIMIT]]))
    }

    #[instrument_metrics]
    fn unseen_length_as_block(&self) -> Result<u32, (Buffer<LIMIT>, Buffer<{ LIMIT }>)> {
        Err((Buffer, Buffer))
    }

    #[instrument_metrics]
    fn unseen_itself(&self) -> Failure {
        self.failure.clone()
    }

    #[instrument_metrics]
    fn seen_plain(&self) -> Result<Failure, PlanError> {
        Err(PlanError::NoBudget)
    }

    #[instrument_metrics]
    async fn seen_shared(&self) -> Result<&Failure, Arc<PlanError>> {
        Err(Arc::new(PlanError::NoBudget))
    }

    #[instrument_metrics]
    fn seen_by_alias(&self) -> PlanResult<&Failure> {
        Err(PlanError::NoBudget)
    }

    #[instrument_metrics]
    fn seen_by_name(&self) -> Planned {
        Err(PlanError::NoBudget)
    }

    #[instrument_metrics]
    fn seen_by_path(&self) -> Result<u32, crate::type_parameters::PlanError> {
        Err(PlanError::NoBudget)
    }

    #[instrument_metrics]
    fn seen_short(&self) -> Result<u32, E> {
        Err(E::Short)
    }

    #[instrument_metrics]
    fn seen_text(&self) -> Result<u32, String> {
        Err(String::new())
    }
}

/// In a free function, a name is a type.
#[instrument_metrics]
fn seen_in_bounded() -> Result<u32, BackendError<Memory>> {
    Err(BackendError::Late)
}

/// A type parameter of a trait.
trait Store<Failure> {
    fn failure(&self) -> Failure;

    #[instrument_metrics]
    fn unseen_of_trait(&self) -> Result<u32, Failure> {
        Err(self.failure())
    }

    #[instrument_metrics]
    async fn unseen_of_trait_later(&self) -> Result<Failure, Failure> {
        Err(self.failure())
    }
}

impl Store<PlanError> for Memory {
    fn failure(&self) -> PlanError {
        PlanError::Denied
    }
}

trait Extract: Sized {
    type Rejection;
    type Rejected;

    fn seen_rejection(text: &str) -> Result<Self, Self::Rejection>;
    fn seen_qualified(text: &str) -> Self::Rejected;
}

#[derive(Debug)]
struct Body;

/// The attribute is on the block and sees the definitions.
#[instrument_metrics]
impl Extract for Body {
    type Rejection = Box<PlanError>;
    type Rejected = Result<u32, <Self as Extract>::Rejection>;

    fn seen_rejection(text: &str) -> Result<Self, Self::Rejection> {
        if text.is_empty() { Err(Box::new(PlanError::NoBudget)) } else { Ok(Self) }
    }

    fn seen_qualified(text: &str) -> Self::Rejected {
        if text.is_empty() { Err(Box::new(PlanError::NoBudget)) } else { Ok(1) }
    }
}

#[instrument_metrics]
impl PlanError {
    fn seen_self(self) -> Result<(), Self> {
        Err(self)
    }
}

fn kinds(method: &str) -> Vec<String> {
    let samples = Samples::of(start());
    let of_method = samples.all("phoenix_calls_errors_total", &[]).filter(|sample| sample.labels["method"] == method);
    let mut kinds: Vec<String> = of_method.map(|sample| sample.labels["error_type"].clone()).collect();
    kinds.sort();
    kinds
}

pub(crate) fn main() {
    start();
    for method in [
        "seen_plain",
        "seen_shared",
        "seen_by_alias",
        "seen_by_name",
        "seen_by_path",
        "seen_rejection",
        "seen_qualified",
        "seen_self",
    ] {
        assert_eq!(kinds(method), ["denied", "no_budget"], "{method}");
    }
    assert_eq!(kinds("seen_short"), ["short"]);
    assert_eq!(kinds("seen_in_bounded"), ["late", "of"]);
    for method in [
        "unseen_associated",
        "unseen_qualified",
        "unseen_parameter",
        "unseen_without_self",
        "unseen_in_others",
        "unseen_in_bounded",
        "unseen_length",
        "unseen_length_without_self",
        "unseen_length_as_block",
        "unseen_itself",
        "unseen_of_trait",
        "unseen_of_trait_later",
        "seen_text",
    ] {
        assert_eq!(kinds(method), Vec::<String>::new(), "{method}");
    }

    let service = Service::<_, _, 2> { backend: Memory, failure: PlanError::NoBudget };
    assert!(service.unseen_associated().is_err() && service.unseen_parameter().is_err());
    assert!(Service::<Memory, _, 2>::unseen_without_self(PlanError::Denied).is_err());
    assert!(service.unseen_in_others().is_err() && service.unseen_in_bounded().is_err());
    assert!(seen_in_bounded().is_err());
    assert!(service.unseen_length().is_err() && service.unseen_length_as_block().is_err());
    assert!(Service::<Memory, PlanError, 2>::unseen_length_without_self().is_err());
    let _ = service.unseen_itself();
    let _ = (service.seen_plain(), service.seen_by_alias(), service.seen_by_name(), service.seen_by_path());
    let _ = (service.seen_short(), service.seen_text(), Memory.unseen_of_trait());
    let _ = (Body::seen_rejection(""), Body::seen_qualified(""), PlanError::Denied.seen_self());
    block_on(async {
        let _ = (service.unseen_qualified().await, service.seen_shared().await, Memory.unseen_of_trait_later().await);
    });
    // For a type parameter that may borrow, only the type name is known.
    for (method, counts) in [
        ("unseen_associated", "error 1 [plan_error 1]"),
        ("unseen_qualified", "error 1 [plan_error 1]"),
        ("unseen_parameter", "error 1 [plan_error 1]"),
        ("unseen_without_self", "error 1 [plan_error 1]"),
        ("unseen_in_others", "error 1 [bounded 1]"),
        ("unseen_in_bounded", "error 1 [late 1]"),
        ("unseen_itself", "ok 1"),
        ("seen_plain", "error 1 [no_budget 1]"),
        ("seen_shared", "error 1 [no_budget 1]"),
        ("seen_short", "error 1 [short 1]"),
        ("seen_text", "error 1 [string 1]"),
        ("unseen_of_trait", "error 1 [plan_error 1]"),
        ("unseen_of_trait_later", "error 1 [plan_error 1]"),
        ("seen_rejection", "error 1 [no_budget 1]"),
        ("seen_qualified", "error 1 [no_budget 1]"),
        ("seen_self", "error 1 [denied 1]"),
    ] {
        assert_eq!(counted(method), counts, "{method}");
    }
}
