//! The UCUM units that the OTLP translation knows: one table for the translation, the lint and compile-time checks.

use super::def::{Kind, same};
use super::message::Message;

/// A known unit.
struct Unit {
    /// The UCUM code.
    ucum: &'static str,
    /// The word that it appends to a Prometheus name.
    word: Option<&'static str>,
    /// The word after a slash, as in `per_second`.
    per: Option<&'static str>,
    /// The base unit to record in instead: durations in seconds, sizes in bytes.
    base: Option<&'static str>,
}

const fn unit(ucum: &'static str, word: &'static str) -> Unit {
    Unit { ucum, word: Some(word), per: None, base: None }
}

impl Unit {
    const fn per(self, word: &'static str) -> Self {
        Self { per: Some(word), ..self }
    }

    const fn base(self, ucum: &'static str) -> Self {
        Self { base: Some(ucum), ..self }
    }

    const fn only_per(ucum: &'static str, word: &'static str) -> Self {
        Self { ucum, word: None, per: Some(word), base: Some("s") }
    }
}

/// The table of the reference implementation, including `tibibytes`: a correction only here would give one metric two names.
const UNITS: &[Unit] = &[
    // Its word, `ratio`, is added for gauges only.
    unit("1", ""),
    unit("%", "percent").base("1"),
    unit("d", "days").per("day").base("s"),
    unit("h", "hours").per("hour").base("s"),
    unit("min", "minutes").base("s"),
    unit("s", "seconds").per("second"),
    unit("ms", "milliseconds").base("s"),
    unit("us", "microseconds").base("s"),
    unit("ns", "nanoseconds").base("s"),
    unit("By", "bytes"),
    unit("KiBy", "kibibytes").base("By"),
    unit("MiBy", "mebibytes").base("By"),
    unit("GiBy", "gibibytes").base("By"),
    unit("TiBy", "tibibytes").base("By"),
    unit("KBy", "kilobytes").base("By"),
    unit("MBy", "megabytes").base("By"),
    unit("GBy", "gigabytes").base("By"),
    unit("TBy", "terabytes").base("By"),
    unit("m", "meters").per("minute"),
    unit("V", "volts"),
    unit("A", "amperes"),
    unit("J", "joules"),
    unit("W", "watts"),
    unit("g", "grams"),
    unit("Cel", "celsius"),
    unit("Hz", "hertz"),
    Unit::only_per("w", "week"),
    Unit::only_per("mo", "month"),
    Unit::only_per("y", "year"),
];

/// The maximum length of a unit in the SDK.
const MAX_UNIT_LENGTH: usize = 63;

const fn known(ucum: &str) -> Option<&'static Unit> {
    let mut i = 0;
    while i < UNITS.len() {
        if same(UNITS[i].ucum, ucum) {
            return Some(&UNITS[i]);
        }
        i += 1;
    }
    None
}

/// The word that a unit without a slash appends to a name. An unknown unit is appended unchanged.
pub(super) fn main_word(ucum: &str) -> &str {
    known(ucum).and_then(|unit| unit.word).unwrap_or(ucum)
}

/// The same for a unit after a slash.
pub(super) fn per_word(ucum: &str) -> &str {
    known(ucum).and_then(|unit| unit.per).unwrap_or(ucum)
}

/// The word that a unit appends to the name, if there is one.
pub(super) const fn word(ucum: &str) -> Option<&'static str> {
    match known(ucum) {
        Some(Unit { word: Some(word), .. }) if !word.is_empty() => Some(word),
        _ => None,
    }
}

/// Whether the unit is an annotation such as `{order}`, which adds nothing to the name.
const fn is_annotation(unit: &[u8]) -> bool {
    let [b'{', inside @ .., b'}'] = unit else { return false };
    let mut i = 0;
    while i < inside.len() {
        if !inside[i].is_ascii_graphic() || matches!(inside[i], b'{' | b'}') {
            return false;
        }
        i += 1;
    }
    !inside.is_empty()
}

/// Describes why the SDK would silently ignore an instrument with this unit.
pub(crate) fn refused(unit: &str) -> Option<String> {
    refusal(unit).map(|message| message.as_str().to_owned())
}

const fn refusal(unit: &str) -> Option<Message> {
    if !unit.is_ascii() {
        return Some(Message::new("a unit must be ASCII: use `us` for microseconds, `Cel` for degrees Celsius"));
    }
    if unit.len() > MAX_UNIT_LENGTH {
        return Some(Message::new("a unit has at most 63 characters: shorten it"));
    }
    None
}

/// Describes the problem with the unit of a metric of this kind, and what to use instead.
pub(crate) const fn problem(unit: &str, kind: Kind) -> Option<Message> {
    if let Some(refusal) = refusal(unit) {
        return Some(refusal);
    }
    if unit.is_empty() || is_annotation(unit.as_bytes()) {
        return None;
    }
    if same(unit, "1") && !matches!(kind, Kind::Gauge) {
        return Some(Message::new(
            "the unit `1` is for ratios, which are gauges: use the counted item in braces, such as `{order}`, or no unit",
        ));
    }
    let (main, per) = split(unit);
    // A rate is a unit or an annotation per unit of time.
    let is_rate = match per {
        Some(per) => matches!(known(per), Some(Unit { per: Some(_), .. })),
        None => false,
    };
    match known(main) {
        Some(Unit { base: Some(base), .. }) if per.is_none() => Some(
            Message::new("the unit `").add(unit).add("` is not a base unit: record in `").add(base).add("`"),
        ),
        Some(_) if per.is_none() || is_rate => None,
        None if is_rate && is_annotation(main.as_bytes()) => None,
        _ => Some(
            Message::new("the unit `").add(unit).add(
                "` is unknown to the OTLP translation, which would append it to the name: use `s`, `By`, `1`, or the counted item in braces, such as `{order}`",
            ),
        ),
    }
}

/// The parts before and after the first slash.
const fn split(unit: &str) -> (&str, Option<&str>) {
    let mut i = 0;
    while i < unit.len() {
        if unit.as_bytes()[i] == b'/' {
            let (main, per) = unit.split_at(i);
            return (main, Some(per.split_at(1).1));
        }
        i += 1;
    }
    (unit, None)
}

/// Checks a unit and returns it. In a constant, an invalid unit is a compile error at the caller.
#[track_caller]
pub const fn checked(unit: &'static str, kind: Kind) -> &'static str {
    match problem(unit, kind) {
        Some(message) => message.panic(),
        None => unit,
    }
}

/// Checks a metric's name and returns it. In a constant, a name that ends with the word of its unit is a compile error.
#[track_caller]
pub const fn checked_name(name: &'static str, unit: &str) -> &'static str {
    if let Some(word) = word(unit)
        && ends_with_part(name.as_bytes(), word.as_bytes())
    {
        Message::new("remove `")
            .add(word)
            .add("` from the end of the name: the unit `")
            .add(unit)
            .add("` adds it to the Prometheus name")
            .panic();
    }
    name
}

/// Whether this word is the last part of the name.
const fn ends_with_part(name: &[u8], word: &[u8]) -> bool {
    if name.len() <= word.len() {
        return false;
    }
    let (before, last) = name.split_at(name.len() - word.len());
    let mut i = 0;
    while i < word.len() {
        if last[i] != word[i] {
            return false;
        }
        i += 1;
    }
    matches!(before[before.len() - 1], b'.' | b'_' | b'-' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_units_pass() {
        for unit in ["", "s", "By", "{order}", "{USD}", "By/s", "{order}/s", "m/s", "g", "Hz"] {
            assert_eq!(problem(unit, Kind::Counter).map(|message| message.as_str().to_owned()), None, "{unit}");
        }
        assert!(problem("1", Kind::Gauge).is_none());
    }

    #[test]
    fn bad_units_are_reported_with_advice() {
        let long = format!("{{{}}}", "x".repeat(MAX_UNIT_LENGTH));
        for (unit, advice) in [
            ("ms", "record in `s`"),
            ("MiBy", "record in `By`"),
            ("%", "record in `1`"),
            ("w", "record in `s`"),
            ("µs", "ASCII"),
            (&long, "63 characters"),
            ("1", "for ratios"),
            ("USD", "the unit `USD` is unknown"),
            ("By/order", "the unit `By/order` is unknown"),
            ("{}", "the unit `{}` is unknown"),
            ("seconds", "use `s`"),
        ] {
            let problem = problem(unit, Kind::Histogram).expect(unit);
            assert!(problem.as_str().contains(advice), "{}", problem.as_str());
        }
    }

    #[test]
    fn a_name_does_not_end_with_its_unit() {
        let ends = |name: &str, word: &str| ends_with_part(name.as_bytes(), word.as_bytes());
        assert!(ends("acme.size.bytes", "bytes") && ends("acme_bytes", "bytes"));
        assert!(!ends("acme.kilobytes", "bytes") && !ends("bytes", "bytes") && !ends("acme.bytes.sent", "bytes"));
    }
}
