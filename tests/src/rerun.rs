//! Reruns a test in a process of its own: for tests of state that exists once per process (handles, global provider, subscriber,
//! allocation counts), and for tests that set the environment or read what the process prints.

use std::process::{Command, Output, Stdio};

const MARK: &str = "PHOENIX_TEST_AGAIN";

/// Runs the rest of a test in a process of its own. It is the first statement of each test that calls `init`, that replaces the panic
/// hook or a global default, or that measures its own process.
#[macro_export]
macro_rules! isolated {
    () => {
        if !$crate::rerun::is_child() {
            $crate::rerun::run($crate::this_test!(), &[]);
            return;
        }
    };
}

/// Returns the name of the surrounding test, as the test program lists it.
#[macro_export]
macro_rules! this_test {
    () => {{
        fn here() {}
        $crate::rerun::test_of(::std::any::type_name_of_val(&here))
    }};
}

/// Returns the name of the test that declares a function, from the path of that function: `record::dropped::a_test::here` gives `dropped::a_test`.
///
/// # Panics
///
/// If the function is not declared in a function.
#[must_use]
pub fn test_of(function: &'static str) -> &'static str {
    let outer = function.strip_suffix("::here").map(|path| path.trim_end_matches("::{{closure}}"));
    let (_, test) =
        outer.and_then(|path| path.split_once("::")).unwrap_or_else(|| panic!("{function} is not declared in a test"));
    test
}

/// Whether this process was started by [`command`] or [`run`].
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Returns the command that runs this one test, with piped output.
///
/// # Panics
///
/// If the test program is not found.
pub fn command(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the path of the test program"));
    command.args([test, "--exact", "--nocapture", "--include-ignored"]);
    command.env(MARK, "1").envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the test, and returns its standard output and its standard error.
///
/// # Panics
///
/// If the test fails.
#[track_caller]
pub fn run(test: &str, variables: &[(&str, &str)]) -> (String, String) {
    let Output { status, stdout, stderr } = command(test, variables).output().expect("the test program starts");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    assert!(status.success(), "{test} ended with {status}:\n{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "no test named {test}:\n{stdout}");
    (stdout, stderr)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_knows_its_name() {
        let here = "rerun::tests::a_test_knows_its_name";
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

    /// Fails if `isolated!` runs the body in the parent, or does not run it in the child.
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
