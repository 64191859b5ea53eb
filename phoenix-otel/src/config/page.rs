//! The settings of the live page. Code takes precedence over `PHOENIX_OTEL_PAGE` and `PHOENIX_OTEL_PAGE_*`.

use super::endpoint::{self, Url};
use super::env::{Env, word_of};
use super::exporters::join_names;
use super::options;
use super::setting::Setting;

const PAGE: &str = "PHOENIX_OTEL_PAGE";
const HISTORY: &str = "PHOENIX_OTEL_PAGE_HISTORY";
const HOSTS: &str = "PHOENIX_OTEL_PAGE_HOSTS";
const ORIGINS: &str = "PHOENIX_OTEL_PAGE_ORIGINS";
const TRACE_LINK: &str = "PHOENIX_OTEL_PAGE_TRACE_LINK";

/// The placeholder for the trace ID in the link to a trace.
const TRACE_ID: &str = "{trace_id}";

/// Where the live page is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PageOn {
    /// Nowhere.
    Nowhere,
    /// At endpoints that listen on loopback only.
    Loopback,
    /// At endpoints that listen on loopback, or that serve known clients only.
    #[default]
    Authenticated,
    /// At all endpoints, even if the service mounts the endpoint in its own router.
    Everywhere,
}

impl PageOn {
    /// The value in the format of the variable.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Nowhere => "false",
            Self::Loopback => "loopback",
            Self::Authenticated => "authenticated",
            Self::Everywhere => "true",
        }
    }

    /// All places as the configuration file spells them.
    pub(crate) const PLACES: [(&'static str, Self); 4] = [
        ("nowhere", Self::Nowhere),
        ("loopback", Self::Loopback),
        ("authenticated", Self::Authenticated),
        ("everywhere", Self::Everywhere),
    ];

    /// As the configuration file spells it.
    pub(crate) fn place(self) -> &'static str {
        word_of(&Self::PLACES, &self)
    }
}

/// The live page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) on: PageOn,
    /// Whether the process keeps the values of the last minutes.
    pub(crate) history: bool,
    /// Allowed host names of requests, in addition to loopback names and IP addresses.
    pub(crate) hosts: Vec<String>,
    /// The origins of other services. Their pages can read this one, and this page can read theirs.
    pub(crate) origins: Vec<String>,
    /// The URL of a trace. It contains `{trace_id}`.
    pub(crate) trace_link: Option<Url>,
}

impl Page {
    pub(crate) fn resolve(env: &mut Env<'_>, options: &options::Page) -> Self {
        let page = Self {
            on: on(env, options),
            history: env.with_fallback(bool::to_string, |env| {
                let history = env.boolean(HISTORY);
                options.history.or(history).unwrap_or(true)
            }),
            hosts: list(
                env,
                HOSTS,
                options.places.setting("hosts", "builder: page: host"),
                &options.hosts,
                is_host,
                "host names, without scheme and port",
            ),
            origins: list(
                env,
                ORIGINS,
                options.places.setting("origins", "builder: page: origin"),
                &options.origins.iter().map(|origin| origin.as_str().to_owned()).collect::<Vec<_>>(),
                is_origin,
                "origins like http://localhost:9465, without a path",
            ),
            trace_link: link(env, options),
        };
        for (setting, field, method, is_set, variable) in [
            ("page.served", "on", "builder: page", options.on.is_some(), PAGE),
            ("page.history", "history", "builder: page: history", options.history.is_some(), HISTORY),
            ("page.hosts", "hosts", "builder: page: host", !options.hosts.is_empty(), HOSTS),
            ("page.origins", "origins", "builder: page: origin", !options.origins.is_empty(), ORIGINS),
            ("page.trace_link", "trace_link", "builder: page: trace_link", options.trace_link.is_some(), TRACE_LINK),
        ] {
            env.note(setting, is_set.then(|| options.places.setting(field, method)), &[variable]);
        }
        page
    }
}

fn on(env: &mut Env<'_>, options: &options::Page) -> PageOn {
    let from_code = options.on;
    const PLACES: [PageOn; 4] = [PageOn::Authenticated, PageOn::Loopback, PageOn::Everywhere, PageOn::Nowhere];
    let shown = |on: &PageOn| on.word().to_owned();
    env.with_fallback(shown, |env| {
        let places = PLACES.map(|on| (on.word(), on));
        let on = from_code.or_else(|| env.choice(&[PAGE], &places)).unwrap_or_default();
        if cfg!(feature = "page") {
            return on;
        }
        if on == PageOn::Everywhere {
            let setting = match from_code {
                Some(_) => options.places.setting("on", "builder: page"),
                None => Setting::variable(PAGE),
            };
            let allowed =
                "false, loopback or authenticated; the page needs the feature `page` of phoenix-otel, which is not compiled in";
            env.problem(&setting, on.word(), allowed);
        }
        PageOn::Nowhere
    })
}

/// The items from code, else from the variable, without invalid items.
fn list(
    env: &mut Env<'_>,
    variable: &'static str,
    in_code: Setting,
    from_code: &[String],
    is_allowed: impl Fn(&str) -> bool,
    allowed: &str,
) -> Vec<String> {
    let shown = |items: &Vec<String>| join_names(items.iter().map(String::as_str));
    env.with_fallback(shown, |env| {
        let (setting, items) = match env.text(variable) {
            Some(text) if from_code.is_empty() => {
                (Setting::variable(variable), text.split(',').map(str::to_owned).collect())
            }
            _ => (in_code, from_code.to_vec()),
        };
        let items = items.iter().map(|item| item.trim().trim_end_matches('/').to_ascii_lowercase());
        let (right, wrong): (Vec<String>, Vec<String>) =
            items.filter(|item| !item.is_empty()).partition(|item| is_allowed(item));
        // An origin may contain a password.
        wrong.into_iter().for_each(|item| env.problem(&setting, &Url::new(item).to_string(), allowed));
        right
    })
}

fn is_host(text: &str) -> bool {
    endpoint::is_host(text)
}

/// Whether a text is an origin: a scheme, a host and optionally a port.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(endpoint::is_authority)
}

fn link(env: &mut Env<'_>, options: &options::Page) -> Option<Url> {
    env.with_fallback(
        |_| "no link".to_owned(),
        |env| {
            let (setting, link) = match &options.trace_link {
                Some(from_code) => {
                    (options.places.setting("trace_link", "builder: page: trace_link"), from_code.clone())
                }
                None => (Setting::variable(TRACE_LINK), Url::new(env.text(TRACE_LINK)?)),
            };
            // Other schemes such as `javascript:` would be unsafe.
            let leads_to_http = ["http://", "https://"].iter().any(|scheme| link.as_str().starts_with(scheme));
            if leads_to_http && link.as_str().contains(TRACE_ID) {
                return Some(link);
            }
            env.problem(
                &setting,
                &link.to_string(),
                "a URL that begins with http:// or https:// and contains {trace_id}",
            );
            None
        },
    )
}
