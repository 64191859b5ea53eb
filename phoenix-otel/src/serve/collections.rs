//! Collections for requests: at most two at once, one shared by all requests that wait for the same format, and a limit on the bytes of
//! answers that clients have not read yet.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::{OnceCell, Semaphore, watch};

use super::response;
use crate::error::ScrapeError;
use crate::export::plugin::panic_message;
use crate::export::prometheus::Format;
use crate::lock::lock;
use crate::report::report;

/// Collections that run at once. More would only wait for the SDK's locks, each on its own thread.
const AT_ONCE: usize = 2;

/// The limit on the bytes of answers that clients have not read yet. Above it, nothing is collected for another request.
const MOST_BYTES: usize = 64 << 20;

/// An answer that several requests may share.
#[derive(Clone)]
pub(super) struct Encoded {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) compressed: bool,
}

/// A failed request: the status and the text for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

type Outcome = Result<Encoded, Failure>;

/// Requests with the same key share an exposition.
type Key = (Format, bool);

pub(super) struct Collections {
    permits: Arc<Semaphore>,
    /// Collections that have not started. A request that arrives after the start waits for the next one.
    waiting: Mutex<HashMap<Key, Weak<Collection>>>,
    /// The bytes of answers that clients have not read yet.
    held: Arc<AtomicUsize>,
}

/// A collection, owned by the requests that wait for it. If all of them are dropped before it starts, it never starts.
#[derive(Default)]
struct Collection(OnceCell<watch::Receiver<Option<Outcome>>>);

impl Default for Collections {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), waiting: Mutex::default(), held: Arc::default() }
    }
}

impl fmt::Debug for Collections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collections").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Collections {
    /// An exposition that is collected after this call. All requests that wait at this time share it.
    pub(super) async fn exposition(
        &self,
        (format, gzip): Key,
        encode: impl FnOnce() -> Result<Vec<u8>, ScrapeError> + Send + 'static,
    ) -> Outcome {
        let key = (format, gzip);
        let collection = {
            let mut waiting = lock(&self.waiting);
            let shared = waiting.get(&key).and_then(Weak::upgrade);
            shared.unwrap_or_else(|| {
                let collection = Arc::new(Collection::default());
                waiting.insert(key, Arc::downgrade(&collection));
                collection
            })
        };
        let encode = move || Ok((format.content_type(), encode()?));
        self.run(&collection, "a scrape failed", gzip, encode, || drop(lock(&self.waiting).remove(&key))).await
    }

    /// Any other answer, for one request.
    pub(super) async fn other(
        &self,
        failed: &'static str,
        gzip: bool,
        encode: impl FnOnce() -> Result<(&'static str, Vec<u8>), ScrapeError> + Send + 'static,
    ) -> Outcome {
        self.run(&Collection::default(), failed, gzip, encode, || ()).await
    }

    /// Whether clients have so many unread bytes that nothing is collected for another request.
    pub(super) fn is_full(&self) -> bool {
        self.held.load(Ordering::Relaxed) >= MOST_BYTES
    }

    async fn run(
        &self,
        collection: &Collection,
        failed: &'static str,
        gzip: bool,
        encode: impl FnOnce() -> Result<(&'static str, Vec<u8>), ScrapeError> + Send + 'static,
        starts: impl FnOnce(),
    ) -> Outcome {
        let shut_down = || Failure::from(&ScrapeError::ShutDown);
        // If the request that would start it is dropped, the next one starts it.
        let started = collection.0.get_or_try_init(|| async {
            let permit = self.permits.clone().acquire_owned().await.map_err(|_| shut_down())?;
            starts();
            if self.is_full() {
                report!(
                    WARN,
                    { bytes = MOST_BYTES },
                    "requests for metrics are refused: clients do not read their answers"
                );
                return Err(Failure::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too many answers are waiting for clients that do not read them; try again later",
                ));
            }
            let (end, outcome) = watch::channel(None);
            let held = self.held.clone();
            let work = move || {
                // The work holds the permit, so a client that disconnects does not make room for another collection beside this one.
                let _permit = permit;
                end.send_replace(Some(collect(failed, gzip, encode, held)));
            };
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(work)),
                Err(_) => work(),
            }
            Ok(outcome)
        });
        let mut outcome = started.await?.clone();
        // It ends without an outcome if the runtime shuts down before the work has started.
        let outcome = outcome.wait_for(Option::is_some).await.map_err(|_| shut_down())?;
        outcome.clone().unwrap_or_else(|| Err(shut_down()))
    }
}

/// Encodes. The bytes are counted until the answer is dropped.
fn collect(
    failed: &'static str,
    gzip: bool,
    encode: impl FnOnce() -> Result<(&'static str, Vec<u8>), ScrapeError>,
    held: Arc<AtomicUsize>,
) -> Outcome {
    let encode = || {
        let (content_type, body) = encode()?;
        let (body, compressed) = if gzip { response::compress(body) } else { (body, false) };
        Ok((content_type, body, compressed))
    };
    match catch_unwind(AssertUnwindSafe(encode)) {
        Ok(Ok((content_type, body, compressed))) => {
            Ok(Encoded { content_type, body: Bytes::from_owner(CountedBody::new(body, held)), compressed })
        }
        Ok(Err(error)) => {
            let failure = Failure::from(&error);
            report!(WARN, { error = error.to_string() }, "{failed}");
            Err(failure)
        }
        Err(panic) => Err(Failure::panicked(&*panic)),
    }
}

/// A body whose bytes are counted until it is dropped.
struct CountedBody {
    body: Vec<u8>,
    held: Arc<AtomicUsize>,
}

impl CountedBody {
    fn new(mut body: Vec<u8>, held: Arc<AtomicUsize>) -> Self {
        body.shrink_to_fit();
        held.fetch_add(body.len(), Ordering::Relaxed);
        Self { body, held }
    }
}

impl AsRef<[u8]> for CountedBody {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for CountedBody {
    fn drop(&mut self) {
        self.held.fetch_sub(self.body.len(), Ordering::Relaxed);
    }
}

impl Failure {
    fn new(status: StatusCode, text: impl fmt::Display) -> Self {
        Self { status, text: format!("{text}\n") }
    }

    /// The panic's text goes only to the log: it belongs to the service, and the endpoint may be open to others.
    pub(super) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let panic = panic_message(panic).unwrap_or("of unknown type");
        report!(
            ERROR,
            { panic },
            "collecting metrics panicked; the likely cause is a callback of an observable instrument"
        );
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "collecting metrics panicked; see the service's log")
    }
}

impl From<&ScrapeError> for Failure {
    fn from(error: &ScrapeError) -> Self {
        let status = match error {
            ScrapeError::NotConfigured => StatusCode::NOT_FOUND,
            ScrapeError::ShutDown => StatusCode::SERVICE_UNAVAILABLE,
            ScrapeError::Collect(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error)
    }
}
