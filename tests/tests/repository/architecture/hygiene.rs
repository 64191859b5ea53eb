//! Forbidden in all sources: unsafe code, unfinished code, skipped tests, long files; and too many
//! test programs.

use phoenix_otel_tests::tools::repository;

use super::none;
use super::source::sources;

/// A longer file is about two things.
const MOST_LINES: usize = 400;

/// All Rust files of the workspace, except the cases of the compile tests, which show user code.
fn everything() -> Vec<super::source::Source> {
    let files = sources(&["phoenix-otel", "phoenix-otel-macros", "examples", "fuzz", "tests"]);
    files.into_iter().filter(|file| !file.path.starts_with("tests/ui")).collect()
}

#[test]
fn no_file_is_too_long() {
    none(everything().iter().filter(|file| file.text.lines().count() > MOST_LINES).map(|file| {
        file.finding(
            MOST_LINES + 1,
            format!("the file has {} lines", file.text.lines().count()),
            format!("past {MOST_LINES} there is a second thing in it: give that a file of its own"),
        )
    }));
}

/// A panic while a lock is held does not poison it, and one helper ignores the poison. `platform`, a user of the crate, has its own.
#[test]
fn lock_poisoning_is_ignored_in_one_place() {
    let files = sources(&["phoenix-otel/src"]);
    let others = files.iter().filter(|file| !file.is_test() && !file.path.ends_with("/lock.rs"));
    none(others.flat_map(|file| {
        let found = file.tokens.iter().filter(|token| token.text == "PoisonError");
        found
            .map(|token| file.finding(token.line, "a lock is taken past the helper", "take it by a function of `lock`"))
            .collect::<Vec<_>>()
    }));
}

#[test]
fn there_is_no_unsafe_code() {
    none(everything().iter().flat_map(|file| {
        let starts = file.places(&["unsafe"]).filter(|at| {
            file.tokens.get(at + 1).is_some_and(|next| ["{", "fn", "impl", "trait", "extern"].contains(&&*next.text))
        });
        starts
            .map(|at| {
                file.finding(file.tokens[at].line, "unsafe code", "find the safe way, or a crate whose subject it is")
            })
            .collect::<Vec<_>>()
    }));
}

#[test]
fn nothing_is_unfinished() {
    none(everything().iter().flat_map(|file| {
        let calls = ["todo", "unimplemented", "dbg"].into_iter().flat_map(|name| {
            let places: Vec<usize> = file.places(&[name, "!"]).collect();
            places.into_iter().map(move |at| (name, at))
        });
        calls
            .map(|(name, at)| file.finding(file.tokens[at].line, format!("`{name}!`"), "finish it, or take it out"))
            .collect::<Vec<_>>()
    }));
}

#[test]
fn no_test_is_ignored() {
    none(everything().iter().flat_map(|file| {
        let ignored = file.places(&["#", "[", "ignore"]);
        ignored
            .map(|at| {
                file.finding(
                    file.tokens[at].line,
                    "an ignored test",
                    "let it run, and fail where it cannot, or delete it",
                )
            })
            .collect::<Vec<_>>()
    }));
}

/// Each test program is linked separately, with the whole harness.
#[test]
fn tests_are_modules_of_few_programs() {
    // `memory` needs an allocator of its own.
    const MOST_PROGRAMS: usize = 13;
    let entries = std::fs::read_dir(repository().join("tests/tests")).expect("the programs of tests");
    let programs = entries.map(|entry| entry.expect("a program of tests").path());
    // `proptest` writes a folder here when one of its tests fails.
    let programs: Vec<_> = programs.filter(|path| !path.ends_with("proptest-regressions")).collect();
    let single: Vec<_> = programs.iter().filter(|path| !path.join("main.rs").is_file()).collect();
    assert!(single.is_empty(), "make it a module of one of the programs, as CONTRIBUTING.md says: {single:#?}");
    assert!(programs.len() <= MOST_PROGRAMS, "{} programs: a module of one of them links nothing more", programs.len());
}
