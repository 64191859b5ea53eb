//! Our own settings, and those of other crates.

use super::super::check::{check_map, join};
use super::super::schema::PHOENIX;
use super::{At, FileExporter, Reader};
use crate::config::endpoint::Url;
use crate::config::options;
use crate::config::page::PageOn;
use crate::config::setting::Places;
use std::path::PathBuf;

impl Reader<'_> {
    /// Our own settings, and those of other crates.
    pub(super) fn distribution(&mut self, distribution: Option<At<'_>>) {
        let Some(distribution) = distribution else { return };
        for entry in distribution.node.entries() {
            let at = distribution.child(&entry.node, join(&distribution.path, &entry.key));
            if entry.key == "phoenix_otel" {
                check_map(at.node, &PHOENIX, &at.path, &mut self.report);
                self.phoenix(&at);
            } else {
                let node = self.node(&at);
                self.config.nodes.push((entry.key.clone(), node));
            }
        }
    }

    pub(super) fn phoenix(&mut self, at: &At<'_>) {
        for (key, field) in [
            ("namespace", "namespace"),
            ("subsystem", "subsystem"),
            ("edge_subsystem", "edge_subsystem"),
            ("strict", "strict"),
            ("process_metrics", "process_metrics"),
            ("shutdown_timeout", "shutdown_timeout"),
        ] {
            self.set_place(at, key, field);
        }
        self.config.shutdown_timeout = at.millis("shutdown_timeout");
        let overrides = &mut self.config.overrides;
        overrides.namespace = at.text("namespace");
        overrides.subsystem = at.text("subsystem");
        overrides.edge = at.text("edge_subsystem");
        overrides.strict = at.boolean("strict").unwrap_or_default();
        overrides.process_metrics = at.boolean("process_metrics");
        if let Some(file) = at.get("web_config_file") {
            let place = self.place(&file);
            let path = file.node.as_str().map(PathBuf::from);
            for reader in &mut self.config.readers {
                if let FileExporter::Prometheus(options) = &mut reader.exporter {
                    options.web_config_file = path.clone();
                    options.places.set("web_config_file", place.clone());
                }
            }
        }
        if let Some(open) = at.get("open_health") {
            let place = self.place(&open);
            for reader in &mut self.config.readers {
                if let FileExporter::Prometheus(options) = &mut reader.exporter {
                    options.open_health = open.node.as_bool();
                    options.places.set("open_health", place.clone());
                }
            }
        }
        let Some(page) = at.get("page") else { return };
        let mut places = Places::default();
        self.note(
            &page,
            &mut places,
            &[
                ("served", "on"),
                ("history", "history"),
                ("hosts", "hosts"),
                ("origins", "origins"),
                ("trace_link", "trace_link"),
            ],
        );
        self.config.overrides.page = options::Page {
            on: page.word("served", &PageOn::PLACES),
            history: page.boolean("history"),
            hosts: page.texts("hosts").unwrap_or_default(),
            origins: page.texts("origins").unwrap_or_default().into_iter().map(Url::new).collect(),
            trace_link: page.text("trace_link").map(Url::new),
            places,
        };
    }
}
