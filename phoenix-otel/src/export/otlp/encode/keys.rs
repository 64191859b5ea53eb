//! Attributes without a key, for which Prometheus refuses a whole request, however often it is sent again.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;

use super::scope::attributes_of_points;
use crate::report::report;

/// Leaves them out. The first time that is reported.
pub(super) fn drop_empty(request: &mut ExportMetricsServiceRequest) {
    static IS_REPORTED: AtomicBool = AtomicBool::new(false);
    let attributes = drop_from(request);
    if attributes > 0 && !IS_REPORTED.swap(true, Ordering::Relaxed) {
        report!(
            WARN,
            { attributes },
            "attributes with an empty key are left out of what is exported by OTLP, since receivers refuse the whole request for them"
        );
    }
}

/// How many there were.
fn drop_from(request: &mut ExportMetricsServiceRequest) -> usize {
    let mut dropped = 0;
    let mut clear = |attributes: &mut Vec<KeyValue>| {
        let before = attributes.len();
        attributes.retain(|attribute| !attribute.key.is_empty());
        dropped += before - attributes.len();
    };
    for resource in &mut request.resource_metrics {
        resource.resource.iter_mut().for_each(|resource| clear(&mut resource.attributes));
        for scope in &mut resource.scope_metrics {
            scope.scope.iter_mut().for_each(|scope| clear(&mut scope.attributes));
            scope.metrics.iter_mut().flat_map(attributes_of_points).for_each(&mut clear);
        }
    }
    dropped
}
