//! The settings of the live page: `PHOENIX_OTEL_PAGE` and those that begin with it, the value given in code before them.

use super::endpoint;
use super::env::Env;
use super::exporters::listed;
use super::given;
use super::setting::Setting;

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
        Self {
            on: on(env, given.on),
            history: env.settled(bool::to_string, |env| {
                let history = env.switch(HISTORY);
                given.history.or(history).unwrap_or(true)
            }),
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

fn on(env: &mut Env<'_>, given: Option<PageOn>) -> PageOn {
    const PLACES: [PageOn; 3] = [PageOn::Loopback, PageOn::Everywhere, PageOn::Nowhere];
    let shown = |on: &PageOn| on.word().to_owned();
    env.settled(shown, |env| {
        let places = PLACES.map(|on| (on.word(), on));
        let on = given.or_else(|| env.choice(&[PAGE], &places)).unwrap_or_default();
        if cfg!(feature = "page") {
            return on;
        }
        if on == PageOn::Everywhere {
            let setting = if given.is_some() { Setting::builder("builder: page") } else { Setting::variable(PAGE) };
            let allowed = "a page that was built in; this one needs the feature `page` of phoenix-otel";
            env.problem(&setting, on.word(), allowed);
        }
        PageOn::Nowhere
    })
}

/// What code gives, or else the items of the variable, without those that cannot be used.
fn list(
    env: &mut Env<'_>,
    variable: &'static str,
    field: &'static str,
    given: &[String],
    is_allowed: impl Fn(&str) -> bool,
    allowed: &str,
) -> Vec<String> {
    let shown = |items: &Vec<String>| listed(items.iter().map(String::as_str));
    env.settled(shown, |env| {
        let (setting, items) = match env.text(variable) {
            Some(text) if given.is_empty() => {
                (Setting::variable(variable), text.split(',').map(str::to_owned).collect())
            }
            _ => (Setting::builder(field), given.to_vec()),
        };
        let items = items.iter().map(|item| item.trim().trim_end_matches('/').to_ascii_lowercase());
        let (right, wrong): (Vec<String>, Vec<String>) =
            items.filter(|item| !item.is_empty()).partition(|item| is_allowed(item));
        wrong.iter().for_each(|item| env.problem(&setting, item, allowed));
        right
    })
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
    env.settled(
        |_| "no link".to_owned(),
        |env| {
            let (setting, link) = match given {
                Some(given) => (Setting::builder("builder: page: trace_link"), given.to_owned()),
                None => (Setting::variable(TRACE_LINK), env.text(TRACE_LINK)?),
            };
            // Else it could be a `javascript:`.
            let leads_to_http = ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme));
            if leads_to_http && link.contains(TRACE_ID) {
                return Some(link);
            }
            env.problem(&setting, &link, "a URL that begins with http:// or https:// and has {trace_id} in it");
            None
        },
    )
}
