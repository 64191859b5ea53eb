//! A server on loopback, its client, and what was counted.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use phoenix_otel::Telemetry;
use phoenix_otel::grpc::MetricsLayer;
use phoenix_otel_tests::{Samples, wait_until};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::server::Router;
use tonic::transport::{Channel, Endpoint, Server};
use tower::layer::util::{Identity, Stack};

use super::service::Probe;
use super::service::proto::probe_client::ProbeClient;
use super::service::proto::probe_server::ProbeServer;

/// The common prefix of the methods.
pub(crate) const SERVICE: &str = "phoenix.probe.Probe";

/// The counters belong to the process, so only one test at a time counts.
static ONE: Mutex<()> = Mutex::new(());

pub(crate) fn telemetry() -> &'static Telemetry {
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    TELEMETRY.get_or_init(|| {
        let builder = phoenix_otel::builder("probe-service").exporter("prometheus").without_listener();
        builder.init().expect("init succeeds")
    })
}

/// A running server.
pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) address: SocketAddr,
    before: Samples,
    _one: MutexGuard<'static, ()>,
}

impl Bench {
    /// Starts a server of the probe with the layer around all of its services.
    pub(crate) fn new(layer: MetricsLayer) -> Self {
        Self::of(Server::builder().layer(layer).add_service(ProbeServer::new(Probe)))
    }

    /// Starts a server with our layer outermost.
    pub(crate) fn of(router: Router<Stack<MetricsLayer, Identity>>) -> Self {
        Self::serving(|listener| async move {
            router.serve_with_incoming(listener).await.expect("the server serves");
        })
    }

    /// Starts any server.
    pub(crate) fn serving<F>(serve: impl FnOnce(TcpListenerStream) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = Samples::of(telemetry());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        runtime.spawn(serve(TcpListenerStream::new(listener)));
        Self { runtime, address, before, _one: one }
    }

    /// Returns a connection, which is opened at its first use.
    pub(crate) fn channel(&self) -> Channel {
        let _entered = self.runtime.enter();
        self.channel_here()
    }

    /// The same on the current runtime.
    pub(crate) fn channel_here(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).expect("an address").connect_lazy()
    }

    /// Returns the generated client.
    pub(crate) fn client(&self) -> ProbeClient<Channel> {
        ProbeClient::new(self.channel()).max_decoding_message_size(usize::MAX)
    }

    /// Runs the code of a client.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Waits until nothing is in flight, and returns the growth of the request counter since the start, as lines such as `Unary OK 2`.
    pub(crate) fn counted(&self) -> Vec<String> {
        let samples = self.settled();
        let mut counted = BTreeMap::new();
        for sample in samples.all("phoenix_service_requests_total", &[]) {
            let labels: Vec<_> = sample.labels.iter().map(|(name, value)| (&**name, &**value)).collect();
            let before = self.before.get(&sample.name, &labels).unwrap_or_default();
            let method = sample.labels["method"].trim_start_matches(&format!("{SERVICE}/")).to_owned();
            assert!(!sample.labels.contains_key("route"), "gRPC has no routes: {sample:?}");
            *counted.entry((method, sample.labels["status"].clone())).or_insert(0.0) += sample.value - before;
        }
        let grown = counted.into_iter().filter(|(_, grown)| *grown != 0.0);
        grown.map(|((method, status), grown)| format!("{method} {status} {grown}")).collect()
    }

    /// Returns the growth since the start of the samples with these labels, added up. An empty label matches a missing one.
    pub(crate) fn grown(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let sum = |samples: &Samples| -> f64 {
            let (there, absent): (Vec<_>, Vec<_>) = labels.iter().partition(|(_, value)| !value.is_empty());
            let found = samples.all(name, &there);
            let found = found.filter(|sample| absent.iter().all(|(label, _)| !sample.labels.contains_key(*label)));
            found.map(|sample| sample.value).sum()
        };
        sum(&self.settled()) - sum(&self.before)
    }

    /// Waits until nothing is in flight, and returns the samples.
    pub(crate) fn settled(&self) -> Samples {
        wait_until("no call to be in flight", || {
            match Samples::of(telemetry()).get("phoenix_service_connections_active", &[]) {
                None | Some(0.0) => Ok(()),
                Some(active) => Err(format!("{active} in flight")),
            }
        });
        // A collection reads one metric after another: a call that ends meanwhile may be missing in both of the two metrics.
        Samples::of(telemetry())
    }

    /// Waits until this number of calls is in flight.
    pub(crate) fn wait_for_active(&self, expected: f64) {
        wait_until("the calls to be in flight", || {
            let active = Samples::of(telemetry()).get("phoenix_service_connections_active", &[]);
            if active == Some(expected) { Ok(()) } else { Err(format!("{active:?} in flight")) }
        });
    }
}
