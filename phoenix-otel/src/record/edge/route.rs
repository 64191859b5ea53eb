//! The bound series of one method and route.

use std::sync::{Arc, OnceLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use crate::catalog::edge::{REQUEST_DURATION, REQUEST_SIZE, REQUESTS, RESPONSE_SIZE};
use crate::catalog::{LabelDef, MetricDef};
use crate::instrument::attributes::{attribute, attributes};
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundHistogram, Histogram};
use crate::instrument::metric::Metric;
use crate::instrument::series::Series;
use crate::instrument::table::Sparse;

/// The label that says how a request ended.
const STATUS: &str = "status";

/// The bound series of one method and route, or of the overflow.
pub(super) struct Route {
    binding: Arc<Binding>,
    /// The method and the route; `None` on the overflow series.
    pub(super) labels: Option<[Box<str>; 2]>,
    requests: Metric<otel::Counter<u64>>,
    statuses: Sparse<Option<Series<BoundCounter<u64>>>>,
    declared: OnceLock<()>,
    duration: Option<Series<BoundHistogram>>,
    request_size: Option<Series<BoundHistogram>>,
    response_size: Option<Series<BoundHistogram>>,
}

/// The labels of a request that are known before its end.
const KNOWN_BEFORE: [&str; 2] = ["method", "route"];

impl Route {
    pub(super) fn bind(binding: &Arc<Binding>, values: Option<&[&str]>) -> Self {
        let histogram = |def: &'static MetricDef| {
            let metric = binding.metric::<Histogram>(def, None);
            match values {
                Some(values) => metric.bind(binding, attributes(def.labels, values.iter().copied())),
                None => metric.bind_known(binding, Vec::new(), &KNOWN_BEFORE),
            }
        };
        let requests = binding.metric(REQUESTS::DEF, None);
        Self {
            binding: binding.clone(),
            labels: match values {
                Some(&[method, route]) => Some([method.into(), route.into()]),
                _ => None,
            },
            statuses: Sparse::new(requests.cap(), &[LabelDef::string(STATUS)], |label| requests.keeps(label)),
            requests,
            declared: OnceLock::new(),
            duration: histogram(REQUEST_DURATION::DEF),
            request_size: histogram(REQUEST_SIZE::DEF),
            response_size: histogram(RESPONSE_SIZE::DEF),
        }
    }

    /// Lets the counters of these statuses exist at 0, the first time.
    pub(super) fn declare(&'static self, statuses: &[&str]) {
        self.declared.get_or_init(|| {
            for status in statuses {
                self.status(status);
            }
        });
    }

    fn status(&'static self, status: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        if self.requests.is_dropped() {
            return None;
        }
        let labels: &[LabelDef] = REQUESTS::DEF.labels;
        let series = self.statuses.get(&[status], |values| match (&self.labels, values) {
            (Some([method, route]), Some(_)) => {
                let attributes: Vec<KeyValue> = attributes(labels, [&**method, &**route, status]);
                self.requests.bind(&self.binding, attributes)
            }
            (None, Some(_)) => {
                let of_status = labels.iter().find(|label| label.name == STATUS);
                let attributes = of_status.and_then(|label| attribute(label, status)).into_iter().collect();
                self.requests.bind_known(&self.binding, attributes, &KNOWN_BEFORE)
            }
            (_, None) => {
                let [method, route] = KNOWN_BEFORE;
                self.requests.bind_known(&self.binding, Vec::new(), &[method, route, STATUS])
            }
        });
        series?.as_ref()
    }

    /// Records what is known at the end of a request.
    pub(super) fn record(&'static self, seconds: f64, received: u64, sent: u64, status: &str) {
        let values =
            [(&self.duration, seconds), (&self.request_size, received as f64), (&self.response_size, sent as f64)];
        for (series, value) in values {
            if let Some(series) = series {
                series.record(|bound| bound.record(value));
            }
        }
        if let Some(counter) = self.status(status) {
            counter.add(1);
        }
    }
}
