//! The meter provider: readers, meters and views.

use super::{At, DEFAULT_BOUNDS, FileAggregation, FileReader, FileView, Reader};
use crate::config::Pattern;
use crate::config::model::{CardinalityLimits, ExemplarFilter, MAX_CARDINALITY_LIMIT, Meters, PushOverrides};

impl Reader<'_> {
    pub(super) fn meter_provider(&mut self, provider: Option<At<'_>>) {
        let Some(provider) = provider else { return };
        self.set_place(&provider, "exemplar_filter", "exemplar_filter");
        self.config.overrides.exemplars =
            provider.word("exemplar_filter", &ExemplarFilter::ALL.map(|one| (one.word(), one)));
        let mut limits: Option<CardinalityLimits> = None;
        for item in provider.get("readers").map(|list| list.items()).unwrap_or_default() {
            let Some((kind, reader)) = item.choice() else { continue };
            let Some(exporter) = reader.get("exporter") else { continue };
            let push = self.push(&reader);
            let found = if kind == "pull" {
                self.pull_exporter(&exporter)
            } else {
                self.push_exporter(&reader, &exporter, push)
            };
            if let Some(found) = found {
                let place = self.place(&exporter);
                self.config.readers.push(FileReader { place, exporter: found });
            }
            let of_reader = reader.get("cardinality_limits").map(|at| self.limits(&at)).unwrap_or_default();
            match &limits {
                Some(limits) if *limits != of_reader => {
                    let at = reader.get("cardinality_limits").unwrap_or(reader);
                    self.unsupported(
                        &at,
                        "all readers of phoenix-otel have the same limits; the limits of the first reader are used",
                    );
                }
                Some(_) => {}
                None => {
                    self.set_place(&reader, "cardinality_limits", "cardinality_limits");
                    limits = Some(of_reader);
                }
            }
        }
        self.config.overrides.limits = limits.unwrap_or_default();
        self.meters(&provider);
        for item in provider.get("views").map(|list| list.items()).unwrap_or_default() {
            let view = self.view(&item);
            self.config.views.push(view);
        }
    }

    /// The limits of a reader.
    fn limits(&mut self, at: &At<'_>) -> CardinalityLimits {
        let mut limits = CardinalityLimits::default();
        for entry in at.node.entries() {
            let Some(limit) = at.integer(&entry.key).and_then(|limit| usize::try_from(limit).ok()) else { continue };
            if limit > MAX_CARDINALITY_LIMIT
                && let Some(value) = at.get(&entry.key)
            {
                self.invalid(&value, "a cardinality limit of at most 1,000,000");
            } else if entry.key == "default" {
                limits.default = Some(limit);
            } else {
                limits.kinds.insert(entry.key.clone(), limit);
            }
        }
        limits
    }

    /// The meters that are enabled or disabled.
    fn meters(&mut self, provider: &At<'_>) {
        const KEY: &str = "meter_configurator/development";
        let Some(configurator) = provider.get(KEY) else { return };
        self.set_place(provider, KEY, "meters");
        let enabled = |config: Option<At<'_>>| config.and_then(|config| config.boolean("enabled"));
        let default = enabled(configurator.get("default_config"));
        let entries = configurator.get("meters").map(|list| list.items()).unwrap_or_default();
        let entries = entries.iter().filter_map(|item| {
            let meter = item.text("name")?;
            Some((Pattern::new(meter), enabled(item.get("config")).unwrap_or(true)))
        });
        self.config.overrides.meters = Meters { default, entries: entries.collect() };
    }

    pub(super) fn push(&mut self, reader: &At<'_>) -> PushOverrides {
        PushOverrides { interval: reader.millis("interval"), timeout: reader.limit("timeout") }
    }

    pub(super) fn view(&mut self, item: &At<'_>) -> FileView {
        let mut view = FileView { place: self.place(item).name().to_owned(), ..FileView::default() };
        if let Some(selector) = item.get("selector") {
            view.instrument = selector.text("instrument_name");
            view.kind = selector.text("instrument_type");
            view.unit = selector.text("unit");
            view.meter = selector.text("meter_name");
            view.meter_version = selector.text("meter_version");
            view.meter_schema_url = selector.text("meter_schema_url");
        }
        let Some(stream) = item.get("stream") else { return view };
        view.name = stream.text("name");
        view.description = stream.text("description");
        view.cap = stream.integer("aggregation_cardinality_limit").and_then(|cap| usize::try_from(cap).ok());
        if let Some(keys) = stream.get("attribute_keys") {
            view.included = keys.texts("included");
            view.excluded = keys.texts("excluded");
        }
        if let Some((name, at)) = stream.get("aggregation").as_ref().and_then(At::choice) {
            view.aggregation = self.aggregation(name, &at, view.kind.as_deref());
        }
        view
    }

    pub(super) fn aggregation(&mut self, name: &str, at: &At<'_>, kind: Option<&str>) -> Option<FileAggregation> {
        if let Some(off) = at.get("record_min_max").filter(|at| at.node.as_bool() == Some(false)) {
            self.unsupported(&off, "phoenix-otel always records minimum and maximum");
        }
        match name {
            "drop" => Some(FileAggregation::Drop),
            "explicit_bucket_histogram" => {
                let Some(list) = at.get("boundaries") else {
                    return Some(FileAggregation::Explicit(DEFAULT_BOUNDS.to_vec()));
                };
                let bounds: Vec<f64> = list.items().iter().filter_map(|item| item.node.as_f64()).collect();
                // Otherwise the items are invalid.
                if list.node.items().is_empty() {
                    self.unsupported(&list, "a histogram of phoenix-otel has at least one bound");
                }
                (!bounds.is_empty()).then_some(FileAggregation::Explicit(bounds))
            }
            "base2_exponential_bucket_histogram" => {
                let max_size = at.integer("max_size").and_then(|size| u32::try_from(size).ok()).unwrap_or(160);
                let max_scale = at.integer("max_scale").and_then(|scale| i8::try_from(scale).ok()).unwrap_or(20);
                Some(FileAggregation::Exponential { max_size, max_scale })
            }
            "last_value" | "sum" => {
                let is_default = match kind {
                    Some("gauge" | "observable_gauge") => name == "last_value",
                    Some("histogram") | None => false,
                    Some(_) => name == "sum",
                };
                if !is_default {
                    let why = "phoenix-otel does not change the aggregation of counters and gauges, and a histogram keeps its buckets";
                    self.unsupported(at, why);
                }
                None
            }
            _ => None,
        }
    }
}
