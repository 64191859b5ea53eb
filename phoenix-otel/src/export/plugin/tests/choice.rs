//! Which exporters are chosen, and which choices are rejected.

use super::*;
use crate::config::options::{Console, Otlp, OtlpFile, Prometheus};

const VARIABLE: &str = "OTEL_METRICS_EXPORTER";

fn given<const N: usize>(exporters: [Exporter; N]) -> Given {
    Given { exporters: Some(exporters.into()), ..Given::default() }
}

fn registered(name: &str) -> Given {
    let provider = |_: &ExporterSettings| Err("must not be called".into());
    let mut given = Given::default();
    given.provider(name.to_owned(), provider);
    given
}

#[track_caller]
fn one(found: &[(String, String)], name: &str, texts: &[&str]) {
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].0, name, "{found:?}");
    texts.iter().for_each(|text| assert!(found[0].1.contains(text), "no {text:?} in {:?}", found[0].1));
}

#[test]
fn by_the_variable() {
    for (value, expected) in [
        (None, &["prometheus"][..]),
        (Some(""), &["prometheus"]),
        (Some("   "), &["prometheus"]),
        (Some("prometheus"), &["prometheus"]),
        (Some("otlp"), &["otlp"]),
        (Some(" otlp , prometheus "), &["otlp", "prometheus"]),
        (Some("prometheus,otlp,prometheus,otlp"), &["prometheus", "otlp"]),
        (Some("console,"), &["console"]),
        (Some("Prometheus,OTLP,otlp/stdout"), &["prometheus", "otlp", "otlp/stdout"]),
        (Some("none"), &[]),
        (Some("none,none"), &[]),
        (Some(","), &[]),
    ] {
        assert_eq!(chosen(value, Given::default()).unwrap(), expected, "{value:?}");
    }
    assert_eq!(chosen(Some("otlp,CSV"), registered("csv")).unwrap(), ["otlp", "csv"]);
    let found = told(chosen(Some("promtheus"), registered("csv")));
    one(
        &found,
        VARIABLE,
        &[
            "promtheus",
            "a comma-separated list of prometheus, otlp, otlp/stdout, console, csv, or the single word none",
        ],
    );
    one(&told(chosen(Some("none,otlp"), Given::default())), VARIABLE, &["none,otlp", "single word none"]);
    assert_eq!(told(chosen(Some("jaeger,zipkin"), Given::default())).len(), 2);
    let found = told(chosen(Some("OTLP/file"), Given::default()));
    one(
        &found,
        VARIABLE,
        &["OTLP/file", "`otlp/stdout`; set a file in code, with `exporter(OtlpFile::new().path(…))`"],
    );
    assert!(!found[0].1.contains("nearest"), "{found:?}");
}

#[test]
fn by_code() {
    let by = |given| chosen(Some("nonsense"), given);
    assert_eq!(by(given([Otlp::new().into(), Console::new().into()])).unwrap(), ["otlp", "console"]);
    assert_eq!(by(given([])).unwrap(), [""; 0]);
    let several = [Otlp::new().into(), Otlp::new().name("backup").into(), Exporter::from("otlp").name("third")];
    assert_eq!(by(given(several)).unwrap(), ["otlp", "backup", "third"]);
    let csv = Given { exporters: Some(vec!["CSV".into()]), ..registered("csv") };
    assert_eq!(by(csv).unwrap(), ["csv"]);
    one(
        &told(by(given(["csv".into()]))),
        "builder: exporter",
        &["\"csv\"", "one of prometheus, otlp, otlp/stdout, console"],
    );
    one(&told(by(given(["none".into()]))), "builder: exporter", &["\"none\"", "call `without_exporter`"]);
    let files = [OtlpFile::new().into(), OtlpFile::new().path("a").into(), OtlpFile::new().path("b").name("b").into()];
    assert_eq!(by(given(files)).unwrap(), ["otlp/stdout", "otlp/file", "b"]);
    for twice in [[Otlp::new().into(), "otlp".into()], [Prometheus::new().name("otlp").into(), Otlp::new().into()]] {
        one(
            &told(by(given(twice))),
            "builder: exporter",
            &["\"otlp\"", "give each of these exporters a name", "Otlp::new().name("],
        );
    }
    // The variable ignores case.
    let twice = [Otlp::new().name("A").into(), Otlp::new().name("a").into()];
    one(&told(by(given(twice))), "builder: exporter", &["\"a\"", "give each of these exporters a name"]);
    for name in ["", "a b", "a\nb", "ü", &"x".repeat(65)] {
        one(&told(by(given([Otlp::new().name(name).into()]))), "builder: exporter", &["1 to 64"]);
    }
}

#[test]
fn a_provider_has_a_name_of_its_own() {
    for name in ["otlp", "Prometheus", "none", "", "a,b"] {
        one(
            &told(chosen(Some("console"), registered(name))),
            "builder: exporter_provider",
            &["the names of other providers"],
        );
    }
}

#[test]
fn what_is_not_built_in() {
    let absent = |kind| Exporter::absent(kind, None, "the feature `it`");
    let none = || Registry::of([absent("prometheus"), absent("otlp"), Console::new().into()]);
    assert_eq!(of(none(), None, Given::default()).unwrap(), [""; 0]);
    let only_otlp = Registry::of([absent("prometheus"), Otlp::new().into(), Console::new().into()]);
    assert_eq!(of(only_otlp, None, Given::default()).unwrap(), ["otlp"]);
    one(&told(of(none(), Some("prometheus"), Given::default())), VARIABLE, &["compiled in", "the feature `it`"]);
    one(&told(of(none(), None, given([absent("otlp")]))), "builder: exporter", &["compiled in", "the feature `it`"]);
    let listed = "a comma-separated list of console, or the single word none; prometheus needs the feature `it` of phoenix-otel; otlp needs";
    one(&told(of(none(), Some("smoke"), Given::default())), VARIABLE, &["smoke", listed]);
}
