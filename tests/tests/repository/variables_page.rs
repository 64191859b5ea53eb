//! The tables of `docs/configuration.md` match the table of variables. If they do not, the test regenerates them and fails.

use std::fs;

#[path = "../../../phoenix-otel/src/config/table/mod.rs"]
mod table;

use table::{NOT_HONOURED, NotHonoured, Row, TOPICS, Topic};

const BEGIN: &str = "<!-- Generated from the table of variables by `cargo test -p phoenix-otel-tests --test repository variables_page`: change
phoenix-otel/src/config/table instead. -->
";
const END: &str = "<!-- End of the generated tables. -->\n";
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");

#[test]
fn the_variables_page_matches_the_table() {
    let before = fs::read_to_string(PAGE).expect("the page exists");
    let (head, rest) = before.split_once(BEGIN).expect("the generated tables have a beginning");
    let (_, tail) = rest.split_once(END).expect("the generated tables have an end");
    let topics: String = TOPICS.iter().map(topic).collect();
    let page = format!("{head}{BEGIN}{topics}{}{END}{tail}", not_honoured(&NOT_HONOURED));
    if before != page {
        fs::write(PAGE, &page).unwrap();
        panic!("docs/configuration.md did not match the table and was regenerated: check the diff and commit it");
    }
    assert!(
        page.contains(
            "\n| `OTEL_SDK_DISABLED` | `disabled` | `Builder::disabled` | `false` | `true`: nothing is recorded |"
        ),
        "{page}"
    );
}

fn topic(Topic { title, rows }: &Topic) -> String {
    let head =
        "| variable | key of the file | method in code | default | meaning | source |\n|---|---|---|---|---|---|\n";
    let rows: String = rows.iter().map(row).collect();
    format!("\n### {title}\n\n{head}{rows}")
}

fn row(row: &Row) -> String {
    let Row { names, of_traces, keys, methods, default, meaning, source } = row;
    let names = code(names.iter().chain(*of_traces), "<br>");
    let keys = code(keys.iter(), "<br>");
    let methods = code(methods.split(", ").filter(|method| !method.is_empty()), "<br>");
    let is_word = !default.is_empty() && !default.contains([' ', '`']);
    let default = if is_word { format!("`{default}`") } else { (*default).to_owned() };
    format!("| {names} | {keys} | {methods} | {default} | {meaning} | {source} |\n")
}

fn not_honoured(all: &[NotHonoured]) -> String {
    let rows = all.iter().map(|NotHonoured { names, why, is_refused, source }| {
        let strict = if *is_refused { "an error" } else { "a warning" };
        format!("| {} | {why} | {strict} | {source} |\n", code(names.iter(), "<br>"))
    });
    let head = "| variable | reason | with `PHOENIX_OTEL_STRICT=true` | source |\n|---|---|---|---|\n";
    format!("\n### Variables that are not supported\n\n{head}{}", rows.collect::<String>())
}

fn code<T: std::fmt::Display>(texts: impl Iterator<Item = T>, separator: &str) -> String {
    texts.map(|text| format!("`{text}`")).collect::<Vec<_>>().join(separator)
}

/// Each method in the table is a method of its type.
#[test]
fn the_methods_of_the_table_exist() {
    let sources = |folder: &str, prefix: &str| -> String {
        let folder = format!("{}/../phoenix-otel/src/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = fs::read_dir(folder).expect("the sources exist").map(|file| file.unwrap().path());
        let files =
            files.filter(|file| file.is_file() && file.file_name().unwrap().to_str().unwrap().starts_with(prefix));
        files.map(|file| fs::read_to_string(file).unwrap()).collect()
    };
    let methods: Vec<&str> =
        TOPICS.iter().flat_map(|topic| topic.rows).flat_map(|row| row.methods.split(", ")).collect();
    let methods: Vec<&str> = methods.into_iter().filter(|method| !method.is_empty()).collect();
    assert!(methods.len() > 20, "{methods:?}");
    for method in methods {
        let (of, name) = method.split_once("::").expect("a type and its method");
        let source = match of {
            "Builder" => sources("builder", "") + &sources(".", "builder"),
            "Sampler" | "SpanLimits" | "TracesExporter" => sources("config/traces", ""),
            of => sources("config/options", &format!("{}.rs", of.to_lowercase())),
        };
        let is_there = ["pub fn", "pub const fn"].iter().any(|word| source.contains(&format!("{word} {name}(")));
        assert!(is_there, "{method} does not exist");
    }
}
