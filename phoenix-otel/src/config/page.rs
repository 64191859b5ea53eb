//! The settings of the live page: `PHOENIX_OTEL_PAGE` and those that begin with it, the value given in code before them.

use super::endpoint;
use super::env::Env;
use super::given;

const PAGE: &str = "PHOENIX_OTEL_PAGE";
const HISTORY: &str = "PHOENIX_OTEL_PAGE_HISTORY";
const HOSTS: &str = "PHOENIX_OTEL_PAGE_HOSTS";
const ORIGINS: &str = "PHOENIX_OTEL_PAGE_ORIGINS";
const TRACE_LINK: &str = "PHOENIX_OTEL_PAGE_TRACE_LINK";

/// What stands for the trace's id in the link to a trace.
const TRACE_ID: &str = "{trace_id}";

/// Where the live page is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PageOn {
    /// Nowhere.
    Nowhere,
    /// Where the endpoint listens on loopback alone.
    #[default]
    Loopback,
    /// Wherever the endpoint is served, also in a router of the service's own.
    Everywhere,
}

impl PageOn {
    /// As the variable has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Nowhere => "false",
            Self::Loopback => "loopback",
            Self::Everywhere => "true",
        }
    }
}

/// The live page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) on: PageOn,
    /// Whether the process keeps what was collected in the last minutes.
    pub(crate) history: bool,
    /// Names that the page may be asked for by, beside those of loopback and addresses.
    pub(crate) hosts: Vec<String>,
    /// Other services whose pages may read this one, and which this page may read.
    pub(crate) origins: Vec<String>,
    /// The URL of a trace, with `{trace_id}` in it.
    pub(crate) trace_link: Option<String>,
}

impl Page {
    pub(crate) fn resolve(env: &mut Env<'_>, given: &given::Page) -> Self {
        let places = [PageOn::Loopback, PageOn::Everywhere, PageOn::Nowhere].map(|on| (on.word(), on));
        let on = env.choice(&[PAGE], &places);
        if !cfg!(feature = "page") && given.on.or(on) == Some(PageOn::Everywhere) {
            env.problem(
                PAGE,
                PageOn::Everywhere.word(),
                "a page that was built in; this one needs the feature `page` of phoenix-otel",
            );
        }
        let history = env.flag(&[HISTORY]);
        Self {
            on: if cfg!(feature = "page") { given.on.or(on).unwrap_or_default() } else { PageOn::Nowhere },
            history: given.history.or(history).unwrap_or(true),
            hosts: list(
                env,
                HOSTS,
                "builder: page: host",
                &given.hosts,
                is_host,
                "host names, without scheme and port",
            ),
            origins: list(
                env,
                ORIGINS,
                "builder: page: origin",
                &given.origins,
                is_origin,
                "origins like http://localhost:9465, without a path",
            ),
            trace_link: link(env, given.trace_link.as_deref()),
        }
    }
}

/// What code gives, or else the items of the variable.
fn list(
    env: &mut Env<'_>,
    variable: &'static str,
    field: &str,
    given: &[String],
    is_allowed: impl Fn(&str) -> bool,
    allowed: &str,
) -> Vec<String> {
    let (setting, items) = match env.text(variable) {
        Some(text) if given.is_empty() => (variable, text.split(',').map(str::to_owned).collect()),
        _ => (field, given.to_vec()),
    };
    let items = items.iter().map(|item| item.trim().trim_end_matches('/').to_ascii_lowercase());
    let items: Vec<String> = items.filter(|item| !item.is_empty()).collect();
    for item in items.iter().filter(|item| !is_allowed(item)) {
        env.problem(setting, item, allowed);
    }
    items
}

fn is_host(text: &str) -> bool {
    endpoint::is_host(text)
}

/// A scheme, a host and perhaps a port: what a browser calls an origin.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(endpoint::is_authority)
}

fn link(env: &mut Env<'_>, given: Option<&str>) -> Option<String> {
    let (setting, link) = match (given, env.text(TRACE_LINK)) {
        (Some(given), _) => ("builder: page: trace_link", given.to_owned()),
        (None, Some(text)) => (TRACE_LINK, text),
        (None, None) => return None,
    };
    // Else it could be a `javascript:`.
    let leads_to_http = ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme));
    if !leads_to_http || !link.contains(TRACE_ID) {
        env.problem(setting, &link, "a URL that begins with http:// or https:// and has {trace_id} in it");
    }
    Some(link)
}
