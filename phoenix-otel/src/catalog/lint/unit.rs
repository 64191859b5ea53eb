//! Units: those of UCUM whose word the OTLP translation knows. Any other is appended to the name as it is.

use super::super::def::{Kind, MetricDef};

/// The units that the translation knows, the word it adds, and the unit to use instead: times are in seconds, sizes
/// in bytes.
const UNITS: [(&str, &str, Option<&str>); 29] = [
    ("1", "ratio", None),
    ("%", "percent", Some("1")),
    ("d", "days", Some("s")),
    ("h", "hours", Some("s")),
    ("min", "minutes", Some("s")),
    ("s", "seconds", None),
    ("ms", "milliseconds", Some("s")),
    ("us", "microseconds", Some("s")),
    ("ns", "nanoseconds", Some("s")),
    ("By", "bytes", None),
    ("KiBy", "kibibytes", Some("By")),
    ("MiBy", "mebibytes", Some("By")),
    ("GiBy", "gibibytes", Some("By")),
    ("TiBy", "tibibytes", Some("By")),
    ("KBy", "kilobytes", Some("By")),
    ("MBy", "megabytes", Some("By")),
    ("GBy", "gigabytes", Some("By")),
    ("TBy", "terabytes", Some("By")),
    ("m", "meters", None),
    ("V", "volts", None),
    ("A", "amperes", None),
    ("J", "joules", None),
    ("W", "watts", None),
    ("g", "grams", None),
    ("Cel", "celsius", None),
    ("Hz", "hertz", None),
    ("w", "weeks", Some("s")),
    ("mo", "months", Some("s")),
    ("y", "years", Some("s")),
];

fn known(unit: &str) -> Option<&'static (&'static str, &'static str, Option<&'static str>)> {
    UNITS.iter().find(|(known, ..)| *known == unit)
}

/// The word that a unit adds to the Prometheus name.
pub(super) fn word(unit: &str) -> Option<&'static str> {
    known(unit).map(|(_, word, _)| *word)
}

/// `{order}`: what is counted, which adds nothing to the name.
fn is_annotation(unit: &str) -> bool {
    let inside = unit.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.is_some_and(|inside| !inside.is_empty() && inside.chars().all(|c| c.is_ascii_graphic() && !"{}".contains(c)))
}

pub(super) fn is_known(def: &MetricDef, find: &mut dyn FnMut(String)) {
    if def.unit.is_empty() || is_annotation(def.unit) {
        return;
    }
    let (unit, per) = def.unit.split_once('/').map_or((def.unit, None), |(unit, per)| (unit, Some(per)));
    // A rate is of a unit or of things, and by a unit of time, whose word stands in the singular.
    let is_rate = per.is_some_and(|per| ["s", "m", "h", "d", "w", "mo", "y"].contains(&per));
    match known(unit) {
        Some((_, _, Some(base))) if per.is_none() => {
            find(format!("the unit `{unit}` is not a base unit: record in `{base}`"))
        }
        Some(_) if per.is_none() || is_rate => {}
        _ if is_rate && is_annotation(unit) => {}
        _ => find(format!(
            "the unit `{}` is unknown to the OTLP translation, which would append it to the name: write `s`, `By`, `1`, or what is counted in braces, such as `{{order}}`",
            def.unit
        )),
    }
}

pub(super) fn fits_the_kind(def: &MetricDef, find: &mut dyn FnMut(String)) {
    if def.unit == "1" && def.kind != Kind::Gauge {
        find("the unit `1` is a ratio's, and so a gauge's: write what is counted in braces, such as `{order}`, or no unit".into());
    }
}
