//! The responses of the live page's interface, as JSON.

use std::fmt::Write;

use super::Live;
use super::history::History;
use crate::catalog::Kind;
use crate::config::Url;
use crate::lock::lock;

/// The version of the interface. It changes when a client of the old version would misread the new one.
const VERSION: u64 = 1;

impl Live {
    /// The history after a frame, with series after a number, and the health of the exporters. The page requests it periodically.
    ///
    /// `of` is the instance that the client has read before. If this process is another instance, the client receives everything.
    pub(crate) fn history(&self, of: &str, frame: u64, series: usize, health: &str) -> String {
        let mut json = Json::object();
        json.number("version", VERSION);
        json.text("instance", &self.instance);
        json.number("started", self.started);
        json.number("now", (self.clock)());
        json.array("exporters", health.lines(), |json, line| {
            let (name, how) = line.split_once(": ").unwrap_or((line, ""));
            json.in_object(|json| {
                json.text("name", name);
                json.text("health", how);
            });
        });
        match &self.history {
            None => json.raw("history", "null"),
            Some(history) => {
                let history = lock(history);
                let numbers = history.ring().numbers();
                // Frames that were dropped leave a gap, so the history starts again.
                let goes_on = of == self.instance && frame >= numbers.start && frame <= numbers.end;
                let (frame, series) = if goes_on { (frame, series) } else { (numbers.start, 0) };
                json.object_in("history", |json| write_history(json, &history, goes_on, frame, series));
            }
        }
        json.end()
    }

    /// The information that does not change while the service runs, and the definitions of its metrics.
    pub(crate) fn about(&self) -> String {
        let mut json = Json::object();
        json.number("version", VERSION);
        json.text("instance", &self.instance);
        json.number("started", self.started);
        json.optional("trace_link", self.settings.trace_link.as_ref().map(Url::as_str));
        json.array("origins", &self.settings.origins, |json, origin| json.item_text(origin));
        json.array("settings", self.info.settings().as_slice(), |json, setting| {
            json.in_object(|json| {
                json.text("section", &setting.section);
                json.text("name", &setting.name);
                json.text("value", &setting.value);
                json.text("origin", &setting.origin);
            });
        });
        json.array("functions", &self.info.functions, |json, function| {
            json.in_object(|json| {
                json.text("method", &function.method);
                json.text("path", &function.path);
                json.text("place", &function.place);
            });
        });
        json.array("metrics", self.streams.made(), |json, stream| {
            json.in_object(|json| {
                json.text("name", &stream.prometheus_name());
                json.text("instrument", &stream.name);
                json.text("kind", kind(stream.def.kind));
                json.text("unit", stream.def.unit);
                json.text("owner", stream.def.module.split("::").next().unwrap_or_default());
                json.text("module", stream.def.module);
                json.number("cap", stream.cap as u64);
                json.array("labels", stream.labels(), |json, label| json.item_text(label.name));
            });
        });
        json.end()
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::UpDownCounter => "up_down_counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
        Kind::Summary => "summary",
    }
}

fn write_history(json: &mut Json, history: &History, goes_on: bool, frame: u64, series: usize) {
    let ring = history.ring();
    json.raw("continues", if goes_on { "true" } else { "false" });
    json.number("frame", frame);
    json.number("next", ring.numbers().end);
    json.number("bytes", history.bytes() as u64);
    json.number("left_out", history.left_out() as u64);
    json.array("metrics", history.metrics(), |json, kept| {
        json.in_object(|json| {
            json.text("name", &kept.name);
            json.text("group", kept.tracked.group.word());
            json.text("section", kept.tracked.section());
            json.text("role", kept.tracked.role.word());
            json.text("family", &kept.family);
            json.text("unit", kept.unit);
            json.text("definition", kept.tracked.def().name);
            match &kept.bounds {
                Some(bounds) => json.array("bounds", bounds, |json, bound| json.item_float(*bound)),
                None => json.raw("bounds", "null"),
            }
        });
    });
    json.array("series", history.series().iter().skip(series), |json, series| {
        json.in_object(|json| {
            json.number("metric", series.metric as u64);
            json.number("slot", series.slot as u64);
            json.number("slots", series.slots as u64);
            json.number("scale", u64::from(series.scale));
            json.object_in("labels", |json| {
                series.labels.iter().for_each(|(name, value)| json.text(name, value));
            });
        });
    });
    if !goes_on {
        let (at, values) = ring.base();
        json.object_in("base", |json| {
            match at {
                Some(at) => json.number("at", at),
                None => json.raw("at", "null"),
            }
            json.array("values", values, |json, value| json.item(format_args!("{value}")));
        });
    }
    json.array("frames", ring.frames(frame), |json, (at, changes)| {
        json.item(format_args!("[{at}"));
        for (slot, change) in changes {
            json.push(format_args!(",{slot},{change}"));
        }
        json.push(format_args!("]"));
    });
}

/// A JSON text under construction.
#[derive(Debug)]
struct Json(String);

impl Json {
    /// Starts an object.
    pub(crate) fn object() -> Self {
        Self("{".to_owned())
    }

    /// The whole text.
    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(text);
    }

    /// Writes a comma, unless this is the first item.
    fn separate(&mut self) {
        if !self.0.ends_with(['{', '[', ':']) {
            self.0.push(',');
        }
    }

    fn name(&mut self, name: &str) {
        self.item_text(name);
        self.0.push(':');
    }

    pub(crate) fn raw(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.push(format_args!("{value}"));
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quote(&mut self.0, value);
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.raw(name, "null"),
        }
    }

    fn object_in(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.name(name);
        self.in_braces(content);
    }

    /// An object as an item of an array.
    fn in_object(&mut self, content: impl FnOnce(&mut Self)) {
        self.separate();
        self.in_braces(content);
    }

    fn in_braces(&mut self, content: impl FnOnce(&mut Self)) {
        self.0.push('{');
        content(self);
        self.0.push('}');
    }

    fn array<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.name(name);
        self.0.push('[');
        for item in items {
            write(self, item);
        }
        self.0.push(']');
    }

    fn item(&mut self, text: std::fmt::Arguments<'_>) {
        self.separate();
        self.push(text);
    }

    fn item_text(&mut self, text: &str) {
        self.separate();
        quote(&mut self.0, text);
    }

    /// JSON has no numbers that are not finite.
    fn item_float(&mut self, value: f64) {
        if value.is_finite() { self.item(format_args!("{value:?}")) } else { self.item(format_args!("null")) }
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
