//! `metrics!` and the derives: what compiles and then holds, and what each misuse says.

#[test]
fn declarations() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui_declare/pass/*.rs");
    cases.compile_fail("ui_declare/fail/*.rs");
}
