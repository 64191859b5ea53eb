//! A small HTTP client: blocking, bounded in time, and every status is an answer.

use std::sync::OnceLock;

use ureq::Agent;

use crate::wait::ANSWER;

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header `content-type`, empty where there was none.
    pub content_type: String,
    /// The body, as text.
    pub body: String,
}

impl Answer {
    /// The body of a 2xx answer, or an error with status and body.
    ///
    /// # Errors
    ///
    /// When the status is not 2xx.
    pub fn ok(self) -> Result<String, String> {
        if (200..300).contains(&self.status) {
            Ok(self.body)
        } else {
            Err(format!("status {}: {}", self.status, self.body))
        }
    }
}

fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            // Everything is on loopback; a proxy of the environment must not see it.
            .proxy(None)
            .build()
            .into()
    })
}

fn answer(got: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, String> {
    let mut response = got.map_err(|e| e.to_string())?;
    let content_type =
        response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answer {
        status: response.status().as_u16(),
        content_type,
        body: response.body_mut().read_to_string().map_err(|e| e.to_string())?,
    })
}

/// GET, with further headers.
///
/// # Errors
///
/// When there is no answer.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
    let request = headers.iter().fold(agent().get(url), |request, (name, value)| request.header(*name, *value));
    answer(request.call())
}

/// GET with form parameters in the query.
///
/// # Errors
///
/// When there is no answer.
pub fn get_query(url: &str, parameters: &[(&str, &str)]) -> Result<Answer, String> {
    answer(agent().get(url).query_pairs(parameters.iter().copied()).call())
}

/// DELETE.
///
/// # Errors
///
/// When there is no answer.
pub fn delete(url: &str) -> Result<Answer, String> {
    answer(agent().delete(url).call())
}

/// POST of a body.
///
/// # Errors
///
/// When there is no answer.
pub fn post(url: &str, content_type: &str, body: &str) -> Result<Answer, String> {
    post_with(url, content_type, &[], body)
}

/// POST of a text, with further headers.
///
/// # Errors
///
/// When there is no answer.
pub fn post_with(url: &str, content_type: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer, String> {
    let request = agent().post(url).content_type(content_type);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    answer(request.send(body))
}

/// POST of a body that is no text.
///
/// # Errors
///
/// When there is no answer.
pub fn post_bytes(url: &str, content_type: &str, body: &[u8]) -> Result<Answer, String> {
    answer(agent().post(url).content_type(content_type).send(body))
}
