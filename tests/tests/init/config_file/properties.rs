//! Any text is accepted or rejected: the reader does not panic, it ends, and the places of problems are in the file.

use proptest::prelude::*;
use proptest::sample::select;

use super::service;

/// The parts of files.
const PARTS: [&str; 48] = [
    "file_format: \"1.1\"\n",
    "resource:",
    "attributes:",
    "  ",
    "    ",
    "- ",
    "\n",
    ": ",
    ":",
    "name: a",
    "value: ",
    "type: int",
    "meter_provider:",
    "readers:",
    "periodic:",
    "pull:",
    "exporter:",
    "otlp_http:",
    "console:",
    "prometheus/development:",
    "interval: ",
    "port: ",
    "views:",
    "selector:",
    "stream:",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!!int ",
    "!x ",
    "null",
    "true",
    "1.5",
    "-1",
    "99999999999999999999",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "# c\n",
    "${X}",
    "${X:-1}",
    "$$",
    "\u{feff}",
];

/// A valid file that has most of the structure.
const VALID: &str = r#"file_format: "1.1"
disabled: ${OFF:-false}
log_level: warn
resource:
  attributes: [{ name: a, value: [1, 2], type: int_array }]
  attributes_list: "b=1,c=2"
  detection/development: { attributes: { excluded: ["x*"] }, detectors: [{ host: }] }
meter_provider:
  readers:
    - periodic: { interval: 5000, exporter: { otlp_http: { headers: [{ name: h, value: "1" }], tls: { ca_file: /ca } } } }
    - pull: { exporter: { prometheus/development: { port: 0 } }, cardinality_limits: { default: 9 } }
  views:
    - selector: { instrument_name: "a.*", instrument_type: histogram }
      stream: { aggregation: { explicit_bucket_histogram: { boundaries: [1, 2.5] } }, attribute_keys: { included: ["x*"] } }
tracer_provider:
  processors: [{ batch: { exporter: { otlp_grpc: } } }]
  sampler: { parent_based: { root: { trace_id_ratio_based: { ratio: 0.5 } } } }
distribution: { phoenix_otel: { namespace: acme, page: { hosts: [h] } }, acme: { key: &x [1], other: *x } }
"#;

/// Reads a file, and compares the places of problems with it.
fn reads(text: &str) -> Result<(), TestCaseError> {
    let Err(error) = service(text, &[("X", "x: [1\n")]).strict().scope() else { return Ok(()) };
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in error.settings().iter() {
        let place = problem.location().and_then(|place| Some((place.line()?, place.column()?)));
        let (line, column) = place.ok_or_else(|| TestCaseError::fail(format!("{problem} has no place")))?;
        prop_assert!((1..=lines.len()).contains(&line), "{problem} in {} lines", lines.len());
        let length = lines[line - 1].chars().count();
        prop_assert!((1..=length + 1).contains(&column), "{problem}: the line has {length} characters\n{text}");
    }
    Ok(())
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text(text in "\\PC{0,100}|[ -~\\n\\t]{0,200}") {
        reads(&text)?;
    }

    #[test]
    fn any_parts(parts in prop::collection::vec(select(&PARTS[..]), 0..40)) {
        reads(&format!("file_format: \"1.1\"\n{}", parts.concat()))?;
    }

    #[test]
    fn changed_files(at in any::<prop::sample::Index>(), length in 0usize..30, part in select(&PARTS[..]), deep in 0usize..3) {
        let characters: Vec<char> = VALID.chars().collect();
        let at = at.index(characters.len());
        let end = (at + length).min(characters.len());
        let (before, after): (String, String) = (characters[..at].iter().collect(), characters[end..].iter().collect());
        reads(&format!("{before}{}{after}", part.repeat(deep)))?;
    }
}

/// The file before its changes.
#[test]
fn the_unchanged_file_is_valid() {
    assert_eq!(service(VALID, &[]).scope().map(drop).map_err(|error| error.to_string()), Ok(()));
}
