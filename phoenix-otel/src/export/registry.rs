//! The bridges to the crate `prometheus`: a registry whose metrics our endpoint also exports, and a registry that receives our metrics.
//!
//! `opentelemetry-prometheus` writes our metrics into a registry. This module corrects the labels, so that a series has the same labels as on
//! our own endpoint: a point keeps its own label `service`, which upstream would join with that of the resource as `emitter;dependency`, and
//! labels name a scope only if another scope has a metric of the same name.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::metrics::MeterProviderBuilder;
use prometheus::Registry;
use prometheus::core::{Collector, Desc};
use prometheus::proto::{LabelPair, Metric, MetricFamily};

use crate::callbacks::Callbacks;
use crate::catalog::name::SCOPE_PREFIX;
use crate::config::ResourceValue;
use crate::error::InitError;
use crate::export::prometheus::ForeignFamily;
use crate::export::scopes::{LABELS, Library};
use crate::report::report;
use crate::view::is_internal_attribute;

/// Resource attributes that are labels of every sample.
const IDENTITY: [&str; 2] = ["service", "version"];
/// The family whose labels are the resource attributes. No other family has them.
const TARGET: &str = "target_info";

/// The registries that the builder sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registries {
    /// A registry whose metrics our endpoint also exports.
    pub(crate) included: Option<Registry>,
    /// A registry that receives our metrics.
    pub(crate) target: Option<Registry>,
}

impl Registries {
    /// Exports our metrics into the service's registry, if one is configured. If the registry rejects them, the reason is added to `wrong`.
    pub(crate) fn export_into(
        &self,
        provider: MeterProviderBuilder,
        resource: &[(String, ResourceValue)],
        ours: &Arc<BTreeSet<String>>,
        callbacks: &Callbacks,
        wrong: &mut InitError,
    ) -> (MeterProviderBuilder, RegistryExport) {
        let Some(registry) = &self.target else { return (provider, RegistryExport::none()) };
        match register(registry.clone(), resource, ours.clone(), callbacks.clone()) {
            Ok((export, reader)) => (provider.with_reader(reader), export),
            Err(error) => {
                wrong.registry = Some(error.to_string());
                (provider, RegistryExport::none())
            }
        }
    }

    /// The current metrics of the included registry.
    pub(crate) fn gather(&self) -> Gathered {
        Gathered(self.included.as_ref().map(Registry::gather).unwrap_or_default())
    }
}

/// The families that the included registry returned.
pub(crate) struct Gathered(Vec<MetricFamily>);

impl Gathered {
    pub(crate) fn families(&self) -> Vec<ForeignFamily<'_>> {
        self.0.iter().map(ForeignFamily::from).collect()
    }
}

/// Our metrics in the service's registry, if one is configured. `end` or a drop removes them.
pub(crate) struct RegistryExport {
    registry: Option<Registry>,
    ended: AtomicBool,
}

/// A reader that writes all metrics of its provider into `registry`. `resource` is the provider's, and `ours` are the names of our metrics.
///
/// # Errors
///
/// Fails if the registry already contains such a reader.
fn register(
    registry: Registry,
    resource: &[(String, ResourceValue)],
    ours: Arc<BTreeSet<String>>,
    callbacks: Callbacks,
) -> Result<(RegistryExport, PrometheusExporter), prometheus::Error> {
    let upstream = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(upstream.clone())
        .build()
        .map_err(|error| prometheus::Error::Msg(error.to_string()))?;
    let identity = IDENTITY.iter().filter_map(|name| {
        let (_, value) = resource.iter().find(|(key, _)| key == name)?;
        let value = value.to_string();
        if value.is_empty() {
            return None;
        }
        Some(pair(name, &value))
    });
    registry.register(Box::new(Bridge { upstream, identity: identity.collect(), ours, callbacks }))?;
    Ok((RegistryExport { registry: Some(registry), ended: AtomicBool::new(false) }, exporter))
}

impl RegistryExport {
    /// No registry is configured.
    pub(crate) const fn none() -> Self {
        Self { registry: None, ended: AtomicBool::new(false) }
    }

    /// Removes our metrics, so that a later telemetry can register its own.
    pub(crate) fn end(&self) {
        let Some(registry) = &self.registry else { return };
        // Only once: after that, the registry may contain the collector of a later telemetry.
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        // A registry identifies a collector by its descriptions. Only our collector has none.
        let same = Bridge {
            upstream: Registry::new(),
            identity: Vec::new(),
            ours: Arc::default(),
            callbacks: Callbacks::default(),
        };
        if let Err(error) = registry.unregister(Box::new(same)) {
            tracing::debug!(%error, "our metrics were already removed from the registry");
        }
    }
}

impl Drop for RegistryExport {
    fn drop(&mut self) {
        self.end();
    }
}

/// The families of `upstream`, with corrected labels.
struct Bridge {
    upstream: Registry,
    identity: Vec<LabelPair>,
    /// The names of our metrics.
    ours: Arc<BTreeSet<String>>,
    /// Called before upstream collects.
    callbacks: Callbacks,
}

impl Collector for Bridge {
    /// Empty, as in upstream: the metrics are not known in advance.
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = match self.callbacks.collect(|| self.upstream.gather()) {
            Ok(families) => families,
            Err(reason) => {
                report!(ERROR, { reason }, "a registry that receives our metrics was gathered without them");
                return Vec::new();
            }
        };
        for family in families.iter_mut().filter(|family| family.name() != TARGET) {
            let metrics = family.take_metric();
            let is_ours = self.ours.contains(family.name());
            family.set_metric(self.relabelled(is_ours, metrics));
        }
        families
    }
}

impl Bridge {
    /// `is_ours` says whether the family has the name of one of our metrics.
    fn relabelled(&self, is_ours: bool, metrics: impl IntoIterator<Item = Metric>) -> Vec<Metric> {
        let mut metrics: Vec<([String; 3], Metric)> =
            metrics.into_iter().map(|metric| (scope(&metric), metric)).collect();
        // Scopes come in the order of a hash map. They are sorted, so that the same scope keeps the series without scope labels in each scrape.
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

    /// The labels, sorted by name. An empty value is the same as no label, and an attribute with an empty key is dropped.
    fn labels(&self, metric: &Metric, library: Library<'_>, named: bool) -> Vec<LabelPair> {
        let own = metric.get_label().iter().filter(|label| !label.name().is_empty() && !label.value().is_empty());
        let own = own.filter(|label| named || !LABELS.contains(&label.name()));
        let is_internal_attribute =
            |label: &LabelPair| label.name().strip_prefix(SCOPE_PREFIX).is_some_and(is_internal_attribute);
        let own = own.filter(|label| library != Library::Ours || !is_internal_attribute(label));
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

/// The scope, as the labels of upstream name it.
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
