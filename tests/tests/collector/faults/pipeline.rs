//! The pipeline under test: service, agent, network, gateway, Prometheus.

use std::time::{SystemTime, UNIX_EPOCH};

use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Collector, Link, Prometheus, wait_until};

use super::delivery::{StoredExports, arrived};
use super::own_metric;
use super::service::Service;

const OVER_HTTP: [(&str, &str); 1] = [("otel_component_type", "otlp_http_metric_exporter")];

/// The programs of the pipeline.
pub(crate) struct Pipeline {
    pub(crate) service: Service,
    pub(crate) agent: Collector,
    pub(crate) link: Link,
    pub(crate) gateway: Collector,
    pub(crate) prometheus: Prometheus,
}

impl Pipeline {
    /// Starts the pipeline with the configurations of the repository.
    pub(crate) fn start() -> Self {
        Self::with_agent(&[])
    }

    /// The same with variables for the agent.
    pub(crate) fn with_agent(environment: &[(&str, &str)]) -> Self {
        let listen = format!("127.0.0.1:{}", free_port());
        let prometheus = Prometheus::from_repository().remote_write_receiver().listen(&listen).start();
        let gateway = Collector::gateway(&prometheus.remote_write_url()).start();
        let link = Link::to(&gateway.otlp_grpc_address());
        let agent = Collector::agent(&[&link.address()]);
        let agent = environment.iter().fold(agent, |agent, (name, value)| agent.env(name, value)).start();
        let service = Service::pushing_to(&agent.otlp_http_url());
        Self { service, agent, link, gateway, prometheus }
    }

    /// Asserts what must be true after any fault: see [`arrived`].
    pub(crate) fn assert_arrived(&self, requests: u32) -> StoredExports {
        arrived(&self.service, &self.prometheus, requests)
    }

    /// Also asserts that each export that the agent accepted is stored, with the service's timestamp.
    pub(crate) fn assert_no_gap(&self, requests: u32) -> StoredExports {
        self.assert_arrived(requests);
        wait_until("every export to have arrived", || StoredExports::of(&self.prometheus).whole())
    }

    /// Returns the sum of all series of one of the agent's own metrics.
    pub(crate) fn agent_metric(&self, name: &str) -> f64 {
        own_metric(&self.agent, name)
    }
}

/// Waits until Prometheus has some new samples of the service, so that the fault comes in the middle of work.
pub(crate) fn samples_arrive(prometheus: &Prometheus) {
    let since = now();
    wait_until("samples to arrive", || match StoredExports::of(prometheus).between(since, f64::INFINITY) {
        0..3 => Err("fewer than three"),
        _ => Ok(()),
    });
}

/// Waits until the service has attempted some new exports, successful or not, so that the fault affects exports.
pub(crate) fn exports_are_tried(service: &Service) {
    let tried = || service.samples().sum("otel_sdk_exporter_operation_duration_seconds_count", &OVER_HTTP);
    let before = tried();
    wait_until("the service to export", || {
        let since = tried() - before;
        if since >= 8.0 { Ok(()) } else { Err(format!("{since} exports")) }
    });
}

/// Waits until the agent has failed to send something and will retry it.
pub(crate) fn fails_once(agent: &mut Collector) {
    let tried_again = |log: &str| log.matches("Will retry the request after interval").count();
    let before = tried_again(&agent.process().log());
    wait_until("the agent to give up a try", || {
        let process = agent.process();
        if tried_again(&process.log()) > before { Ok(()) } else { Err(process.log_tail()) }
    });
}

/// Seconds since 1970, as in samples.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs_f64()
}
