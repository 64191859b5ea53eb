//! Collections for requests. All requests that wait for the same response share one collection. At most two collections for scrapes and one for
//! the live page run at the same time. The bytes of responses that clients have not read yet are limited.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::{OnceCell, Semaphore, watch};

use super::connections::Clients;
use super::response;
use crate::error::ScrapeError;
use crate::export::plugin::panic_message;
use crate::export::prometheus::MediaType;
use crate::lock::lock;
use crate::report::report;

/// The maximum number of concurrent collections for scrapes. Further collections would only wait for the SDK's locks, each on its own thread.
const SCRAPES: usize = 2;

/// The same for the live page. It has a separate permit, so that a scrape does not wait for viewers of the page.
const PAGES: usize = 1;

/// The limit on the bytes of responses that clients have not read yet. Above it, nothing is collected for another request.
const MAX_UNREAD_BYTES: usize = 64 << 20;

/// A response that several requests may share.
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

/// The content type and the body, before they are compressed.
type Answer = Result<(&'static str, Vec<u8>), ScrapeError>;

type Outcome = Result<Encoded, Failure>;

/// A response that requests share, and whether it is compressed.
type Key = (Shared, bool);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Shared {
    Exposition(MediaType),
    PageMetrics,
}

/// How the response to a request is created.
struct Work<'w, E> {
    /// The log message for a failure.
    failed: &'static str,
    gzip: bool,
    permits: &'w Arc<Semaphore>,
    readers: Option<&'w Clients>,
    encode: E,
}

pub(super) struct Collections {
    scrapes: Arc<Semaphore>,
    pages: Arc<Semaphore>,
    /// Collections that have not started. A request that arrives after the start waits for the next one.
    waiting: Mutex<HashMap<Key, Weak<Collection>>>,
    /// The bytes of responses that clients have not read yet.
    held: Arc<AtomicUsize>,
}

/// A collection, owned by the requests that wait for it. If all of them are dropped before it starts, it never starts.
#[derive(Default)]
struct Collection(OnceCell<watch::Receiver<Option<Outcome>>>);

impl Default for Collections {
    fn default() -> Self {
        Self {
            scrapes: Arc::new(Semaphore::new(SCRAPES)),
            pages: Arc::new(Semaphore::new(PAGES)),
            waiting: Mutex::default(),
            held: Arc::default(),
        }
    }
}

impl fmt::Debug for Collections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collections").field("held", &self.held).finish_non_exhaustive()
    }
}

impl Collections {
    /// An exposition that is collected after this call. All requests that wait at this time share it.
    ///
    /// `readers` are the other clients of the listener. If their unread responses have too many bytes, clients that read nothing are disconnected.
    pub(super) async fn exposition(
        &self,
        (media_type, gzip): (MediaType, bool),
        readers: Option<&Clients>,
        encode: impl FnOnce() -> Result<Vec<u8>, ScrapeError> + Send + 'static,
    ) -> Outcome {
        let encode = move || Ok((media_type.content_type(), encode()?));
        let work = Work { failed: "a scrape failed", gzip, permits: &self.scrapes, readers, encode };
        self.shared((Shared::Exposition(media_type), gzip), work).await
    }

    /// The metrics for the live page, which are shared in the same way.
    pub(super) async fn page_metrics(
        &self,
        gzip: bool,
        readers: Option<&Clients>,
        encode: impl FnOnce() -> Answer + Send + 'static,
    ) -> Outcome {
        self.shared((Shared::PageMetrics, gzip), self.of_page(gzip, readers, encode)).await
    }

    /// Any other response of the live page, for one request.
    pub(super) async fn page(
        &self,
        gzip: bool,
        readers: Option<&Clients>,
        encode: impl FnOnce() -> Answer + Send + 'static,
    ) -> Outcome {
        self.run(&Collection::default(), self.of_page(gzip, readers, encode), || ()).await
    }

    fn of_page<'w, E>(&'w self, gzip: bool, readers: Option<&'w Clients>, encode: E) -> Work<'w, E> {
        Work { failed: "a request of the live page failed", gzip, permits: &self.pages, readers, encode }
    }

    async fn shared<E>(&self, key: Key, work: Work<'_, E>) -> Outcome
    where
        E: FnOnce() -> Answer + Send + 'static,
    {
        let collection = {
            let mut waiting = lock(&self.waiting);
            let shared = waiting.get(&key).and_then(Weak::upgrade);
            shared.unwrap_or_else(|| {
                let collection = Arc::new(Collection::default());
                waiting.insert(key, Arc::downgrade(&collection));
                collection
            })
        };
        self.run(&collection, work, || drop(lock(&self.waiting).remove(&key))).await
    }

    /// Whether clients have so many unread bytes that nothing is collected for another request.
    fn is_full(&self) -> bool {
        self.held.load(Ordering::Relaxed) >= MAX_UNREAD_BYTES
    }

    /// Waits until there is room for another response. Disconnects readers to make room.
    ///
    /// # Errors
    ///
    /// The other clients read their responses, so none is ended.
    async fn room(&self, readers: Option<&Clients>) -> Result<(), Failure> {
        while self.is_full() {
            let ended = match readers {
                Some(readers) => readers.end_one().await,
                None => false,
            };
            if !ended {
                report!(
                    WARN,
                    { bytes = MAX_UNREAD_BYTES },
                    "requests for metrics are rejected: clients do not read their responses"
                );
                return Err(Failure::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too many responses are waiting for clients that do not read them; try again later",
                ));
            }
        }
        Ok(())
    }

    async fn run<E>(&self, collection: &Collection, work: Work<'_, E>, starts: impl FnOnce()) -> Outcome
    where
        E: FnOnce() -> Answer + Send + 'static,
    {
        let Work { failed, gzip, permits, readers, encode } = work;
        let shut_down = || Failure::from(&ScrapeError::ShutDown);
        // If the request that would start it is dropped, the next one starts it.
        let started = collection.0.get_or_try_init(|| async {
            let permit = permits.clone().acquire_owned().await.map_err(|_| shut_down())?;
            self.room(readers).await?;
            starts();
            let (end, outcome) = watch::channel(None);
            let held = self.held.clone();
            let work = move || {
                // The work holds the permit, so a client that disconnects does not allow a further collection to start.
                let _permit = permit;
                end.send_replace(Some(collect(failed, gzip, encode, held)));
            };
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(work)),
                Err(_) => work(),
            }
            Ok::<_, Failure>(outcome)
        });
        let mut outcome = started.await?.clone();
        // It ends without an outcome if the runtime shuts down before the work has started.
        let outcome = outcome.wait_for(Option::is_some).await.map_err(|_| shut_down())?;
        outcome.clone().unwrap_or_else(|| Err(shut_down()))
    }
}

/// Encodes. The bytes are counted until the response is dropped.
fn collect(failed: &'static str, gzip: bool, encode: impl FnOnce() -> Answer, held: Arc<AtomicUsize>) -> Outcome {
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A response that waits until the sender is dropped.
    fn blocked() -> (impl FnOnce() -> Answer + Send + 'static, Sender<()>) {
        let (end, ended): (Sender<()>, Receiver<()>) = channel();
        let encode = move || {
            let _ = ended.recv();
            Ok(("text/plain", Vec::new()))
        };
        (encode, end)
    }

    #[tokio::test]
    async fn a_scrape_does_not_wait_for_the_page() {
        let collections = Collections::default();
        let ((first, end_first), (second, end_second)) = (blocked(), blocked());
        let scrape = async {
            let scraped = collections.exposition((MediaType::default(), false), None, || Ok(b"up 1".to_vec())).await;
            drop((end_first, end_second));
            scraped
        };
        let pages = (collections.page(false, None, first), collections.page(false, None, second));
        let (first, second, scraped) = tokio::join!(pages.0, pages.1, scrape);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(scraped.map(|scraped| scraped.body), Ok(Bytes::from_static(b"up 1")));
    }

    #[tokio::test]
    async fn the_metrics_of_the_page_are_shared_by_those_who_wait() {
        let collections = Collections::default();
        let (first, end) = blocked();
        let collected = Arc::new(AtomicUsize::new(0));
        let metrics = |gzip| {
            let collected = collected.clone();
            collections.page_metrics(gzip, None, move || {
                collected.fetch_add(1, Ordering::Relaxed);
                Ok(("text/plain", b"up 1".to_vec()))
            })
        };
        let answers = tokio::join!(
            collections.page_metrics(false, None, first),
            metrics(false),
            metrics(false),
            metrics(false),
            metrics(true),
            async { drop(end) },
        );
        assert!(answers.0.is_ok() && answers.1.is_ok() && answers.2.is_ok() && answers.3.is_ok() && answers.4.is_ok());
        assert_eq!(collected.load(Ordering::Relaxed), 2, "one for the three, and one that may be compressed");
    }
}
