//! The headers that go with every OTLP request. They carry credentials, so no message repeats them.

use super::env::Env;
use super::model::{Headers, Protocol};
use super::pairs;
use super::problem::Problem;
use super::setting::Setting;

/// Names that frame the message, which the transport sets itself.
const FRAMING: [&str; 6] =
    ["content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "te"];

/// The form that the specification gives the variable.
const ALLOWED: &str = "a list like `key1=value1,key2=value2`, values percent-encoded";

/// The headers of the first variable that is set. An item that cannot be used is left out alone, and those of another variable do not
/// take its place: they may be the credentials of another receiver.
pub(crate) fn from_env(env: &mut Env<'_>, names: &[&'static str], protocol: Protocol) -> Headers {
    let Some(name) = env.set(names) else { return Headers::default() };
    let list = env.settled(|_| "no header".to_owned(), |env| env.text(name)).unwrap_or_default();
    let mut headers = Vec::new();
    for (place, pair) in pairs::parse(&list) {
        let checked = pair.map_err(|bad| bad.why).and_then(|(key, value)| check(key, value, protocol));
        match checked {
            Ok((key, value)) => pairs::set(&mut headers, key, value),
            Err(why) => {
                let mut problem =
                    Problem::secret(&Setting::variable(name), format!("{ALLOWED}; item {place} is not: {why}"));
                problem.replaced(|| "the headers of the other items".to_owned());
                env.problems.push(problem);
            }
        }
    }
    Headers(headers)
}

/// The headers that the builder was given, under the same rules.
pub(crate) fn from_builder(env: &mut Env<'_>, field: &Setting, given: &Headers, protocol: Protocol) -> Headers {
    let mut headers = Vec::new();
    for (index, (key, value)) in given.0.iter().enumerate() {
        match check(key.clone(), value.clone(), protocol) {
            Ok((key, value)) => pairs::set(&mut headers, key, value),
            Err(why) => env
                .problems
                .push(Problem::secret(field, format!("header names and values; item {} is not: {why}", index + 1))),
        }
    }
    Headers(headers)
}

fn check(key: String, value: String, protocol: Protocol) -> Result<(String, String), &'static str> {
    let key = key.to_ascii_lowercase();
    if key.is_empty() || !key.bytes().all(is_token) {
        return Err("its key is no header name");
    }
    if FRAMING.contains(&key.as_str()) {
        return Err("its key is a header that the transport sets");
    }
    if protocol == Protocol::Grpc && (key.ends_with("-bin") || key.starts_with("grpc-")) {
        return Err("gRPC keeps keys that end in `-bin` or begin with `grpc-` for itself");
    }
    if !value.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte)) {
        return Err("its value has characters that a header cannot carry");
    }
    Ok((key, value))
}

/// A `tchar` of RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
