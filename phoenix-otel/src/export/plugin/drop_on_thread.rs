//! Foreign code may block or panic when it is dropped.

use std::ops::Deref;

use tokio::runtime::Handle;

/// A value that is dropped on a separate thread, where the drop may block or panic, on whichever thread the last reference is dropped.
///
/// If the last reference is dropped within a Tokio runtime, the drop runs within that runtime, too.
#[derive(Debug)]
pub(crate) struct DropOnThread<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> DropOnThread<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Send + 'static> Deref for DropOnThread<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only `drop` takes the value")
    }
}

impl<T: Send + 'static> Drop for DropOnThread<T> {
    fn drop(&mut self) {
        let (value, runtime) = (self.0.take(), Handle::try_current().ok());
        let last = move || {
            let _within = runtime.as_ref().map(Handle::enter);
            drop(value);
        };
        // If no thread can be started, the value is dropped here.
        let _ = std::thread::Builder::new().name("phoenix-otel-drop".into()).spawn(last);
    }
}
