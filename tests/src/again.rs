//! A test that runs itself again in a process of its own: to be alone with what a process has once (the handles, the global
//! provider, the subscriber, the allocator's counts), or to have an environment and what it prints.

use std::process::{Command, Output, Stdio};

const MARK: &str = "PHOENIX_TEST_AGAIN";

/// Runs the rest of a test in a process of its own. It is the first statement of each test that calls `init`, that replaces the panic
/// hook or a global default, or that measures its own process.
#[macro_export]
macro_rules! isolated {
    () => {
        if !$crate::again::is_child() {
            $crate::again::run($crate::this_test!(), &[]);
            return;
        }
    };
}

/// The name of the test in which this stands, as the test program lists it.
#[macro_export]
macro_rules! this_test {
    () => {{
        fn here() {}
        $crate::again::test_of(::std::any::type_name_of_val(&here))
    }};
}

/// The test in which a function is declared, by that function's path: `record::dropped::a_test::here` is in `dropped::a_test`.
///
/// # Panics
///
/// When it is declared in no function.
#[must_use]
pub fn test_of(function: &'static str) -> &'static str {
    let outer = function.strip_suffix("::here").map(|path| path.trim_end_matches("::{{closure}}"));
    let (_, test) = outer.and_then(|path| path.split_once("::")).unwrap_or_else(|| panic!("{function} is in no test"));
    test
}

/// Whether this is the process that a test started.
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// This test program with this one test, its output piped.
///
/// # Panics
///
/// When the program cannot be found.
pub fn command(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test knows its own path"));
    command.args([test, "--exact", "--nocapture", "--include-ignored"]);
    command.env(MARK, "1").envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, and gives what it printed to standard output and to standard error.
///
/// # Panics
///
/// When it fails there.
#[track_caller]
pub fn run(test: &str, variables: &[(&str, &str)]) -> (String, String) {
    let Output { status, stdout, stderr } = command(test, variables).output().expect("the test program starts");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    assert!(status.success(), "{test} ended with {status}:\n{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "there is no test {test}:\n{stdout}");
    (stdout, stderr)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_knows_its_name() {
        let here = "again::tests::a_test_knows_its_name";
        assert_eq!(this_test!(), here);
        let in_a_closure = || this_test!();
        assert_eq!(in_a_closure(), here);
    }

    #[test]
    fn an_isolated_test_is_alone() {
        let parent = std::process::id().to_string();
        if super::is_child() {
            assert_ne!(std::env::var("PARENT").ok(), Some(parent), "it is another process");
            return;
        }
        super::run(this_test!(), &[("PARENT", &parent)]);
    }

    /// An `isolated!` that went on in the parent, or ran nothing in the child, would fail here.
    #[test]
    fn what_fails_in_the_child_fails_the_test() {
        if super::is_child() {
            panic!("part of a test");
        }
        let outcome = std::panic::catch_unwind(|| {
            isolated!();
        });
        let panic = outcome.expect_err("the child has failed");
        assert!(panic.downcast_ref::<String>().is_some_and(|text| text.contains("part of a test")));
    }
}
