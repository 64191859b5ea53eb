//! A small blocking HTTP client with timeouts. Any status is a response, not an error.

use std::sync::OnceLock;

use ureq::Agent;

use crate::wait::RESPONSE_TIMEOUT;

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header `content-type`, or an empty string.
    pub content_type: String,
    /// The body as text.
    pub body: String,
}

impl Response {
    /// Returns the body of a 2xx response, or an error with status and body.
    ///
    /// # Errors
    ///
    /// If the status is not 2xx.
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
            .timeout_global(Some(RESPONSE_TIMEOUT))
            .http_status_as_error(false)
            // All requests go to loopback, so no proxy of the environment is used.
            .proxy(None)
            .build()
            .into()
    })
}

fn answer(got: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Response, String> {
    let mut response = got.map_err(|e| e.to_string())?;
    let content_type =
        response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Response {
        status: response.status().as_u16(),
        content_type,
        body: response.body_mut().read_to_string().map_err(|e| e.to_string())?,
    })
}

/// Sends a GET request with further headers.
///
/// # Errors
///
/// If there is no response.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<Response, String> {
    let request = headers.iter().fold(agent().get(url), |request, (name, value)| request.header(*name, *value));
    answer(request.call())
}

/// Sends a GET request with further headers, and returns the content type and the body of a response with the status 200.
///
/// # Errors
///
/// If there is no such response.
pub fn get_bytes(url: &str, headers: &[(&str, &str)]) -> Result<(String, Vec<u8>), String> {
    let request = headers.iter().fold(agent().get(url), |request, (name, value)| request.header(*name, *value));
    let mut response = request.call().map_err(|e| e.to_string())?;
    if response.status() != 200 {
        return Err(format!("status {}", response.status()));
    }
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    Ok((content_type, response.body_mut().read_to_vec().map_err(|e| e.to_string())?))
}

/// Sends a GET request with form parameters in the query.
///
/// # Errors
///
/// If there is no response.
pub fn get_query(url: &str, parameters: &[(&str, &str)]) -> Result<Response, String> {
    answer(agent().get(url).query_pairs(parameters.iter().copied()).call())
}

/// Sends a DELETE request.
///
/// # Errors
///
/// If there is no response.
pub fn delete(url: &str) -> Result<Response, String> {
    answer(agent().delete(url).call())
}

/// Sends a POST request.
///
/// # Errors
///
/// If there is no response.
pub fn post(url: &str, content_type: &str, body: &str) -> Result<Response, String> {
    post_with(url, content_type, &[], body)
}

/// Sends a POST request with a text and further headers.
///
/// # Errors
///
/// If there is no response.
pub fn post_with(url: &str, content_type: &str, headers: &[(&str, &str)], body: &str) -> Result<Response, String> {
    let request = agent().post(url).content_type(content_type);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    answer(request.send(body))
}

/// Sends a POST request with bytes.
///
/// # Errors
///
/// If there is no response.
pub fn post_bytes(url: &str, content_type: &str, body: &[u8]) -> Result<Response, String> {
    answer(agent().post(url).content_type(content_type).send(body))
}
