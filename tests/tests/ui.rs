//! What the attribute takes and what it refuses, as crates of their own. Every message of the macro has a case here:
//! each misuse is one error, on the user's own words, and says what to write.

/// In one go, since each would otherwise build all that they need once more.
#[test]
fn the_attribute_takes_and_refuses_these() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}

/// Of one mistake there is one error. `wrong_type_in_body` makes two.
#[test]
fn one_mistake_is_one_error() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/fail");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the cases") {
        let path = entry.expect("a case").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let said = std::fs::read_to_string(&path).expect("what is said");
            let errors = said.lines().filter(|line| line.starts_with("error")).count();
            let mistakes = if path.file_stem().is_some_and(|stem| stem == "wrong_type_in_body") { 2 } else { 1 };
            assert_eq!(errors, mistakes, "{}", path.display());
            cases += 1;
        }
    }
    assert!(cases >= 20, "{cases}");
}
