//! Our own settings, and those of other crates.

use super::super::check::join;
use super::{At, FileExporter, Reader};
use crate::config::PemPath;
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
            let path = join(&distribution.path, &entry.key);
            let Some(at) = distribution.child(&entry.node, path) else { continue };
            if entry.key == "phoenix_otel" {
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
        self.endpoints(at);
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

    /// The settings of all scrape endpoints.
    fn endpoints(&mut self, at: &At<'_>) {
        let (web_config_file, token_file) = (at.text("web_config_file"), at.text("bearer_token_file"));
        let open_health = at.boolean("open_health");
        let mut places = Vec::new();
        for key in ["web_config_file", "bearer_token_file", "open_health"] {
            places.extend(at.get(key).map(|at| (key, self.place(&at))));
        }
        for reader in &mut self.config.readers {
            let FileExporter::Prometheus(options) = &mut reader.exporter else { continue };
            options.web_config_file = web_config_file.clone().map(PathBuf::from);
            options.bearer_token_file = token_file.clone().map(PemPath::new);
            options.open_health = open_health;
            places.iter().for_each(|(key, place)| options.places.set(key, place.clone()));
        }
    }
}
