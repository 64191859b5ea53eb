//! The tracer provider and the propagators.

use super::super::check::integer;
use super::{At, Reader};
use crate::config::model::{Protocol, PushOverrides};
use crate::config::options;
use crate::config::setting::Places;

impl Reader<'_> {
    pub(super) fn traces(&mut self, root: &At<'_>) {
        use crate::config::traces::Propagator;

        self.propagators(root.get("propagator"), |name| match name {
            "tracecontext" => Some(Propagator::TraceContext),
            "baggage" => Some(Propagator::Baggage),
            _ => None,
        });
        let (general, provider) = (root.get("attribute_limits"), root.get("tracer_provider"));
        let limits = provider.as_ref().and_then(|provider| provider.get("limits"));
        let mut limit = |at: &Option<At<'_>>, key: &'static str| {
            let at = at.as_ref()?.get(key)?;
            let place = self.place(&at);
            self.config.overrides.places.set(key, place);
            Some(u32::try_from(integer(at.node)?).unwrap_or(u32::MAX))
        };
        let for_all = limit(&general, "attribute_count_limit");
        self.config.overrides.span_limits = crate::config::traces::SpanLimits {
            attributes: limit(&limits, "attribute_count_limit").or(for_all),
            events: limit(&limits, "event_count_limit"),
            links: limit(&limits, "link_count_limit"),
            attributes_per_event: limit(&limits, "event_attribute_count_limit"),
            attributes_per_link: limit(&limits, "link_attribute_count_limit"),
        };
        self.config.overrides.traces_exporters = Some(Vec::new());
        let Some(provider) = provider else { return };
        if let Some(sampler) = provider.get("sampler") {
            let place = self.place(&sampler);
            self.config.overrides.places.set("sampler", place);
            self.config.overrides.sampler = self.sampler(&sampler);
        }
        if let Some(generator) = provider.get("id_generator")
            && let Some((name, _)) = generator.choice()
            && name != "random"
        {
            self.unknown_component(&generator, name, "an ID generator", ["random"].into_iter());
        }
        for item in provider.get("processors").map(|list| list.items()).unwrap_or_default() {
            self.span_processor(&item);
        }
    }

    pub(super) fn propagators(
        &mut self,
        propagator: Option<At<'_>>,
        known: impl Fn(&str) -> Option<crate::config::traces::Propagator>,
    ) {
        let mut found = Vec::new();
        let mut add = |reader: &mut Self, at: &At<'_>, name: &str| match known(name) {
            Some(one) if !found.contains(&one) => found.push(one),
            Some(_) => {}
            // As keys of the file they are in the schema, so `check` has reported them.
            None if matches!(name, "b3" | "b3multi") && at.node.as_str().is_none() => {}
            None => {
                let words = ["tracecontext", "baggage"];
                match name {
                    "none" => {}
                    "b3" | "b3multi" | "jaeger" | "xray" | "ottrace" => {
                        reader.unsupported(at, format!("phoenix-otel has no propagator {name}"));
                    }
                    _ => reader.unknown_component(at, name, "a propagator", words.into_iter()),
                }
            }
        };
        if let Some(at) = &propagator {
            for item in at.get("composite").map(|list| list.items()).unwrap_or_default() {
                if let Some((name, _)) = item.choice() {
                    add(self, &item, name);
                }
            }
            if let Some(list) = at.get("composite_list") {
                let text = list.node.as_str().unwrap_or_default().to_owned();
                text.split(',').map(str::trim).filter(|name| !name.is_empty()).for_each(|name| add(self, &list, name));
            }
            let place = self.place(at);
            self.config.overrides.places.set("propagators", place);
        }
        self.config.overrides.propagators = Some(found);
    }

    pub(super) fn sampler(&mut self, at: &At<'_>) -> Option<crate::config::traces::Sampler> {
        use crate::config::traces::Sampler;

        let (name, at) = at.choice()?;
        match name {
            "always_on" => Some(Sampler::always_on()),
            "always_off" => Some(Sampler::always_off()),
            "trace_id_ratio_based" => {
                let ratio = at.get("ratio").and_then(|ratio| ratio.node.as_f64()).unwrap_or(1.0);
                Some(Sampler::trace_id_ratio(ratio))
            }
            "parent_based" => {
                let root = match at.get("root") {
                    Some(root) => self.sampler(&root)?,
                    None => Sampler::always_on(),
                };
                if root.parent_based {
                    let root = at.get("root")?;
                    self.unsupported(&root, "the root of a parent-based sampler cannot be parent-based");
                }
                for (key, fixed) in [
                    ("remote_parent_sampled", "always_on"),
                    ("remote_parent_not_sampled", "always_off"),
                    ("local_parent_sampled", "always_on"),
                    ("local_parent_not_sampled", "always_off"),
                ] {
                    if let Some(at) = at.get(key)
                        && at.choice().is_some_and(|(name, _)| name != fixed)
                    {
                        self.unsupported(&at, format!("phoenix-otel always uses {fixed} in this case"));
                    }
                }
                Some(root.parent_based())
            }
            // The schema reports it.
            "always_record" | "composite/development" | "jaeger_remote/development" | "probability/development" => None,
            other => {
                let words = ["always_on", "always_off", "trace_id_ratio_based", "parent_based"];
                self.unknown_component(&at, other, "a sampler", words.into_iter());
                None
            }
        }
    }

    pub(super) fn span_processor(&mut self, item: &At<'_>) {
        let Some((kind, processor)) = item.choice() else { return };
        if !matches!(kind, "batch" | "simple") {
            return self.unknown_component(item, kind, "a span processor", ["batch"].into_iter());
        }
        let Some(exporter) = processor.get("exporter") else { return };
        let Some((name, at)) = exporter.choice() else { return };
        let push =
            PushOverrides { interval: processor.millis("schedule_delay"), timeout: processor.limit("export_timeout") };
        let mut places = Places::default();
        if kind == "simple" {
            places.set("max_export_batch_size", self.place(item));
        }
        self.note(
            &processor,
            &mut places,
            &[
                ("schedule_delay", "interval"),
                ("export_timeout", "export_timeout"),
                ("max_queue_size", "max_queue_size"),
                ("max_export_batch_size", "max_export_batch_size"),
            ],
        );
        let size = |key: &str| processor.integer(key).and_then(|size| usize::try_from(size).ok());
        // A simple processor exports each span when it ends.
        let batch = if kind == "simple" { Some(1) } else { size("max_export_batch_size") };
        let queue = size("max_queue_size");
        let exporter: crate::config::TracesExporter = match name {
            "otlp_http" => self.otlp(&at, Protocol::HttpProtobuf, push, places.clone()).into(),
            "otlp_grpc" => self.otlp(&at, Protocol::Grpc, push, places.clone()).into(),
            "console" => options::Console { push, places: places.clone(), ..options::Console::new() }.into(),
            "otlp_file/development" => return,
            other => {
                let words = ["otlp_http", "otlp_grpc", "console"];
                return self.unknown_component(&exporter, other, "an exporter of spans", words.into_iter());
            }
        };
        let exporters = self.config.overrides.traces_exporters.get_or_insert_default();
        exporters.push(exporter.with_batch(queue, batch, places).numbered(exporters));
    }
}
