//! The metrics of a platform for language models: an orchestrator, a data router, language models, knowledge bases, safety checks and an
//! executor.
//!
//! This module uses only the public API of `phoenix_otel`, like a separate crate. Each submodule is a [`Domain`] with its metrics and call
//! sets. `llm` and `kb` also have functions that record all metrics of an answer or a search. A service activates the domains with one line:
//!
//! ```standalone_crate
//! use phoenix_otel::platform::{self, Platform, llm::Price};
//!
//! # fn main() -> Result<(), phoenix_otel::InitError> {
//! # let none: [(&str, &str); 0] = [];
//! let telemetry = phoenix_otel::builder("gateway")
//!     .with(Platform::new().domain(platform::LLM).price("small", Price { prompt: 0.15, completion: 0.6 }))
//! #   .environment(none)
//! #   .without_exporter()
//!     .init()?;
//! # Ok(())
//! # }
//! ```
//!
//! Without this line, the metrics are no-ops, also in a service named `llm` or `executor`.

pub mod data_router;
pub mod executor;
pub mod kb;
pub mod llm;
mod lock;
pub mod orchestrator;
pub mod safety;

use std::collections::HashMap;

use phoenix_otel::{ConfigValue, Domain, Extension, ExtensionSettings, Origin};

use llm::Price;

/// The name of the mapping in a configuration file.
const NODE: &str = "phoenix_otel_platform";

#[track_caller]
const fn domain(name: &'static str) -> Domain {
    Domain::new(name).activated_by("phoenix_otel::platform::Platform::new()")
}

/// The domain of [`orchestrator`].
pub const ORCHESTRATOR: Domain = domain("orchestrator");
/// The domain of [`data_router`].
pub const DATA_ROUTER: Domain = domain("data_router");
/// The domain of [`llm`].
pub const LLM: Domain = domain("llm").on_page("Language models");
/// The domain of [`kb`].
pub const KB: Domain = domain("kb");
/// The domain of [`safety`].
pub const SAFETY: Domain = domain("safety");
/// The domain of [`executor`].
pub const EXECUTOR: Domain = domain("executor");

const ALL: [Domain; 6] = [ORCHESTRATOR, DATA_ROUTER, LLM, KB, SAFETY, EXECUTOR];

/// Activates the domains of the platform: an extension for [`Builder::with`](crate::Builder::with).
///
/// If the subsystem of a service is the name of a domain, the series of this domain exist from the start. [`domain`](Self::domain) adds further
/// domains. The prices of language models come from [`price`](Self::price) and from the variable `PHOENIX_OTEL_LLM_PRICES`:
/// `model=prompt/completion,…`, in US dollars per million tokens, such as `small=0.15/0.6,large=3/15`.
///
/// A configuration file (feature `config-file`) sets both in the mapping `phoenix_otel_platform` within `distribution`:
///
/// ```yaml
/// distribution:
///   phoenix_otel_platform:
///     domains: [llm]
///     prices:
///       small: { prompt: 0.15, completion: 0.6 }
/// ```
///
/// With a file, `PHOENIX_OTEL_LLM_PRICES` is not read. Prices in code take precedence, and domains in code are added.
#[derive(Clone, Debug, Default)]
#[must_use = "the platform is inactive until it is passed to `Builder::with`"]
pub struct Platform {
    from_start: Vec<Domain>,
    prices: Vec<(String, Price)>,
    /// The resolved prices. Code takes precedence over the file and the variable.
    resolved: HashMap<String, Price>,
}

impl Platform {
    /// The platform without prices. Only the series of the domain of the service's subsystem exist from the start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a domain whose known series exist at 0 from the start. A service can add several.
    pub fn domain(mut self, domain: Domain) -> Self {
        self.from_start.push(domain);
        self
    }

    /// Sets the prices of a language model's tokens. Overrides `PHOENIX_OTEL_LLM_PRICES` for this model.
    ///
    /// The counters and histograms of models with a price exist at 0 from the start.
    pub fn price(mut self, model: impl Into<String>, price: Price) -> Self {
        self.prices.push((model.into(), price));
        self
    }
}

#[cfg(feature = "config-file")]
impl Platform {
    /// Reads the mapping of the configuration file. Returns its prices.
    fn read_file(&mut self, settings: &mut ExtensionSettings<'_>) -> Vec<(String, Price)> {
        let mut prices = Vec::new();
        settings.node(NODE, |node| {
            for name in node.texts("domains") {
                match ALL.iter().find(|domain| domain.name() == name) {
                    Some(domain) => self.from_start.push(*domain),
                    None => {
                        node.invalid("domains", format!("a list of {}", ALL.map(|domain| domain.name()).join(", ")))
                    }
                }
            }
            prices = node.node("prices").map(|node| llm::prices::of_file(&node)).unwrap_or_default();
        });
        prices
    }
}

impl Extension for Platform {
    fn domains(&self) -> Vec<Domain> {
        ALL.to_vec()
    }

    fn domains_from_start(&self) -> Vec<Domain> {
        self.from_start.clone()
    }

    fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
        let is_in_code = !self.from_start.is_empty();
        #[cfg(feature = "config-file")]
        let of_file = self.read_file(settings);
        #[cfg(not(feature = "config-file"))]
        let of_file = Vec::new();
        if is_in_code {
            let domains = self.from_start.iter().map(Domain::name).collect::<ConfigValue>();
            settings.effective(NODE, &["domains"], domains, Origin::Code("builder: Platform::domain".to_owned()));
        }
        self.resolved = llm::prices::resolve(settings, of_file, &self.prices);
    }

    fn bound(&self) {
        llm::models::begin(self.resolved.clone());
    }
}
