//! The bridges to the crate `prometheus`: a registry whose metrics are shown beside ours, and one that ours go into.
//!
//! They go into one by `opentelemetry-prometheus`. What it makes of labels is set right here, so that a series has the labels that it has on our own
//! endpoint: a point's own `service` label stays, where upstream would join both values to `emitter;dependency`; and a scope is named only where
//! another has a metric of the same name, as on our endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::metrics::MeterProviderBuilder;
use prometheus::Registry;
use prometheus::core::{Collector, Desc};
use prometheus::proto::{LabelPair, Metric, MetricFamily};

use crate::catalog::name::SCOPE_PREFIX;
use crate::error::InitError;
use crate::export::prometheus::ForeignFamily;
use crate::export::scopes::{LABELS, Library};
use crate::view::is_of_instrument;

/// The resource attributes that stand on every sample.
const IDENTITY: [&str; 2] = ["service", "version"];
/// The one family that has the resource, and no identity beside it.
const TARGET: &str = "target_info";

/// What the builder gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registries {
    /// Its metrics are shown beside ours.
    pub(crate) shown: Option<Registry>,
    /// Ours go into it.
    pub(crate) fed: Option<Registry>,
}

impl Registries {
    /// Lets the service's own registry have our metrics, if it is to. `wrong` gets why it does not take them.
    pub(crate) fn feed(
        &self,
        provider: MeterProviderBuilder,
        resource: &[(String, String)],
        ours: &Arc<BTreeSet<String>>,
        wrong: &mut InitError,
    ) -> (MeterProviderBuilder, Fed) {
        let Some(registry) = &self.fed else { return (provider, Fed::none()) };
        match feed(registry.clone(), resource, ours.clone()) {
            Ok((fed, reader)) => (provider.with_reader(reader), fed),
            Err(error) => {
                wrong.registry = Some(error.to_string());
                (provider, Fed::none())
            }
        }
    }

    /// The metrics of now that are shown beside ours.
    pub(crate) fn gather(&self) -> Gathered {
        Gathered(self.shown.as_ref().map(Registry::gather).unwrap_or_default())
    }
}

/// What the registry had that is shown beside ours.
pub(crate) struct Gathered(Vec<MetricFamily>);

impl Gathered {
    pub(crate) fn families(&self) -> Vec<ForeignFamily<'_>> {
        self.0.iter().map(ForeignFamily::from).collect()
    }
}

/// A registry that our metrics are in, if there is one, until this ends or is dropped.
pub(crate) struct Fed {
    registry: Option<Registry>,
    ended: AtomicBool,
}

/// A reader that feeds `registry` with everything that its provider has. `resource` is the provider's, and `ours` are the names of our metrics.
///
/// # Errors
///
/// The registry has such a reader already.
fn feed(
    registry: Registry,
    resource: &[(String, String)],
    ours: Arc<BTreeSet<String>>,
) -> Result<(Fed, PrometheusExporter), prometheus::Error> {
    let upstream = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(upstream.clone())
        .build()
        .map_err(|error| prometheus::Error::Msg(error.to_string()))?;
    let identity = IDENTITY.iter().filter_map(|name| {
        let (_, value) = resource.iter().find(|(key, value)| key == name && !value.is_empty())?;
        Some(pair(name, value))
    });
    registry.register(Box::new(Bridge { upstream, identity: identity.collect(), ours }))?;
    Ok((Fed { registry: Some(registry), ended: AtomicBool::new(false) }, exporter))
}

impl Fed {
    /// There is no such registry.
    pub(crate) const fn none() -> Self {
        Self { registry: None, ended: AtomicBool::new(false) }
    }

    /// Takes our metrics out, so that a later telemetry can put its own in.
    pub(crate) fn end(&self) {
        let Some(registry) = &self.registry else { return };
        // Once: what is there afterwards may be a later telemetry's.
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        // A registry finds a collector by its descriptions. It has only one without any, which is ours.
        let same = Bridge { upstream: Registry::new(), identity: Vec::new(), ours: Arc::default() };
        if let Err(error) = registry.unregister(Box::new(same)) {
            tracing::debug!(%error, "the registry had our metrics no more");
        }
    }
}

impl Drop for Fed {
    fn drop(&mut self) {
        self.end();
    }
}

/// What upstream has, with the labels set right.
struct Bridge {
    upstream: Registry,
    identity: Vec<LabelPair>,
    /// The names of our metrics.
    ours: Arc<BTreeSet<String>>,
}

impl Collector for Bridge {
    /// None, as upstream: which metrics there will be is not known now.
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.upstream.gather();
        for family in families.iter_mut().filter(|family| family.name() != TARGET) {
            let metrics = family.take_metric();
            let is_ours = self.ours.contains(family.name());
            family.set_metric(self.relabelled(is_ours, metrics));
        }
        families
    }
}

impl Bridge {
    /// `is_ours` says whether the family has the name of a metric of ours.
    fn relabelled(&self, is_ours: bool, metrics: impl IntoIterator<Item = Metric>) -> Vec<Metric> {
        let mut metrics: Vec<([String; 3], Metric)> =
            metrics.into_iter().map(|metric| (scope(&metric), metric)).collect();
        // The order of scopes is that of a hash map. Which of two keeps the plain series must not change between scrapes.
        metrics.sort_by(|(a, _), (b, _)| library(a).cmp(&library(b)));
        let first = metrics.first().map(|(scope, _)| scope.clone());
        let mut seen = BTreeSet::new();
        let relabelled = metrics.into_iter().filter_map(|(scope, mut metric)| {
            let library = library(&scope);
            let owner = if is_ours { Some(Library::Ours) } else { first.as_ref().map(self::library) };
            let labels = self.labels(&metric, library, owner != Some(library));
            seen.insert(key(&labels)).then(|| {
                metric.set_label(labels);
                metric
            })
        });
        relabelled.collect()
    }

    /// The labels in the order of their names. An empty value is the same as no label, and an attribute without a key makes none.
    fn labels(&self, metric: &Metric, library: Library<'_>, named: bool) -> Vec<LabelPair> {
        let own = metric.get_label().iter().filter(|label| !label.name().is_empty() && !label.value().is_empty());
        let own = own.filter(|label| named || !LABELS.contains(&label.name()));
        let is_of_instrument =
            |label: &LabelPair| label.name().strip_prefix(SCOPE_PREFIX).is_some_and(is_of_instrument);
        let own = own.filter(|label| library != Library::Ours || !is_of_instrument(label));
        let mut labels: Vec<LabelPair> = own.cloned().collect();
        for label in &self.identity {
            if !labels.iter().any(|own| own.name() == label.name()) {
                labels.push(label.clone());
            }
        }
        labels.sort_by(|a, b| a.name().cmp(b.name()));
        labels
    }
}

/// What upstream's labels say of the scope.
fn scope(metric: &Metric) -> [String; 3] {
    LABELS.map(|name| {
        let label = metric.get_label().iter().find(|label| label.name() == name);
        label.map_or_else(String::new, |label| label.value().to_owned())
    })
}

fn library([name, version, schema_url]: &[String; 3]) -> Library<'_> {
    Library::new(name, version, schema_url)
}

fn key(labels: &[LabelPair]) -> Vec<(String, String)> {
    labels.iter().map(|label| (label.name().to_owned(), label.value().to_owned())).collect()
}

fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}
