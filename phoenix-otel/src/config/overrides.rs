//! The settings of the builder and of the configuration file.

use std::collections::BTreeMap;

use super::detect::ResourceDetector;
use super::model::{CardinalityLimits, ExemplarFilter, HistogramAggregation, LogLevel, Meters, PushOverrides};
use super::resource::ResourceValue;
use super::setting::{Places, Setting};

/// The settings of the builder, and of the configuration file where the builder sets nothing. They take precedence over environment variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) disabled: Option<bool>,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) exemplars: Option<ExemplarFilter>,
    /// Set in a file only.
    pub(crate) meters: Meters,
    /// Set in a file only.
    pub(crate) limits: CardinalityLimits,
    pub(crate) strict: bool,
    pub(crate) namespace: Option<String>,
    /// If empty, metric names have no subsystem.
    pub(crate) subsystem: Option<String>,
    /// The subsystem of the edge metrics. If empty, their names have no subsystem.
    pub(crate) edge: Option<String>,
    pub(crate) instance: Option<String>,
    /// `service.name` and `service.version` are defaults here: the environment overrides them.
    pub(crate) resource_attributes: Vec<(String, String)>,
    /// The resource attributes of a file, with their places. They have the precedence of `OTEL_RESOURCE_ATTRIBUTES`.
    pub(crate) file_attributes: BTreeMap<String, (ResourceValue, Setting)>,
    /// The resource detectors.
    pub(crate) detectors: Option<Vec<ResourceDetector>>,
    /// Patterns of the keys of detected attributes. Set in a file only.
    pub(crate) detected_included: Option<Vec<String>>,
    pub(crate) detected_excluded: Vec<String>,
    pub(crate) histogram_aggregation: Option<HistogramAggregation>,
    /// The exporters of spans.
    #[cfg(feature = "tracing")]
    pub(crate) traces_exporters: Option<Vec<super::traces::TracesExporter>>,
    #[cfg(feature = "tracing")]
    pub(crate) sampler: Option<super::traces::Sampler>,
    #[cfg(feature = "tracing")]
    pub(crate) propagators: Option<Vec<super::traces::Propagator>>,
    #[cfg(feature = "tracing")]
    pub(crate) span_limits: super::traces::SpanLimits,
    /// The default interval and timeout of periodic exporters.
    pub(crate) push: PushOverrides,
    pub(crate) process_metrics: Option<bool>,
    pub(crate) page: super::options::Page,
    /// The places of the values that a file sets.
    pub(crate) places: Places,
}

impl Overrides {
    /// The setting of `field`, if code or a file sets it.
    pub(crate) fn given(&self, field: &str, method: &'static str, is_set: bool) -> Option<Setting> {
        is_set.then(|| self.places.setting(field, method))
    }
}

#[cfg(feature = "config-file")]
impl Overrides {
    /// Takes the settings of a file where code sets nothing.
    pub(crate) fn fill(&mut self, file: Self) {
        let mut places = file.places;
        macro_rules! fill {
            ($($field:ident = $name:literal),* $(,)?) => {$(
                if self.$field.is_some() {
                    places.remove($name);
                } else {
                    self.$field = file.$field;
                }
            )*};
        }
        fill! {
            disabled = "disabled",
            log_level = "log_level",
            exemplars = "exemplar_filter",
            namespace = "namespace",
            subsystem = "subsystem",
            edge = "edge_subsystem",
            detectors = "detectors",
            histogram_aggregation = "histogram_aggregation",
            process_metrics = "process_metrics",
        }
        #[cfg(feature = "tracing")]
        fill! {
            traces_exporters = "traces_exporters",
            sampler = "sampler",
            propagators = "propagators",
        }
        #[cfg(feature = "tracing")]
        self.span_limits.fill(file.span_limits, &mut places);
        self.strict |= file.strict;
        self.file_attributes = file.file_attributes;
        self.detected_included = file.detected_included;
        self.detected_excluded = file.detected_excluded;
        self.meters = file.meters;
        self.limits = file.limits;
        self.page.fill(file.page);
        self.places = places;
    }
}
