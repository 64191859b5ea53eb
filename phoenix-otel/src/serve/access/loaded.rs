//! The configuration with the contents of its files.

use std::sync::Arc;

use rustls::ServerConfig;

use super::Headers;
use super::tls::server_config;
use crate::config::{Problem, Problems, Secret, WebConfig, WebSource, tokens};
use crate::export::pem::read;

const STRICT_TRANSPORT_SECURITY: &str = "Strict-Transport-Security";

/// The configuration with the contents of its files.
pub(super) struct Loaded {
    pub(super) config: WebConfig,
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// The bearer tokens of code and of the file.
    pub(super) tokens: Vec<Secret>,
}

/// Whether no header is missing that was there before, and browsers must use TLS for as long as before.
fn keeps_headers(now: &Headers, before: &Headers) -> bool {
    let get = |of: &Headers, name| of.iter().find(|(other, _)| *other == name).map(|(_, value)| max_age(value));
    before.iter().all(|(name, value)| {
        get(now, *name).is_some_and(|age| *name != STRICT_TRANSPORT_SECURITY || age >= max_age(value))
    })
}

/// The seconds in a header `Strict-Transport-Security` (RFC 6797). 0 if there are none, which switches it off.
fn max_age(value: &str) -> u64 {
    let directives = value.split(';').filter_map(|directive| directive.split_once('='));
    let mut ages = directives.filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"));
    ages.next().and_then(|(_, age)| age.trim().trim_matches('"').parse().ok()).unwrap_or(0)
}

impl Loaded {
    /// Reads all files.
    ///
    /// # Errors
    ///
    /// All problems.
    pub(super) fn load(source: &WebSource) -> Result<Self, Problems> {
        let text = match &source.file {
            Some(file) => Some(String::from_utf8(read(file)?).map_err(|_| file.problem("a file in UTF-8"))?),
            None => None,
        };
        let config = source.parse(text.as_deref())?;
        let mut problems: Vec<Problem> = Vec::new();
        let mut all = config.bearer_tokens.clone();
        if let Some(file) = &config.bearer_token_file {
            let found = read(file).and_then(|bytes| tokens(file, &String::from_utf8_lossy(&bytes)));
            match found {
                Ok(found) => all.extend(found),
                Err(problem) => problems.push(problem),
            }
        }
        let tls = config.tls.as_ref().and_then(|tls| server_config(tls, &mut problems)).map(Arc::new);
        if problems.is_empty() { Ok(Self { config, tls, tokens: all }) } else { Err(problems.into()) }
    }

    /// Checks that changed files do not remove a protection. A file may be truncated while it is written.
    pub(super) fn may_follow(self, former: &Self, source: &WebSource) -> Result<Self, Problems> {
        let (now, before) = (&self.config, &former.config);
        let allowed = if self.tls.is_some() != former.tls.is_some() {
            "a file that does not switch TLS on or off; to switch it, restart the service"
        } else if before.requires_authentication() && !now.requires_authentication() {
            "a file that still requires a password or token; to remove this requirement, restart the service"
        } else if before.requires_certificate() && !now.requires_certificate() {
            "a file that still requires a client certificate; to remove this requirement, restart the service"
        } else if before.limits_names() && !now.limits_names() {
            "a file that still has client_allowed_sans; to remove them, restart the service"
        } else if now.tls.as_ref().zip(before.tls.as_ref()).is_some_and(|(now, before)| now.is_weaker_than(before)) {
            "a file that does not lower min_version, and still has cipher_suites and curve_preferences; to weaken them, restart the service"
        } else if !keeps_headers(&now.headers, &before.headers) {
            "a file that still has each of its headers, and does not lower max-age of Strict-Transport-Security; to weaken them, restart the service"
        } else {
            return Ok(self);
        };
        // Settings in code do not change, so the file must have changed.
        let problem = source.file.as_ref().map(|file| file.problem(allowed));
        problem.map_or(Ok(self), |problem| Err(problem.into()))
    }

    /// The header `WWW-Authenticate` of a rejection: one value for each scheme.
    pub(super) fn challenges(&self) -> impl Iterator<Item = &'static str> {
        let basic = (!self.config.users.is_empty()).then_some(r#"Basic realm="metrics", charset="UTF-8""#);
        let bearer = (!self.tokens.is_empty()).then_some(r#"Bearer realm="metrics""#);
        basic.into_iter().chain(bearer)
    }
}
