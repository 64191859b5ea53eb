//! What somebody else wrote may do anything when it is dropped.

use std::ops::Deref;

use tokio::runtime::Handle;

/// A value that is dropped on a thread of its own, wherever the last reference to it ends: there a drop may block or panic.
///
/// Where that is within a runtime, the drop is within it, too.
#[derive(Debug)]
pub(crate) struct Apart<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Apart<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Send + 'static> Deref for Apart<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only its drop takes the value")
    }
}

impl<T: Send + 'static> Drop for Apart<T> {
    fn drop(&mut self) {
        let (value, runtime) = (self.0.take(), Handle::try_current().ok());
        let last = move || {
            let _within = runtime.as_ref().map(Handle::enter);
            drop(value);
        };
        // Without a thread it is dropped here, which is all that can be done.
        let _ = std::thread::Builder::new().name("phoenix-otel-drop".into()).spawn(last);
    }
}
