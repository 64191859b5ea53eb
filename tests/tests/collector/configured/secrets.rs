//! No file of the repository contains a secret, or an empty place for one.

use super::configurations::{files, text};

/// The value of each header, token and password comes from a variable.
#[test]
fn secrets_come_from_the_environment() {
    let mut found = 0;
    for file in files() {
        let text = text(&file);
        let mut headers_at = None;
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let indent = line.len() - line.trim_start().len();
            let Some((key, value)) = line.trim().split_once(':') else { continue };
            if headers_at.is_some_and(|at| indent <= at) {
                headers_at = None;
            }
            let (key, value) = (key.to_lowercase(), value.trim());
            let secret = ["token", "password", "secret", "credential", "authorization", "headers", "orgid", "tenant"];
            let named = secret.iter().any(|word| key.ends_with(word));
            if value.is_empty() {
                if key == "headers" {
                    headers_at = Some(indent);
                }
            } else if named || headers_at.is_some() {
                found += 1;
                let of_variable = value.starts_with("${env:") && value.ends_with('}');
                assert!(of_variable, "{file}: {line:?} must be ${{env:…}}");
                assert!(
                    !key.ends_with("token") || !value.contains(":-"),
                    "{file}: {line:?}: a default would be a token that everybody knows"
                );
            }
        }
    }
    assert!(found >= 6, "only {found} headers and tokens: does this test still find them?");
}
