//! Measures a function that is not `async`: it returns a value, or a boxed future that is the call.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::catalog::function::Status;
use crate::record::call::{Call, CallTarget, Verdict};
use crate::record::future::Measured;
use crate::record::span_watch::SpanWatchGuard;

/// How to measure a function, by its return type.
pub trait ReturnKind {
    /// The return type.
    type Returned;
    /// The type that decides the outcome.
    type Value;

    /// Runs the function and measures it.
    fn run<T: CallTarget + Send + Sync + 'static>(
        self,
        target: T,
        body: impl FnOnce() -> Self::Returned,
        judge: fn(&Self::Value, &mut Verdict<'_>),
    ) -> Self::Returned;
}

/// The function returns a value, and the call ends when it returns.
///
/// The type is invariant. Otherwise the compiler could infer a different type that coerces to it, and would know less about the value.
pub struct Plain<R>(PhantomData<fn(R) -> R>);

/// The function returns a boxed future that is `Send`. The future is the call.
pub struct Boxed<'f, O>(PhantomData<fn() -> &'f O>);

/// The function returns a boxed future that is `Send` and `Sync`.
pub struct SyncBoxed<'f, O>(PhantomData<fn() -> &'f O>);

/// The function returns a boxed future that stays on its thread.
pub struct LocalBoxed<'f, O>(PhantomData<fn() -> &'f O>);

impl<R> Plain<R> {
    /// Creates the marker.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Plain<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> ReturnKind for Plain<R> {
    type Returned = R;
    type Value = R;

    #[inline]
    fn run<T: CallTarget + Send + Sync + 'static>(
        self,
        target: T,
        body: impl FnOnce() -> R,
        judge: fn(&R, &mut Verdict<'_>),
    ) -> R {
        let mut call = Call::start(target);
        // A function that runs and does not return a value has panicked.
        call.status_on_drop(Status::Panic);
        let watched = SpanWatchGuard::start(&mut call);
        let value = body();
        drop(watched);
        call.finish(&value, judge);
        value
    }
}

macro_rules! boxed {
    ($($end:ident, $future:ty;)*) => {$(
        impl<'f, O: 'f> ReturnKind for $end<'f, O> {
            type Returned = Pin<Box<$future>>;
            type Value = O;

            fn run<T: CallTarget + Send + Sync + 'static>(
                self,
                target: T,
                body: impl FnOnce() -> Self::Returned,
                judge: fn(&O, &mut Verdict<'_>),
            ) -> Self::Returned {
                Box::pin(Measured::new(target, body(), judge))
            }
        }
    )*};
}

boxed! {
    Boxed, dyn Future<Output = O> + Send + 'f;
    SyncBoxed, dyn Future<Output = O> + Send + Sync + 'f;
    LocalBoxed, dyn Future<Output = O> + 'f;
}

/// The return type of a function, without a value.
pub struct ReturnType<R>(PhantomData<fn() -> R>);

impl<R> ReturnType<R> {
    /// Creates the marker for static dispatch.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for ReturnType<R> {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! ends {
    ($(#[$doc:meta])* $name:ident [$($generics:tt)*], $ends:ty, $end:ty, $new:expr) => {
        $(#[$doc])*
        pub trait $name<$($generics)*> {
            /// Selects how to measure the function.
            fn phoenix_return_kind(&self) -> $end;
        }

        impl<$($generics)*> $name<$($generics)*> for $ends {
            #[inline]
            fn phoenix_return_kind(&self) -> $end {
                $new
            }
        }
    };
}

ends! {
    /// A boxed future that is `Send` and `Sync`.
    SyncBoxedReturn['f, O], &&&ReturnType<Pin<Box<dyn Future<Output = O> + Send + Sync + 'f>>>, SyncBoxed<'f, O>, SyncBoxed(PhantomData)
}
ends! {
    /// A boxed future that is `Send`.
    BoxedReturn['f, O], &&ReturnType<Pin<Box<dyn Future<Output = O> + Send + 'f>>>, Boxed<'f, O>, Boxed(PhantomData)
}
ends! {
    /// A boxed future that stays on its thread.
    LocalBoxedReturn['f, O], &ReturnType<Pin<Box<dyn Future<Output = O> + 'f>>>, LocalBoxed<'f, O>, LocalBoxed(PhantomData)
}
ends! {
    /// Anything else.
    PlainReturn[R], ReturnType<R>, Plain<R>, Plain::new()
}
