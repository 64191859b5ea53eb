//! The bound series of one method and route.

use std::sync::{Arc, OnceLock};

use opentelemetry::metrics as otel;

use super::EdgeOptions;
use crate::catalog::edge::{REQUEST_DURATION, REQUEST_SIZE, REQUESTS, RESPONSE_SIZE};
use crate::catalog::{LabelDef, MetricDef};
use crate::instrument::attributes::attributes;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundHistogram, Histogram, Instrument};
use crate::instrument::metric::Metric;
use crate::instrument::series::Series;
use crate::instrument::table::Sparse;

/// The label for the way in which a request ended.
const STATUS: &str = "status";

/// The labels that are known before the request ends.
const KNOWN_BEFORE: [&str; 2] = ["method", "route"];

/// The bound series of one method and route, or the overflow series.
pub(super) struct Route {
    binding: Arc<Binding>,
    /// The method and the route; `None` on the overflow series.
    pub(super) labels: Option<[Box<str>; 2]>,
    requests: Metric<otel::Counter<u64>>,
    /// The metric, if each status has its own histogram.
    durations: Option<Metric<Histogram>>,
    statuses: Sparse<Status>,
    declared: OnceLock<()>,
    /// The series, if the histogram has no label `status`.
    duration: Option<Series<BoundHistogram>>,
    request_size: Option<Series<BoundHistogram>>,
    response_size: Option<Series<BoundHistogram>>,
}

/// The bound series of one status.
struct Status {
    requests: Option<Series<BoundCounter<u64>>>,
    duration: Option<Series<BoundHistogram>>,
}

impl Route {
    pub(super) fn bind(binding: &Arc<Binding>, values: Option<&[&str]>, options: EdgeOptions) -> Self {
        let labels: Option<[Box<str>; 2]> = match values {
            Some(&[method, route]) => Some([method.into(), route.into()]),
            _ => None,
        };
        let requests = binding.metric::<otel::Counter<u64>>(REQUESTS::DEF, None);
        let durations = binding.metric::<Histogram>(REQUEST_DURATION::DEF, None);
        let one = |metric: &Metric<Histogram>| bind(binding, metric, labels.as_ref(), None);
        let size = |def: &'static MetricDef| one(&binding.metric(def, None));
        let duration = if options.status_label { None } else { one(&durations) };
        let durations = options.status_label.then_some(durations);
        let cap = requests.cap().max(durations.as_ref().map_or(0, Metric::cap));
        let keeps = |label: &str| requests.keeps(label) || durations.as_ref().is_some_and(|of| of.keeps(label));
        Self {
            binding: binding.clone(),
            statuses: Sparse::new(cap, &[LabelDef::string(STATUS)], &keeps),
            declared: OnceLock::new(),
            duration,
            request_size: size(REQUEST_SIZE::DEF),
            response_size: size(RESPONSE_SIZE::DEF),
            labels,
            requests,
            durations,
        }
    }

    /// Creates the series of these statuses at 0. Only the first call has an effect.
    pub(super) fn declare(&'static self, statuses: &[&str]) {
        self.declared.get_or_init(|| {
            for status in statuses {
                self.status(status);
            }
        });
    }

    fn status(&'static self, status: &str) -> Option<&'static Status> {
        if self.requests.is_dropped() && self.durations.is_none() {
            return None;
        }
        self.statuses.get(&[status], &|values| {
            let status = values.map(|_| status);
            let durations = self.durations.as_ref();
            Status {
                requests: self.of_status(&self.requests, status),
                duration: durations.and_then(|durations| self.of_status(durations, status)),
            }
        })
    }

    /// The series of a status, or the overflow series for `None`.
    fn of_status<I: Instrument>(&self, metric: &Metric<I>, status: Option<&str>) -> Option<Series<I::Bound>> {
        let [method, route] = KNOWN_BEFORE;
        match status {
            Some(_) => bind(&self.binding, metric, self.labels.as_ref(), status),
            None => metric.bind_or_overflow(&self.binding, Vec::new(), &[method, route, STATUS]),
        }
    }

    /// Records the end of a request.
    pub(super) fn record(&'static self, seconds: f64, received: u64, sent: u64, status: &str) {
        let status = self.status(status);
        let duration = self.duration.as_ref().or_else(|| status?.duration.as_ref());
        let (request_size, response_size) = (self.request_size.as_ref(), self.response_size.as_ref());
        for (series, value) in [(duration, seconds), (request_size, received as f64), (response_size, sent as f64)] {
            if let Some(series) = series {
                series.record(|bound| bound.record(value));
            }
        }
        if let Some(counter) = status.and_then(|status| status.requests.as_ref()) {
            counter.add(1);
        }
    }
}

/// The series of a method and route, with the label `status` if there is one. `None` for `labels` means the overflow series.
fn bind<I: Instrument>(
    binding: &Arc<Binding>,
    metric: &Metric<I>,
    labels: Option<&[Box<str>; 2]>,
    status: Option<&str>,
) -> Option<Series<I::Bound>> {
    let known = labels.iter().flat_map(|labels| labels.iter().map(|value| &**value)).chain(status);
    let names: &[LabelDef] = REQUESTS::DEF.labels;
    match labels {
        Some(_) => metric.bind(binding, attributes(names, known)),
        None => metric.bind_or_overflow(binding, attributes(&names[KNOWN_BEFORE.len()..], known), &KNOWN_BEFORE),
    }
}
