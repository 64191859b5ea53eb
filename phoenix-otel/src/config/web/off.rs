//! Stub without the feature `web-config`.

use super::env::Env;
use super::exporters::no_export_fallback;
use super::options;
use super::problem::Problem;
use super::setting::Setting;
use crate::config::effective::Origin;

/// Empty: the endpoint has neither TLS nor authentication.
#[derive(Clone, Debug)]
pub(crate) struct WebSource;

impl WebSource {
    pub(crate) fn file_in_force(&self) -> Option<(String, Origin)> {
        None
    }

    pub(crate) fn token_file(&self) -> Option<(String, Origin)> {
        None
    }

    pub(crate) fn open_health(&self) -> Option<bool> {
        None
    }

    pub(crate) fn is_in_code(&self) -> bool {
        false
    }

    /// Rejects all settings that need the feature. Without them the endpoint would be open.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, options: &options::Prometheus) -> Result<Self, String> {
        const VARIABLE: &str = "PHOENIX_OTEL_WEB_CONFIG_FILE";
        let field = |field: &str| options.places.of_exporter(name, field);
        let mut problems = Vec::new();
        let mut refuse = |is_set: bool, setting: Setting| {
            if is_set {
                let allowed = "no value; it needs the feature `web-config` of phoenix-otel, which is not compiled in";
                problems.push(Problem::secret(&setting, allowed));
            }
        };
        refuse(options.web_config_file.is_some(), field("web_config_file"));
        refuse(options.tls.is_some(), field("tls"));
        refuse(!options.basic_auth_users.is_empty(), field("basic_auth"));
        refuse(!options.bearer_tokens.is_empty(), field("bearer_token"));
        refuse(options.bearer_token_file.is_some(), field("bearer_token_file"));
        refuse(options.open_health == Some(true), field("open_health"));
        refuse(options.web_config_file.is_none() && env.first_set(&[VARIABLE]).is_some(), Setting::variable(VARIABLE));
        let first = problems.first().map(Problem::without_fallback);
        env.with_fallback(|()| no_export_fallback(name), |env| env.report(problems));
        first.map_or(Ok(Self), Err)
    }

    pub(crate) fn setting(&self) -> Option<Setting> {
        None
    }
}
