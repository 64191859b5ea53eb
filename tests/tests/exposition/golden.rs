//! The whole output equals the golden files.

use std::path::Path;

use phoenix_otel::__private::for_tests::prometheus::{Format, Report};

use super::hostile::hostile;

#[test]
fn the_text_format_equals_its_golden_file() {
    assert_golden("exposition.text", Format::Text);
}

#[test]
fn openmetrics_equals_its_golden_file() {
    assert_golden("exposition.openmetrics", Format::OpenMetrics);
}

fn assert_golden(file: &str, format: Format) {
    let (out, report) = hostile().text(format);
    assert_eq!(report, Report::default(), "everything has its place in an exposition");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &out).expect("the golden file is writable");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file exists; UPDATE_GOLDEN=1 writes it");
    let difference = golden.split('\n').zip(out.split('\n')).find(|(old, new)| old != new);
    assert!(golden == out, "{file} differs, first at {difference:?}; UPDATE_GOLDEN=1 rewrites it");
}
