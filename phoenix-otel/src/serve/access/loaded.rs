//! The configuration with the contents of its files.

use std::sync::Arc;

use rustls::ServerConfig;

use super::tls::server_config;
use crate::config::{Problem, Problems, Secret, WebConfig, WebSource, tokens};
use crate::export::pem::read;

/// The configuration with the contents of its files.
pub(super) struct Loaded {
    pub(super) config: WebConfig,
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// The bearer tokens of code and of the file.
    pub(super) tokens: Vec<Secret>,
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
