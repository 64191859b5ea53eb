//! Every example compiles, runs to its end, and prints what its `output.txt` shows.

use phoenix_otel_tests::example::{self, Transcript};
use phoenix_otel_tests::tools::repository_file;

#[test]
fn examples_do_what_they_show() {
    let (shown, wrong): (Vec<_>, Vec<_>) = example::transcripts().into_iter().partition(|(_, shown)| shown.is_ok());
    assert!(wrong.is_empty(), "an example has a file output.txt, which tests/src/example.rs describes: {wrong:#?}");
    let shown: Vec<Transcript> = shown.into_iter().filter_map(|(_, shown)| shown.ok()).collect();
    let packages: Vec<&str> = shown.iter().map(|transcript| transcript.package.as_str()).collect();

    let readme = repository_file("README.md");
    for package in &packages {
        assert!(
            readme.contains(&format!("`{package}`")),
            "README.md has no line for {package} in its table of examples"
        );
    }
    let binaries = example::binaries(&packages);
    for transcript in shown {
        transcript.check(&binaries[&transcript.package]);
    }
}
