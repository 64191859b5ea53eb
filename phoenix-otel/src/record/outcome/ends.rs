//! What a function that is not `async` returns: a value, or a future that is the call.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::catalog::function::Status;
use crate::record::call::{Call, Target, Verdict};
use crate::record::future::Measured;
use crate::record::watched::Watched;

/// How to measure a function by what it returns.
pub trait End {
    /// What the function returns.
    type Returned;
    /// What decides about the call.
    type Value;

    /// Runs the function and measures it.
    fn run<T: Target + Send + Sync + 'static>(
        self,
        target: T,
        body: impl FnOnce() -> Self::Returned,
        judge: fn(&Self::Value, &mut Verdict<'_>),
    ) -> Self::Returned;
}

/// The function returns a value: the call ends with it.
///
/// Of just this type, and none that it could be coerced to, so that the compiler knows of the value what it knows of this.
pub struct Plain<R>(PhantomData<fn(R) -> R>);

/// The function returns a boxed future that is `Send`: the call is that future.
pub struct Boxed<'f, O>(PhantomData<fn() -> &'f O>);

/// The function returns a boxed future that is `Send` and `Sync`.
pub struct SyncBoxed<'f, O>(PhantomData<fn() -> &'f O>);

/// The function returns a boxed future that stays on its thread.
pub struct LocalBoxed<'f, O>(PhantomData<fn() -> &'f O>);

impl<R> Plain<R> {
    /// A token that says so.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Plain<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> End for Plain<R> {
    type Returned = R;
    type Value = R;

    #[inline]
    fn run<T: Target + Send + Sync + 'static>(
        self,
        target: T,
        body: impl FnOnce() -> R,
        judge: fn(&R, &mut Verdict<'_>),
    ) -> R {
        let mut call = Call::start(target);
        // Nothing but a panic leaves a running function without a value.
        call.drop_means(Status::Panic);
        let watched = Watched::start(&mut call);
        let value = body();
        drop(watched);
        call.finish(&value, judge);
        value
    }
}

macro_rules! boxed {
    ($($end:ident, $future:ty;)*) => {$(
        impl<'f, O: 'f> End for $end<'f, O> {
            type Returned = Pin<Box<$future>>;
            type Value = O;

            fn run<T: Target + Send + Sync + 'static>(
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

/// The type that a function returns, without a value of it.
pub struct Ends<R>(PhantomData<fn() -> R>);

impl<R> Ends<R> {
    /// Asks about this type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Ends<R> {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! ends {
    ($(#[$doc:meta])* $name:ident [$($generics:tt)*], $ends:ty, $end:ty, $new:expr) => {
        $(#[$doc])*
        pub trait $name<$($generics)*> {
            /// How it is measured.
            fn phoenix_end(&self) -> $end;
        }

        impl<$($generics)*> $name<$($generics)*> for $ends {
            #[inline]
            fn phoenix_end(&self) -> $end {
                $new
            }
        }
    };
}

ends! {
    /// A boxed future that is `Send` and `Sync`.
    SyncBoxedEnds['f, O], &&&Ends<Pin<Box<dyn Future<Output = O> + Send + Sync + 'f>>>, SyncBoxed<'f, O>, SyncBoxed(PhantomData)
}
ends! {
    /// A boxed future that is `Send`.
    BoxedEnds['f, O], &&Ends<Pin<Box<dyn Future<Output = O> + Send + 'f>>>, Boxed<'f, O>, Boxed(PhantomData)
}
ends! {
    /// A boxed future that stays on its thread.
    LocalBoxedEnds['f, O], &Ends<Pin<Box<dyn Future<Output = O> + 'f>>>, LocalBoxed<'f, O>, LocalBoxed(PhantomData)
}
ends! {
    /// Anything else.
    PlainEnds[R], Ends<R>, Plain<R>, Plain::new()
}
