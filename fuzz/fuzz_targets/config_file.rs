//! The configuration file: any text is read or refused, and what is accepted can be written and read again.
//!
//! The input is the value of the variable `VALUE`, a zero byte, and the file.

#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::{Corpus, fuzz_target};
use phoenix_otel::{Builder, InitError};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Ok(input) = std::str::from_utf8(input) else { return Corpus::Reject };
    let (value, file) = input.split_once('\0').unwrap_or(("", input));
    match service(value, file).resolved() {
        Ok(config) => {
            let written = config.to_string();
            let again = service("", &written).resolved();
            let again = again.unwrap_or_else(|error| panic!("the written file is refused: {error}\n{written}"));
            // Secrets are masked, and references stay references.
            for value in config.values().filter(|value| !value.value().contains(['*', '$'])) {
                let read = again.get(value.path()).map(|value| value.value());
                assert_eq!(read, Some(value.value()), "{} is read as another value in\n{written}", value.path());
            }
        }
        Err(error) => {
            check_places(file, &error);
            check_distinct(&error);
        }
    }
    Corpus::Keep
});

fn service(value: &str, file: &str) -> Builder {
    phoenix_otel::builder("fuzz").environment([("VALUE", value)]).instance("one").without_subscriber().config(file)
}

/// The place of each problem is in the file. YAML has three line breaks.
fn check_places(file: &str, error: &InitError) {
    let file = file.replace("\r\n", "\n");
    let lines: Vec<&str> = file.split(['\n', '\r']).collect();
    for problem in error.settings().iter() {
        // The file may name a `web.yml`, which has problems of its own.
        if problem.location().is_some_and(|place| place.file() != "builder: config") {
            continue;
        }
        let place = problem.location().and_then(|place| Some((place.line()?, place.column()?)));
        let (line, column) = place.unwrap_or_else(|| panic!("{problem} has no place"));
        let length = lines.get(line - 1).unwrap_or_else(|| panic!("{problem} is below the file")).chars().count();
        assert!((1..=length + 1).contains(&column), "{problem} is beside its line, which has {length} characters");
    }
}

/// No value is reported twice. Only required keys that are missing in one mapping share its place.
fn check_distinct(error: &InitError) {
    let reported = error.settings().iter().filter(|problem| !problem.allowed().ends_with("which is required"));
    let mut names = HashSet::new();
    for problem in reported {
        assert!(names.insert(problem.name()), "{problem} is not the only problem there:\n{error}");
    }
}
