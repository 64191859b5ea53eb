//! What kind of error it is: the label `error_type`.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// An error that names its kind by a bounded word in snake_case, never by its text. Derive it.
///
/// ```
/// # use phoenix_otel::ErrorType;
/// #[derive(ErrorType)]
/// enum PlanError {
///     /// Is `no_budget`.
///     NoBudget { wanted: u32 },
///     #[error_type("denied")]
///     Ethics(String),
///     /// Is what the error inside is.
///     #[error_type(transparent)]
///     Model(ModelError),
///     /// A call that returns it is `ok`: to look and find nothing is no failure.
///     #[error_type(not_a_failure)]
///     NotFound,
/// }
///
/// #[derive(ErrorType)]
/// struct ModelError;
///
/// assert_eq!(PlanError::ERROR_TYPES, ["no_budget", "denied", "model_error"]);
/// assert_eq!(PlanError::NoBudget { wanted: 2 }.error_type(), "no_budget");
/// assert_eq!(PlanError::Model(ModelError).error_type(), "model_error");
/// assert!(PlanError::Model(ModelError).is_failure() && !PlanError::NotFound.is_failure());
/// ```
///
/// A variant or a struct that is marked as `not_a_failure` counts as `ok`, and has no series of errors. A transparent one is what the error
/// inside is; `#[error_type(transparent, not_a_failure)]` is never a failure. The options `ok_if` and `error_if` of
/// [`instrument_metrics`](macro@crate::instrument_metrics) decide before it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say its error type",
    note = "derive it by `#[derive(phoenix_otel::ErrorType)]`"
)]
pub trait ErrorType {
    /// Every value that [`error_type`](Self::error_type) may have where the error is a failure.
    const ERROR_TYPES: &'static [&'static str];

    /// The kind of this error.
    fn error_type(&self) -> &str;

    /// Whether a call that returns this error has failed. Where it has not, its status is `ok`.
    fn is_failure(&self) -> bool {
        true
    }
}

/// An error that derives [`ErrorType`], in the list of all that are linked into the program.
///
/// By it an error is named whose type is a parameter where it is looked at.
pub struct NamedError {
    id: fn() -> TypeId,
    seen: fn(&dyn Any) -> Option<Seen<'_>>,
}

/// What an error that derives [`ErrorType`] says of itself.
pub(crate) struct Seen<'e> {
    pub(crate) error_type: &'e str,
    pub(crate) is_failure: bool,
}

inventory::collect!(NamedError);

impl NamedError {
    /// The entry of this type. The derive writes it.
    pub const fn of<E: ErrorType + 'static>() -> Self {
        Self {
            id: TypeId::of::<E>,
            seen: |error| {
                let error = error.downcast_ref::<E>()?;
                Some(Seen { error_type: error.error_type(), is_failure: error.is_failure() })
            },
        }
    }

    /// What an error says of itself, if its type is in the list.
    pub(crate) fn see(error: &dyn Any) -> Option<Seen<'_>> {
        static LIST: LazyLock<HashMap<TypeId, &'static NamedError>> =
            LazyLock::new(|| inventory::iter::<NamedError>.into_iter().map(|named| ((named.id)(), named)).collect());
        LIST.get(&error.type_id()).and_then(|named| (named.seen)(error))
    }
}

macro_rules! by_what_it_holds {
    ($($holder:ty),*) => {$(
        impl<E: ErrorType> ErrorType for $holder {
            const ERROR_TYPES: &'static [&'static str] = E::ERROR_TYPES;

            fn error_type(&self) -> &str {
                E::error_type(self)
            }

            fn is_failure(&self) -> bool {
                E::is_failure(self)
            }
        }
    )*};
}

by_what_it_holds!(&E, &mut E, Box<E>, Rc<E>, Arc<E>);

/// How many error types one error may have, those of the errors inside included.
const MOST: usize = 128;

/// The error types of an error, by variant; made by the derive.
pub trait ErrorTypeParts {
    /// One name for a variant, or all names of the error inside.
    const PARTS: &'static [&'static [&'static str]];
}

/// Joins [`ErrorTypeParts`] at compile time, each name once. A generic error has no array of a known length, hence
/// the one of the greatest length.
pub struct Joined<E>(PhantomData<E>);

impl<E: ErrorTypeParts> Joined<E> {
    const FOUND: &'static ([&'static str; MOST], usize) = &join(E::PARTS);

    /// All names.
    pub const ALL: &'static [&'static str] = Self::FOUND.0.split_at(Self::FOUND.1).0;
}

const fn join(parts: &[&[&'static str]]) -> ([&'static str; MOST], usize) {
    let mut names = [""; MOST];
    let mut count = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut i = 0;
        while i < parts[part].len() {
            let name = parts[part][i];
            if !contains(&names, count, name) {
                assert!(
                    count < MOST,
                    "an error has at most 128 error types, those of the errors inside included: name several variants alike"
                );
                names[count] = name;
                count += 1;
            }
            i += 1;
        }
        part += 1;
    }
    (names, count)
}

const fn contains(names: &[&str], count: usize, name: &str) -> bool {
    let mut i = 0;
    while i < count {
        if super::def::same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}
