//! Every example compiles, runs to its end, and prints what its `output.txt` shows. None fails if the collector is down.

use std::thread;

use phoenix_otel_tests::example::{self, Transcript};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown};
use phoenix_otel_tests::tools::repository_file;

fn transcripts() -> Vec<Transcript> {
    let (shown, wrong): (Vec<_>, Vec<_>) = example::transcripts().into_iter().partition(|(_, shown)| shown.is_ok());
    assert!(wrong.is_empty(), "an example has a file output.txt, which tests/src/example.rs describes: {wrong:#?}");
    shown.into_iter().filter_map(|(_, shown)| shown.ok()).collect()
}

fn packages(transcripts: &[Transcript]) -> Vec<&str> {
    transcripts.iter().map(|transcript| transcript.package.as_str()).collect()
}

#[test]
fn examples_print_their_output_txt() {
    let shown = transcripts();
    let packages = packages(&shown);
    let guide = repository_file("docs/getting-started.md");
    for package in &packages {
        assert!(
            guide.contains(&format!("`{package}`")),
            "docs/getting-started.md has no line for {package} in its table of examples"
        );
    }
    let binaries = example::binaries(&packages);
    for transcript in shown {
        transcript.check(&binaries[&transcript.package]);
    }
}

#[test]
fn a_collector_that_is_down_fails_no_example() {
    let shown = transcripts();
    let binaries = example::binaries(&packages(&shown));
    let dead = ReceiverDown::new(Failure::Refuses);
    // In parallel, since they mostly wait.
    thread::scope(|scope| {
        for transcript in &shown {
            let (binaries, dead) = (&binaries, &dead);
            scope.spawn(move || {
                transcript.check_without_collector(&binaries[&transcript.package], &dead.address());
            });
        }
    });
}
