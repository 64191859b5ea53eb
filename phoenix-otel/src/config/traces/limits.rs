//! The limits of spans.

use crate::config::env::Env;
use crate::config::overrides::Overrides;
use crate::config::setting::Setting;

/// The maximum numbers of attributes, events and links of a span. The SDK drops what exceeds a limit, and counts it in the span. Pass it to
/// [`Builder::span_limits`](crate::Builder::span_limits).
///
/// Each limit that is not set comes from its variable. The default is 128.
///
/// ```
/// use phoenix_otel::SpanLimits;
///
/// let builder = phoenix_otel::builder("orchestrator").span_limits(SpanLimits::new().attributes(64).events(32));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct SpanLimits {
    pub(crate) attributes: Option<u32>,
    pub(crate) events: Option<u32>,
    pub(crate) links: Option<u32>,
    pub(crate) attributes_per_event: Option<u32>,
    pub(crate) attributes_per_link: Option<u32>,
}

impl SpanLimits {
    /// No limits: each comes from its variable.
    pub fn new() -> Self {
        Self::default()
    }

    /// The maximum number of attributes of a span. Overrides `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` and `OTEL_ATTRIBUTE_COUNT_LIMIT`.
    pub fn attributes(mut self, most: u32) -> Self {
        self.attributes = Some(most);
        self
    }

    /// The maximum number of events of a span. Overrides `OTEL_SPAN_EVENT_COUNT_LIMIT`.
    pub fn events(mut self, most: u32) -> Self {
        self.events = Some(most);
        self
    }

    /// The maximum number of links of a span. Overrides `OTEL_SPAN_LINK_COUNT_LIMIT`.
    pub fn links(mut self, most: u32) -> Self {
        self.links = Some(most);
        self
    }

    /// The maximum number of attributes of an event. Overrides `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`.
    pub fn attributes_per_event(mut self, most: u32) -> Self {
        self.attributes_per_event = Some(most);
        self
    }

    /// The maximum number of attributes of a link. Overrides `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`.
    pub fn attributes_per_link(mut self, most: u32) -> Self {
        self.attributes_per_link = Some(most);
        self
    }

    /// Takes the limits of a file where code sets none. Removes the places of the others.
    #[cfg(feature = "config-file")]
    pub(crate) fn fill(&mut self, file: Self, places: &mut crate::config::setting::Places) {
        for (limit, of_file, key) in [
            (&mut self.attributes, file.attributes, MaxPerSpan::ATTRIBUTES),
            (&mut self.events, file.events, MaxPerSpan::EVENTS),
            (&mut self.links, file.links, MaxPerSpan::LINKS),
            (&mut self.attributes_per_event, file.attributes_per_event, MaxPerSpan::ATTRIBUTES_OF_EVENT),
            (&mut self.attributes_per_link, file.attributes_per_link, MaxPerSpan::ATTRIBUTES_OF_LINK),
        ] {
            if limit.is_some() {
                places.remove(key);
            } else {
                *limit = of_file;
            }
        }
    }
}

/// The resolved limits of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MaxPerSpan {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
    pub(crate) attributes_per_event: u32,
    pub(crate) attributes_per_link: u32,
}

impl MaxPerSpan {
    const ATTRIBUTES: &str = "attribute_count_limit";
    const EVENTS: &str = "event_count_limit";
    const LINKS: &str = "link_count_limit";
    const ATTRIBUTES_OF_EVENT: &str = "event_attribute_count_limit";
    const ATTRIBUTES_OF_LINK: &str = "link_attribute_count_limit";

    /// The keys of a configuration file with their values.
    pub(crate) fn values(&self) -> [(&'static str, u32); 5] {
        [
            (Self::ATTRIBUTES, self.attributes),
            (Self::EVENTS, self.events),
            (Self::LINKS, self.links),
            (Self::ATTRIBUTES_OF_EVENT, self.attributes_per_event),
            (Self::ATTRIBUTES_OF_LINK, self.attributes_per_link),
        ]
    }

    /// The limits of code, else of the file, else of the variables, else of the specification.
    pub(super) fn resolve(env: &mut Env<'_>, overrides: &Overrides) -> Self {
        let mut limit = |key: &'static str, given: Option<u32>, names: &[&'static str]| {
            const DEFAULT: u32 = 128;
            let limit = env.with_fallback(u32::to_string, |env| given.or(limit(env, names)).unwrap_or(DEFAULT));
            env.note(key, overrides.given(key, "builder: span_limits", given.is_some()), names);
            limit
        };
        let given = overrides.span_limits;
        Self {
            attributes: limit(
                Self::ATTRIBUTES,
                given.attributes,
                &["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
            ),
            events: limit(Self::EVENTS, given.events, &["OTEL_SPAN_EVENT_COUNT_LIMIT"]),
            links: limit(Self::LINKS, given.links, &["OTEL_SPAN_LINK_COUNT_LIMIT"]),
            attributes_per_event: limit(
                Self::ATTRIBUTES_OF_EVENT,
                given.attributes_per_event,
                &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"],
            ),
            attributes_per_link: limit(
                Self::ATTRIBUTES_OF_LINK,
                given.attributes_per_link,
                &["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"],
            ),
        }
    }
}

/// The first valid limit. All variables are validated, also those that are not used.
fn limit(env: &mut Env<'_>, names: &[&'static str]) -> Option<u32> {
    let mut found = None;
    for name in names {
        let Some(text) = env.text(name) else { continue };
        match text.parse() {
            Ok(limit) => found = found.or(Some(limit)),
            Err(_) => {
                let allowed = format!("a whole number from 0 to {}", u32::MAX);
                env.problem(&Setting::variable(name), &text, allowed);
            }
        }
    }
    found
}
