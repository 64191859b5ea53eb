//! The expositions of the platform: its real `/metrics`, scraped at points of the work.
//!
//! A point is reached when the users of the load generator have done a number of acts and no request is in flight. The time that took is not kept.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use phoenix_otel_tests::platform::{OUTAGE_SERVICES, SERVICES, Service};
use phoenix_otel_tests::{Labels, Platform, Sample, Samples, rules, wait_until};

/// The exposition of each service at one point, by its name, or none if it is down.
pub(crate) type Point = BTreeMap<&'static str, Option<Exposition>>;

/// The part of an exposition that the rules read.
#[derive(Debug)]
pub(crate) struct Exposition {
    pub(crate) samples: Samples,
    /// The values of the samples, by names and labels.
    values: BTreeMap<(String, Labels), f64>,
    /// The type of each metric family, from its TYPE line.
    types: BTreeMap<String, String>,
}

/// One platform works at a time: several would exceed each other's time limits for jobs, which are errors.
static WORKING: Mutex<()> = Mutex::new(());

/// A platform that is recorded while it works.
pub(crate) struct Recorder {
    _working: MutexGuard<'static, ()>,
    platform: Platform,
    rules: String,
    points: Vec<Point>,
    down: &'static [&'static str],
}

impl Recorder {
    /// Starts a platform, and records its expositions before any work. Only samples whose names occur in the rules are kept.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let working = WORKING.lock().unwrap_or_else(PoisonError::into_inner);
        let platform = Platform::start(&[]);
        let mut recorder = Self { _working: working, platform, rules: rules::texts(), points: Vec::new(), down: &[] };
        recorder.record();
        recorder
    }

    /// Runs a scenario until each user has done a number of acts, and records a point.
    #[track_caller]
    pub(crate) fn run_scenario(&mut self, scenario: &str, number: usize) {
        self.platform.run_scenario(scenario, number);
        self.record();
    }

    /// Stops the services of an outage.
    #[track_caller]
    pub(crate) fn start_outage(&mut self) {
        self.platform.start_outage();
        self.down = &OUTAGE_SERVICES;
    }

    /// Starts these services again, runs users until all breakers are closed, and records a point.
    #[track_caller]
    pub(crate) fn end_outage(&mut self) {
        self.platform.end_outage();
        self.down = &[];
        wait_until("the breakers to close", || {
            self.platform.run_scenario("calm", 4);
            let state = |service: &Service| {
                Samples::parse(&self.platform.exposition(*service)).sum("phoenix_circuit_breaker_state", &[])
            };
            match SERVICES.iter().find(|service| state(service) > 0.0) {
                Some(service) => Err(format!("one of {} is not", service.name)),
                None => Ok(()),
            }
        });
        self.record();
    }

    /// Stops the platform, and returns the points in order.
    #[track_caller]
    pub(crate) fn finish(self) -> Vec<Point> {
        self.platform.terminate();
        self.points
    }

    #[track_caller]
    fn record(&mut self) {
        let point = SERVICES.into_iter().map(|service| match self.down.contains(&service.name) {
            true => (service.name, None),
            false => (service.name, Some(wait_until("a service to be idle", || self.idle(service)))),
        });
        self.points.push(point.collect());
    }

    /// Returns the exposition of a service without requests in flight, since a disconnect is counted a moment later.
    fn idle(&self, service: Service) -> Result<Exposition, String> {
        let all = Samples::parse(&self.platform.scrape(service)?);
        let calls = format!("phoenix_{}_requests_active", service.subsystem);
        match ["phoenix_service_connections_active", &calls].map(|name| all.sum(name, &[])) {
            [0.0, 0.0] => {
                // A collection reads one metric after another: a call that ends meanwhile may be missing in both of the two metrics.
                let text = self.platform.scrape(service)?;
                Ok(Exposition::new(&text, Samples::parse(&text), &self.rules))
            }
            [requests, calls] => Err(format!("{}: {requests} requests and {calls} calls in flight", service.name)),
        }
    }
}

impl Exposition {
    fn new(text: &str, all: Samples, rules: &str) -> Self {
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
        let types = types.map(|(family, kind)| (family.to_owned(), kind.to_owned())).collect();
        let samples: Samples = all.iter().filter(|sample| rules.contains(&sample.name)).cloned().collect();
        let values = samples.iter().map(|sample| ((sample.name.clone(), sample.labels.clone()), sample.value));
        Self { values: values.collect(), samples, types }
    }

    /// Returns the family of a sample, and its type.
    pub(crate) fn family<'s>(&'s self, name: &'s str) -> (&'s str, &'s str) {
        let families = ["", "_bucket", "_sum", "_count"].iter().filter_map(|suffix| name.strip_suffix(suffix));
        let mut known = families.filter_map(|family| Some((family, self.types.get(family)?.as_str())));
        known.next_back().unwrap_or_else(|| panic!("{name} has no type"))
    }

    /// Returns the value of the sample with the same name and labels.
    pub(crate) fn value_of(&self, sample: &Sample) -> Option<f64> {
        self.values.get(&(sample.name.clone(), sample.labels.clone())).copied()
    }

    /// Returns the sample that counts all values of this histogram.
    pub(crate) fn all_values(&self, sample: &Sample) -> Sample {
        let (family, _) = self.family(&sample.name);
        let mut whole = Sample { name: format!("{family}_bucket"), ..sample.clone() };
        whole.labels.insert("le".to_owned(), "+Inf".to_owned());
        whole.value = self.value_of(&whole).unwrap_or_else(|| panic!("{whole:?} is missing"));
        whole
    }
}
