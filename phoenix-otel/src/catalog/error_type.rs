//! The kind of an error: the label `error_type`.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::error::Error;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// An error that has a kind: a bounded name in snake case, never the error's text. [Derive](derive@crate::ErrorType) this trait.
///
/// A manual implementation can use a status of the error:
///
/// ```
/// use phoenix_otel::ErrorType;
///
/// struct ApiError {
///     status: u16,
/// }
///
/// impl ErrorType for ApiError {
///     const ERROR_TYPES: &'static [&'static str] = &["500", "503"];
///
///     fn error_type(&self) -> &str {
///         if self.status == 503 { "503" } else { "500" }
///     }
///
///     fn is_failure(&self) -> bool {
///         self.status >= 500
///     }
/// }
/// # assert!(!ApiError { status: 404 }.is_failure());
/// # assert_eq!(ApiError { status: 503 }.error_type(), "503");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `ErrorType`",
    note = "derive it with `#[derive(phoenix_otel::ErrorType)]`"
)]
pub trait ErrorType {
    /// The values of [`error_type`](Self::error_type) of failures that are known in advance. Their series exist at 0 from the start.
    const ERROR_TYPES: &'static [&'static str];

    /// The kind of this error.
    fn error_type(&self) -> &str;

    /// Whether a call that returns this error counts as failed: the status is `error` for `true`, which is the default, and `ok` for `false`.
    fn is_failure(&self) -> bool {
        true
    }
}

/// An entry in the list of all error types in the program that derive [`ErrorType`].
///
/// With this list, an error is classified even if its type is a type parameter, or if it is in a `Box<dyn Error>`.
#[derive(Debug)]
pub struct NamedError {
    id: fn() -> TypeId,
    classify_fn: fn(&dyn Any) -> Option<Classification<'_>>,
    classify_error_fn: ClassifyFn,
}

/// Classifies an error if it has a certain type.
type ClassifyFn = for<'e> fn(&'e (dyn Error + 'static)) -> Option<Classification<'e>>;

/// The classification of an error that derives [`ErrorType`].
#[derive(Debug)]
pub struct Classification<'e> {
    pub(crate) error_type: &'e str,
    pub(crate) is_failure: bool,
}

impl<'e> Classification<'e> {
    fn of<E: ErrorType>(error: &'e E) -> Self {
        Self { error_type: error.error_type(), is_failure: error.is_failure() }
    }
}

inventory::collect!(NamedError);

impl NamedError {
    /// Creates the entry of this type. The derive calls it, with a `classify_error_fn` that uses a [`Probe`].
    pub const fn of<E: ErrorType + 'static>(classify_error_fn: ClassifyFn) -> Self {
        Self {
            id: TypeId::of::<E>,
            classify_fn: |error| error.downcast_ref::<E>().map(Classification::of),
            classify_error_fn,
        }
    }

    /// Classifies an error if its type is in the list.
    pub(crate) fn classify(error: &dyn Any) -> Option<Classification<'_>> {
        static LIST: LazyLock<HashMap<TypeId, &'static NamedError>> =
            LazyLock::new(|| inventory::iter::<NamedError>.into_iter().map(|named| ((named.id)(), named)).collect());
        LIST.get(&error.type_id()).and_then(|named| (named.classify_fn)(error))
    }

    /// Classifies a `dyn Error`. Its type id is not available, so each entry in the list is tried.
    pub(crate) fn classify_error<'e>(error: &'e (dyn Error + 'static)) -> Option<Classification<'e>> {
        inventory::iter::<NamedError>.into_iter().find_map(|named| (named.classify_error_fn)(error))
    }
}

/// A marker for static dispatch: finds out whether a type that derives [`ErrorType`] also implements [`Error`], so that a `dyn Error` can
/// contain it.
#[derive(Debug)]
pub struct Probe<E>(PhantomData<fn() -> E>);

impl<E> Probe<E> {
    /// Creates the marker.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> Default for Probe<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// Dispatch for types that implement [`Error`].
pub trait ClassifyError {
    /// Classifies the error if it has this type.
    fn phoenix_classify<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<Classification<'e>>;
}

impl<E: ErrorType + Error + 'static> ClassifyError for &Probe<E> {
    fn phoenix_classify<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<Classification<'e>> {
        error.downcast_ref::<E>().map(Classification::of)
    }
}

/// Dispatch for all other types.
pub trait ClassifyNone {
    /// Returns `None`.
    fn phoenix_classify<'e>(&self, _: &'e (dyn Error + 'static)) -> Option<Classification<'e>> {
        None
    }
}

impl<E> ClassifyNone for Probe<E> {}

/// A marker for static dispatch: the kinds of the error in a transparent variant.
#[derive(Debug)]
pub struct Kinds<E: ?Sized>(PhantomData<E>);

impl<E: ErrorType> Kinds<E> {
    /// The kinds of the type.
    pub const ALL: &'static [&'static str] = E::ERROR_TYPES;
}

/// Dispatch for types without [`ErrorType`]: no kinds are known in advance.
pub trait NoKinds {
    /// An empty list.
    const ALL: &'static [&'static str] = &[];
}

impl<E: ?Sized> NoKinds for Kinds<E> {}

macro_rules! forward_to_pointee {
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

forward_to_pointee!(&E, &mut E, Box<E>, Rc<E>, Arc<E>);

/// The maximum number of error types of one error, including those of inner errors.
const MAX_ERROR_TYPES: usize = 128;

/// The error types of an error, by variant. The derive implements it.
pub trait ErrorTypeParts {
    /// For each variant its name, or all names of the inner error.
    const PARTS: &'static [&'static [&'static str]];
}

/// Joins [`ErrorTypeParts`] at compile time, without duplicates. The length of a generic error's array is not known, so the array has the
/// maximum length.
#[derive(Debug)]
pub struct Joined<E>(PhantomData<E>);

impl<E: ErrorTypeParts> Joined<E> {
    const FOUND: &'static ([&'static str; MAX_ERROR_TYPES], usize) = &join(E::PARTS);

    /// All names.
    pub const ALL: &'static [&'static str] = Self::FOUND.0.split_at(Self::FOUND.1).0;
}

const fn join(parts: &[&[&'static str]]) -> ([&'static str; MAX_ERROR_TYPES], usize) {
    let mut names = [""; MAX_ERROR_TYPES];
    let mut count = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut i = 0;
        while i < parts[part].len() {
            let name = parts[part][i];
            if !contains(&names, count, name) {
                assert!(
                    count < MAX_ERROR_TYPES,
                    "an error has at most 128 error types, including those of inner errors: give several variants the same name"
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
