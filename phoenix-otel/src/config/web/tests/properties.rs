//! No text makes the reader panic, and no message shows a secret.

use proptest::prelude::*;

use super::{HASH, read};

/// Parts of files, valid and invalid.
fn part() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "tls_server_config:\n",
        "http_server_config:\n",
        "basic_auth_users:\n",
        "rate_limit:\n",
        "  cert_file: a\n",
        "  key_file: b\n",
        "  key: ",
        "  client_ca: ",
        "  client_auth_type: RequireAndVerifyClientCert\n",
        "  headers:\n",
        "    X-Frame-Options: ",
        "  http2: ",
        "  interval: ",
        "  burst: ",
        "  cipher_suites: ",
        "  - ",
        "    - ",
        "*a ",
        "&a ",
        "{",
        "}",
        "[",
        "]",
        ": ",
        ", ",
        "\n",
        "  ",
        "\t",
        "'",
        "\"",
        "|\n",
        "# ",
        "!!str ",
        "true",
        "0",
        "-1",
        "1s",
        "null",
        "---\n",
    ];
    prop_oneof![8 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => "\\PC{0,9}", 1 => Just(HASH.to_owned())]
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(parts in prop::collection::vec(part(), 0..24)) {
        let _ = read(&parts.concat());
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in "\\PC{0,300}") {
        let _ = read(&text);
    }

    /// Hashes and keys in their own places, however wrong they are there.
    #[test]
    fn no_problem_shows_a_secret(
        before in prop::collection::vec(part(), 0..6),
        after in prop::collection::vec(part(), 0..6),
        place in prop::sample::select(&["basic_auth_users: {a: 'S3CRET'}", "tls_server_config: {key: 'S3CRET', cert: x}",
            "basic_auth_users: {'$2y$10$S3CRET': a}", "basic_auth_users: {'a:S3CRET': b}", "basic_auth_users: {a: !S3CRET b}",
            "basic_auth_users: {a: !!S3CRET b}", "basic_auth_users: 'S3CRET'", "basic_auth_users: ['S3CRET']", "tls_server_config: {key: ['S3CRET']}"][..]),
    ) {
        let text = format!("{}\n{place}\n{}", before.concat(), after.concat());
        let shown = match read(&text) {
            Ok(config) => format!("{config:?}"),
            Err(problems) => format!("{problems}\n{problems:?}"),
        };
        // Before it there may be an open quote, so that the text is a key or the value of another setting.
        prop_assume!(!before.concat().contains(['\'', '"', '|', '[', '{', '&', '*', '!', '#']));
        prop_assert!(!shown.contains("S3CRET"), "{text}\n{shown}");
    }
}
