//! Extensions: other crates add domains and settings to the telemetry of a service.

use std::fmt;

use crate::catalog::Domain;
use crate::catalog::domain::Domains;
use crate::config::effective::EffectiveValue;
use crate::config::{Env, ExtensionSettings, Nodes};

/// An extension of the telemetry by another crate. A service adds it with [`Builder::with`](crate::Builder::with).
///
/// An extension activates [`Domain`]s, whose metrics the crate declares with [`metrics!`](crate::metrics), and can read settings.
///
/// ```standalone_crate
/// use phoenix_otel::{Domain, Extension, ExtensionSettings, metrics};
///
/// pub const SHIPPING: Domain = Domain::new("shipping").activated_by("acme::Acme::default()");
///
/// metrics! {
///     domain = SHIPPING;
///
///     /// Parcels sent.
///     pub static PARCELS: Counter { carrier: &str } = "phoenix.shipping.parcels" { unit: "{parcel}", cap: 50 };
/// }
///
/// /// The telemetry of the services of Acme.
/// #[derive(Debug, Default)]
/// pub struct Acme {
///     carriers: Vec<String>,
/// }
///
/// impl Extension for Acme {
///     fn domains(&self) -> Vec<Domain> {
///         vec![SHIPPING]
///     }
///
///     fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
///         let carriers = settings.variable("ACME_CARRIERS").unwrap_or_default();
///         self.carriers.extend(carriers.split_whitespace().map(str::to_owned));
///     }
///
///     fn bound(&self) {
///         for carrier in &self.carriers {
///             PARCELS.declare(PARCELS { carrier }); // exists at 0 before the first parcel is sent
///         }
///     }
/// }
///
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shipping-service").environment(none).without_exporter().with(Acme::default()).init()?;
/// # Ok(())
/// # }
/// ```
pub trait Extension: 'static {
    /// The domains that the extension activates. [`init`](crate::Builder::init) calls this after [`configure`](Self::configure).
    fn domains(&self) -> Vec<Domain> {
        Vec::new()
    }

    /// The domains that the extension activates and whose series exist from the start, whatever the subsystem of the service is.
    fn domains_from_start(&self) -> Vec<Domain> {
        Vec::new()
    }

    /// Reads the settings of the extension and reports invalid ones.
    fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
        let _ = settings;
    }

    /// Called at the end of each [`init`](crate::Builder::init), when handles are bound and known series exist at 0. Use it to create series that
    /// depend on settings, and to reset state. It is not called if telemetry is disabled.
    fn bound(&self) {}
}

/// The extensions of a service, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Extensions(Vec<Box<dyn Extension>>);

impl Extensions {
    pub(crate) fn add(&mut self, extension: impl Extension) {
        self.0.push(Box::new(extension));
    }

    /// The domains of all extensions.
    pub(crate) fn domains(&self) -> Domains {
        let mut domains = Domains::default();
        for extension in &self.0 {
            domains.activate(extension.domains());
            domains.activate_from_start(extension.domains_from_start());
        }
        domains
    }

    /// Lets each extension read its settings. Adds invalid settings to the problems of `env`. Also returns the values for the effective
    /// configuration.
    pub(crate) fn configure<'e>(&mut self, env: Env<'e>, nodes: Nodes) -> (Env<'e>, Vec<EffectiveValue>) {
        let mut settings = ExtensionSettings::new(env, nodes);
        self.0.iter_mut().for_each(|extension| extension.configure(&mut settings));
        settings.into_parts()
    }

    pub(crate) fn bound(&self) {
        self.0.iter().for_each(|extension| extension.bound());
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} extensions", self.0.len())
    }
}
