//! The headers of OTLP requests. They contain credentials, so no message shows their values.

use super::env::Env;
use super::model::{Headers, Protocol};
use super::pairs;
use super::problem::Problem;
use super::setting::Setting;

/// Headers that the transport sets.
const FRAMING: [&str; 6] =
    ["content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "te"];

/// The format of the variable in the specification.
pub(super) const ALLOWED: &str = "a list like `key1=value1,key2=value2`, values percent-encoded";

/// The maximum number of headers. Receivers accept fewer, and a request with tens of thousands of headers cannot be created.
const MAX_HEADERS: usize = 1000;

/// The headers of the first variable that is set. An invalid item is skipped; the other items are used. There is no fallback to another
/// variable: its headers may be the credentials of another receiver.
pub(crate) fn from_env(env: &mut Env<'_>, names: &[&'static str], protocol: Protocol) -> Headers {
    let Some(name) = env.first_set(names) else { return Headers::default() };
    let list = env.with_fallback(|_| "no headers".to_owned(), |env| env.text(name)).unwrap_or_default();
    let mut headers = Vec::new();
    for (place, pair) in pairs::parse(&list) {
        let checked = pair.map_err(|bad| bad.why).and_then(|(key, value)| check(key, value, protocol));
        match checked {
            Ok(pair) => headers.push(pair),
            Err(why) => {
                let mut problem =
                    Problem::secret(&Setting::variable(name), format!("{ALLOWED}; item {place} is invalid: {why}"));
                problem.set_fallback(|| "the other headers".to_owned());
                env.problems.push(problem);
            }
        }
    }
    limited(env, &Setting::variable(name), headers)
}

/// The headers that are set in code. The rules are the same.
pub(crate) fn from_builder(env: &mut Env<'_>, field: &Setting, from_code: &Headers, protocol: Protocol) -> Headers {
    let mut headers = Vec::new();
    for (index, (key, value)) in from_code.0.iter().enumerate() {
        match check(key.clone(), value.clone(), protocol) {
            Ok(pair) => headers.push(pair),
            Err(why) => env.problems.push(Problem::secret(
                field,
                format!("valid header names and values; header {} is invalid: {why}", index + 1),
            )),
        }
    }
    limited(env, field, headers)
}

/// One header of each name. If there are too many, the first ones.
fn limited(env: &mut Env<'_>, setting: &Setting, headers: Vec<(String, String)>) -> Headers {
    let mut headers = pairs::unique(headers);
    if headers.len() > MAX_HEADERS {
        let mut problem = Problem::secret(setting, format!("at most {MAX_HEADERS} headers"));
        problem.set_fallback(|| format!("the first {MAX_HEADERS} headers"));
        env.problems.push(problem);
        headers.truncate(MAX_HEADERS);
    }
    Headers(headers)
}

fn check(key: String, value: String, protocol: Protocol) -> Result<(String, String), &'static str> {
    let key = key.to_ascii_lowercase();
    if key.is_empty() || !key.bytes().all(is_token) {
        return Err("its key is not a valid header name");
    }
    if FRAMING.contains(&key.as_str()) {
        return Err("the transport sets this header itself");
    }
    if protocol == Protocol::Grpc && (key.ends_with("-bin") || key.starts_with("grpc-")) {
        return Err("gRPC reserves keys that end with `-bin` or begin with `grpc-`");
    }
    if !value.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte)) {
        return Err("its value contains characters that are not allowed in a header");
    }
    Ok((key, value))
}

/// A `tchar` of RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
