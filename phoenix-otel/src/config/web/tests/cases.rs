//! Files with mistakes, and the messages.

use super::read;

#[test]
fn each_mistake_is_named_with_its_place() {
    let golden = include_str!("problems.txt");
    let mut all = String::new();
    for case in golden.split("=====\n").filter(|case| !case.trim().is_empty()) {
        let (yaml, _) = case.split_once("-----\n").expect("a file and its problems");
        let problems = match read(yaml) {
            Ok(read) => panic!("{yaml}\nis read as {read:?}"),
            Err(problems) => problems,
        };
        let lines: Vec<String> = problems.iter().map(|problem| format!("{problem}\n")).collect();
        all += &format!("=====\n{yaml}-----\n{}", lines.concat());
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/web/tests/problems.txt");
        std::fs::write(path, &all).expect("the golden file can be written");
    } else {
        assert_eq!(all, golden, "UPDATE_GOLDEN=1 rewrites the file");
    }
}
