//! What protects a scrape endpoint: TLS, users, bearer tokens, response headers and a rate limit, from code and from a file in the format of
//! Prometheus' web configuration (exporter-toolkit, `docs/web-configuration.md`).

mod duration;
mod file;
mod reader;
#[cfg(test)]
mod tests;
mod tls;

use crate::config::effective::Origin;
use std::time::Duration;

use super::env::Env;
use super::exporters::no_export_fallback;
use super::options;
use super::pem_file::{NamedFile, PemPath};
use super::problem::{Problem, Problems};
use super::secret::Secret;
use super::setting::Setting;
use tls::TlsDraft;
pub(crate) use tls::{ClientTls, Named, Pem, PemSource, Tls};

const FILE: &str = "PHOENIX_OTEL_WEB_CONFIG_FILE";
const OPEN_HEALTH: &str = "PHOENIX_OTEL_OPEN_HEALTH";
/// The highest cost of a bcrypt hash. Each step doubles the time; this one takes about a minute.
const MAX_COST: u32 = 20;

/// Where the configuration of one endpoint comes from: the file, and what code sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebSource {
    pub(crate) file: Option<NamedFile>,
    code: WebConfig,
}

/// The configuration of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WebConfig {
    pub(crate) tls: Option<Tls>,
    pub(crate) users: Vec<User>,
    pub(crate) bearer_tokens: Vec<Secret>,
    pub(crate) bearer_token_file: Option<NamedFile>,
    /// Names and values of headers of each response.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) open_health: bool,
}

/// A user of basic authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    /// The bcrypt hash of the password.
    pub(crate) hash: Secret,
}

/// A token bucket: a request takes a token, and a new one arrives after each interval, up to `burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    pub(crate) interval: Duration,
    pub(crate) burst: u32,
}

impl WebSource {
    /// The path of the file, and the setting that names it.
    pub(crate) fn file_in_force(&self) -> Option<(String, Origin)> {
        let file = self.file.as_ref()?;
        Some((file.path.shown(), Origin::from(&file.setting)))
    }

    /// Whether the health path needs no password or token. `None` without the feature `web-config`.
    pub(crate) fn open_health(&self) -> Option<bool> {
        Some(self.code.open_health)
    }

    /// The path of the file with tokens, and the setting that names it.
    pub(crate) fn token_file(&self) -> Option<(String, Origin)> {
        let file = self.code.bearer_token_file.as_ref()?;
        Some((file.path.shown(), Origin::from(&file.setting)))
    }

    /// Whether code sets TLS or authentication that a file cannot have.
    pub(crate) fn is_in_code(&self) -> bool {
        let in_file = WebConfig { open_health: false, bearer_token_file: None, ..self.code.clone() };
        in_file != WebConfig::default()
    }

    /// The settings of the exporter `name`.
    ///
    /// # Errors
    ///
    /// The message of the first problem. The problems are also added to `env`.
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, options: &options::Prometheus) -> Result<Self, String> {
        let field = |field: &str| options.places.of_exporter(name, field);
        let mut problems = Vec::new();
        let file = match &options.web_config_file {
            Some(path) => Some((field("web_config_file"), path.clone())),
            None => {
                let before = env.problems.len();
                let path = env.text(FILE).map(|path| (Setting::variable(FILE), path.into()));
                // Without the file, the endpoint would be open.
                problems.extend(env.problems.split_off(before));
                path
            }
        };
        let users = options.basic_auth_users.iter();
        let users =
            users.filter_map(|(user, hash)| check_user(&field("basic_auth"), user, hash.clone(), &mut problems));
        let users: Vec<User> = users.collect();
        for token in &options.bearer_tokens {
            if !is_token(token.expose()) {
                problems.push(Problem::secret(&field("bearer_token"), TOKEN));
            }
        }
        let open_health = env.with_fallback(bool::to_string, |env| {
            let variable = env.boolean(OPEN_HEALTH);
            options.open_health.or(variable).unwrap_or(false)
        });
        env.note("open_health", options.open_health.map(|_| field("open_health")), &[OPEN_HEALTH]);
        let token_file = options.bearer_token_file.as_ref();
        let code = WebConfig {
            tls: options.tls.as_ref().and_then(|tls| TlsDraft::from_code(tls, &field).finish(&mut problems)),
            users,
            bearer_tokens: options.bearer_tokens.clone(),
            bearer_token_file: token_file
                .map(|path| NamedFile { setting: field("bearer_token_file"), path: path.clone() }),
            open_health,
            ..WebConfig::default()
        };
        let first = problems.first().map(Problem::without_fallback);
        env.with_fallback(|()| no_export_fallback(name), |env| env.report(problems));
        let file = file.map(|(setting, path)| NamedFile { setting, path: PemPath::new(path) });
        first.map_or(Ok(Self { file, code }), Err)
    }

    /// The whole configuration, with the text of the file if there is one. What code sets replaces what the file sets.
    ///
    /// # Errors
    ///
    /// All problems of the file.
    pub(crate) fn parse(&self, text: Option<&str>) -> Result<WebConfig, Problems> {
        let mut config = match (&self.file, text) {
            (Some(file), Some(text)) => file::parse(text, file)?,
            _ => WebConfig::default(),
        };
        let code = self.code.clone();
        config.tls = code.tls.or(config.tls);
        if !code.users.is_empty() {
            config.users = code.users;
        }
        Ok(WebConfig {
            bearer_tokens: code.bearer_tokens,
            bearer_token_file: code.bearer_token_file,
            open_health: code.open_health,
            ..config
        })
    }

    /// A setting that protects the endpoint, if there is one.
    pub(crate) fn setting(&self) -> Option<Setting> {
        let code = &self.code;
        let tls = code.tls.as_ref().map(|tls| tls.certificate.setting.clone());
        let in_code =
            code.requires_authentication().then(|| Setting::builder("builder: authentication of the endpoint"));
        self.file.as_ref().map(|file| file.setting.clone()).or(tls).or(in_code)
    }
}

impl WebConfig {
    /// Whether a request needs a password or a token.
    pub(crate) fn requires_authentication(&self) -> bool {
        !self.users.is_empty() || !self.bearer_tokens.is_empty() || self.bearer_token_file.is_some()
    }

    /// Whether each client must have a certificate.
    pub(crate) fn requires_certificate(&self) -> bool {
        self.client_tls().is_some_and(|client| client.required)
    }

    /// Whether a client certificate must have one of some names.
    pub(crate) fn limits_names(&self) -> bool {
        self.client_tls().is_some_and(|client| !client.allowed_sans.is_empty())
    }

    fn client_tls(&self) -> Option<&ClientTls> {
        self.tls.as_ref()?.client.as_ref()
    }

    /// Whether only known clients are served: by a password, a token or a certificate.
    pub(crate) fn knows_clients(&self) -> bool {
        self.requires_authentication() || self.requires_certificate()
    }
}

const TOKEN: &str = "a token of visible ASCII characters";

/// Whether a text can be a bearer token. Other characters cannot be in a header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The tokens in a file, one on each line.
///
/// # Errors
///
/// Fails if the file contains no token, or a line is not a valid token.
pub(crate) fn tokens(file: &NamedFile, text: &str) -> Result<Vec<Secret>, Problem> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let tokens: Vec<_> = lines.map(Secret::new).collect();
    if tokens.is_empty() || !tokens.iter().all(|token| is_token(token.expose())) {
        return Err(file.problem("a file with tokens of visible ASCII characters, one on each line"));
    }
    Ok(tokens)
}

/// A user with a valid name and hash.
fn check_user(setting: &Setting, name: &str, hash: Secret, problems: &mut Vec<Problem>) -> Option<User> {
    if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) {
        // A line such as `name:hash` in quotes.
        problems.push(Problem::secret(setting, "a user name without `:` and control characters"));
        return None;
    }
    let cost = hash.expose().parse::<bcrypt::HashParts>().map(|parts| parts.get_cost());
    if !cost.is_ok_and(|cost| (4..=MAX_COST).contains(&cost)) {
        // A name with `$` may be the hash.
        let (user, name) =
            if name.contains('$') { ("each user".to_owned(), "name") } else { (format!("the user {name:?}"), name) };
        let allowed = format!(
            "for {user} a bcrypt hash with a cost from 4 to {MAX_COST}, such as `htpasswd -nBC 10 {name}` prints"
        );
        problems.push(Problem::secret(setting, allowed));
        return None;
    }
    Some(User { name: name.to_owned(), hash })
}
