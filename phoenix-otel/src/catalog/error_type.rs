//! What kind of error it is: the label `error_type`.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::error::Error;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// An error that names its kind by a bounded word in snake case, never by its text. [Derive](derive@crate::ErrorType) it.
///
/// By hand, it can follow a status that the error has:
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
    message = "`{Self}` does not say its error type",
    note = "derive it by `#[derive(phoenix_otel::ErrorType)]`"
)]
pub trait ErrorType {
    /// The values of [`error_type`](Self::error_type) of failures that are known beforehand. Their series exist at 0 from the start.
    const ERROR_TYPES: &'static [&'static str];

    /// The kind of this error.
    fn error_type(&self) -> &str;

    /// Whether a call that returns this error has failed: its status is then `error`, else `ok`. By default it has.
    fn is_failure(&self) -> bool {
        true
    }
}

/// An error that derives [`ErrorType`], in the list of all that are linked into the program.
///
/// By it an error is named whose type is a parameter where it is looked at, and one that stands in a `Box<dyn Error>`.
#[derive(Debug)]
pub struct NamedError {
    id: fn() -> TypeId,
    seen: fn(&dyn Any) -> Option<Seen<'_>>,
    seen_error: SeeError,
}

/// Looks whether an error is of one type, and what it says of itself.
type SeeError = for<'e> fn(&'e (dyn Error + 'static)) -> Option<Seen<'e>>;

/// What an error that derives [`ErrorType`] says of itself.
#[derive(Debug)]
pub struct Seen<'e> {
    pub(crate) error_type: &'e str,
    pub(crate) is_failure: bool,
}

impl<'e> Seen<'e> {
    fn of<E: ErrorType>(error: &'e E) -> Self {
        Self { error_type: error.error_type(), is_failure: error.is_failure() }
    }
}

inventory::collect!(NamedError);

impl NamedError {
    /// The entry of this type. The derive writes it, and has `seen_error` ask a [`Probe`].
    pub const fn of<E: ErrorType + 'static>(seen_error: SeeError) -> Self {
        Self { id: TypeId::of::<E>, seen: |error| error.downcast_ref::<E>().map(Seen::of), seen_error }
    }

    /// What an error says of itself, if its type is in the list.
    pub(crate) fn see(error: &dyn Any) -> Option<Seen<'_>> {
        static LIST: LazyLock<HashMap<TypeId, &'static NamedError>> =
            LazyLock::new(|| inventory::iter::<NamedError>.into_iter().map(|named| ((named.id)(), named)).collect());
        LIST.get(&error.type_id()).and_then(|named| (named.seen)(error))
    }

    /// The same where the type is known as an error alone, which has to be compared with each in the list.
    pub(crate) fn see_error<'e>(error: &'e (dyn Error + 'static)) -> Option<Seen<'e>> {
        inventory::iter::<NamedError>.into_iter().find_map(|named| (named.seen_error)(error))
    }
}

/// Asks whether a type that derives [`ErrorType`] is an [`Error`] as well, so that a `dyn Error` may be one.
#[derive(Debug)]
pub struct Probe<E>(PhantomData<fn() -> E>);

impl<E> Probe<E> {
    /// Asks about this type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> Default for Probe<E> {
    fn default() -> Self {
        Self::new()
    }
}

/// The type is an error.
pub trait SeesError {
    /// What the error says of itself, if it is of this type.
    fn phoenix_see<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<Seen<'e>>;
}

impl<E: ErrorType + Error + 'static> SeesError for &Probe<E> {
    fn phoenix_see<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<Seen<'e>> {
        error.downcast_ref::<E>().map(Seen::of)
    }
}

/// The type is none.
pub trait SeesNone {
    /// Nothing.
    fn phoenix_see<'e>(&self, _: &'e (dyn Error + 'static)) -> Option<Seen<'e>> {
        None
    }
}

impl<E> SeesNone for Probe<E> {}

/// The kinds of an error that a transparent variant holds.
#[derive(Debug)]
pub struct Kinds<E: ?Sized>(PhantomData<E>);

impl<E: ErrorType> Kinds<E> {
    /// What the type says.
    pub const ALL: &'static [&'static str] = E::ERROR_TYPES;
}

/// A type that does not say its kinds has none that are known beforehand.
pub trait NoKinds {
    /// None.
    const ALL: &'static [&'static str] = &[];
}

impl<E: ?Sized> NoKinds for Kinds<E> {}

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
#[derive(Debug)]
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
