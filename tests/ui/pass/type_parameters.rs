//! Errors whose type is a type parameter or an associated type of the surrounding block: they compile, and the known kinds exist at 0.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, clippy::unused_self, clippy::unnecessary_wraps)]

use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, PoisonError};

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

type MemoryError = BackendError<Memory>;

/// The argument may be a type parameter: the attribute cannot tell a free function from one in a block. A type alias has no argument.
#[instrument_metrics]
fn unseen_argument() -> Result<u32, BackendError<Memory>> {
    Err(BackendError::Late)
}

#[instrument_metrics]
fn seen_alias_of_bounded() -> Result<u32, MemoryError> {
    Err(BackendError::Late)
}

/// Nothing in these signatures says that they are in a block or a trait.
#[derive(Debug)]
struct Apart<T>(T);

impl<Failure: Default + Clone> Apart<Failure> {
    #[instrument_metrics]
    fn unseen_apart() -> Result<u32, Bounded<Arc<Apart<Failure>>>>
    where
        Failure: Debug,
    {
        Err(Bounded(Arc::new(Apart(Failure::default()))))
    }

    #[instrument_metrics]
    fn unseen_apart_returned(_path: &str) -> Apart<Failure> {
        Apart(Failure::default())
    }

    #[instrument_metrics]
    fn unseen_apart_object() -> Result<u32, Box<dyn AsRef<Failure>>> {
        Ok(1)
    }

    #[instrument_metrics]
    fn unseen_apart_poisoned() -> Result<u32, PoisonError<Failure>> {
        Err(PoisonError::new(Failure::default()))
    }

    #[instrument_metrics]
    fn unseen_apart_function() -> Result<u32, fn(Failure)> {
        Ok(1)
    }

    #[instrument_metrics]
    async fn unseen_apart_later() -> Result<Failure, Apart<Failure>> {
        Err(Apart(Failure::default()))
    }

    #[instrument_metrics]
    fn unseen_apart_future() -> impl Future<Output = Result<u32, Apart<Failure>>> {
        async { Err(Apart(Failure::default())) }
    }

    #[instrument_metrics]
    fn seen_apart() -> Result<u32, PlanError> {
        Err(PlanError::NoBudget)
    }
}

impl<const Size: usize> Apart<[u8; Size]> {
    #[instrument_metrics]
    fn unseen_apart_constant() -> Result<u32, Buffer<Size>> {
        Err(Buffer)
    }
}

impl<failure: Default> Apart<Option<failure>> {
    #[instrument_metrics]
    fn unseen_apart_lower_case() -> Result<u32, failure> {
        Err(failure::default())
    }

    #[instrument_metrics]
    fn unseen_apart_lower_case_argument() -> Result<u32, Apart<failure>> {
        Err(Apart(failure::default()))
    }
}

trait Repository<Item> {
    #[instrument_metrics]
    fn unseen_apart_of_trait(_limit: usize) -> Vec<Item> {
        Vec::new()
    }

    #[instrument_metrics]
    fn unseen_apart_failure_of_trait() -> Result<u32, Apart<Item>> {
        Ok(1)
    }
}

impl Repository<u8> for Memory {}

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
        "seen_apart",
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
    assert_eq!(kinds("seen_alias_of_bounded"), ["late", "of"]);
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
        "unseen_argument",
        "unseen_apart",
        "unseen_apart_returned",
        "unseen_apart_object",
        "unseen_apart_function",
        "unseen_apart_later",
        "unseen_apart_future",
        "unseen_apart_constant",
        "unseen_apart_lower_case",
        "unseen_apart_lower_case_argument",
        "unseen_apart_of_trait",
        "unseen_apart_failure_of_trait",
        "unseen_apart_poisoned",
        "seen_text",
    ] {
        assert_eq!(kinds(method), Vec::<String>::new(), "{method}");
    }

    let service = Service::<_, _, 2> { backend: Memory, failure: PlanError::NoBudget };
    assert!(service.unseen_associated().is_err() && service.unseen_parameter().is_err());
    assert!(Service::<Memory, _, 2>::unseen_without_self(PlanError::Denied).is_err());
    assert!(service.unseen_in_others().is_err() && service.unseen_in_bounded().is_err());
    assert!(unseen_argument().is_err() && seen_alias_of_bounded().is_err());
    let _ = (Apart::<u8>::unseen_apart(), Apart::<u8>::unseen_apart_returned(""), Apart::<u8>::unseen_apart_poisoned());
    let _ = (Apart::<u8>::unseen_apart_object(), Apart::<u8>::unseen_apart_function(), Apart::<u8>::seen_apart());
    let _ = (Apart::<[u8; 2]>::unseen_apart_constant(), Apart::<Option<u8>>::unseen_apart_lower_case());
    let _ = Apart::<Option<u8>>::unseen_apart_lower_case_argument();
    let _ = (Memory::unseen_apart_of_trait(1), Memory::unseen_apart_failure_of_trait());
    assert!(service.unseen_length().is_err() && service.unseen_length_as_block().is_err());
    assert!(Service::<Memory, PlanError, 2>::unseen_length_without_self().is_err());
    let _ = service.unseen_itself();
    let _ = (service.seen_plain(), service.seen_by_alias(), service.seen_by_name(), service.seen_by_path());
    let _ = (service.seen_short(), service.seen_text(), Memory.unseen_of_trait());
    let _ = (Body::seen_rejection(""), Body::seen_qualified(""), PlanError::Denied.seen_self());
    block_on(async {
        let _ = (service.unseen_qualified().await, service.seen_shared().await, Memory.unseen_of_trait_later().await);
        let _ = (Apart::<u8>::unseen_apart_later().await, Apart::<u8>::unseen_apart_future().await);
    });
    // For a type parameter that may borrow, only the type name is known.
    for (method, counts) in [
        ("unseen_associated", "error 1 [plan_error 1]"),
        ("unseen_qualified", "error 1 [plan_error 1]"),
        ("unseen_parameter", "error 1 [plan_error 1]"),
        ("unseen_without_self", "error 1 [plan_error 1]"),
        ("unseen_in_others", "error 1 [bounded 1]"),
        ("unseen_in_bounded", "error 1 [late 1]"),
        ("unseen_argument", "error 1 [late 1]"),
        ("unseen_apart", "error 1 [bounded 1]"),
        ("unseen_apart_returned", "ok 1"),
        ("unseen_apart_later", "error 1 [apart 1]"),
        ("unseen_apart_future", "error 1 [apart 1]"),
        ("unseen_apart_constant", "error 1 [buffer 1]"),
        ("unseen_apart_lower_case", "error 1 [u8 1]"),
        ("unseen_apart_of_trait", "ok 1"),
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
