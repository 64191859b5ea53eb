//! For any recorded data the exposition is valid.

use proptest::prelude::*;

use super::*;

fn attributes() -> impl Strategy<Value = Vec<(String, String)>> {
    let key = prop_oneof!["[a-z._]{1,3}", "le|quantile|service|version|__name__|otel_scope_name", any::<String>()];
    let value = prop_oneof!["[a-b]{0,1}", any::<String>(), "[\\\\\n\"]{0,3}"];
    prop::collection::vec((key, value), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_recorded_the_exposition_is_valid(
        points in prop::collection::vec(
            (0usize..7, 0usize..2, "[a-b](\\.(total|count|sum|bucket|exponential|info))?", "s|1|%|x@|", any::<String>(), any::<f64>(), attributes()),
            0..12,
        ),
    ) {
        let metrics = snapshot(&[("service", "s"), ("version", "1")], cumulative(), |provider| {
            for (kind, scope, name, unit, help, value, attributes) in points {
                let meter = provider.meter(["one", "two"][scope]);
                let kvs: Vec<KeyValue> = attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
                match kind {
                    0 => meter.f64_counter(name).with_unit(unit).with_description(help).build().add(value, &kvs),
                    1 => meter.f64_gauge(name).with_unit(unit).with_description(help).build().record(value, &kvs),
                    2 => meter.f64_histogram(name).with_unit(unit).with_description(help).build().record(value, &kvs),
                    3 => meter.f64_up_down_counter(name).with_unit(unit).with_description(help).build().add(value, &kvs),
                    4 => {
                        // Some of these form a summary, or almost.
                        let [sum, count] = crate::catalog::name::summary_parts(&name, &unit);
                        meter.f64_up_down_counter(sum).build().add(value, &kvs);
                        meter.i64_up_down_counter(count).build().add(value as i64, &kvs);
                    }
                    5 => meter.u64_counter(name).with_unit(unit).with_description(help).build().add(3, &kvs),
                    _ => meter.u64_histogram(name).with_unit(unit).with_description(help).build().record(3, &kvs),
                }
            }
        });
        for format in [Format::Text, Format::OpenMetrics] {
            let units = ["s", "1", "%", "x@", ""];
            let summaries = units.map(|unit| ["a", "b"].map(|name| SummaryInstrument { name, unit }));
            let input = Input { summaries: summaries.as_flattened(), ..Input::new(&metrics) };
            let (out, _) = text(&input, format);
            check(&out, format);
            let (again, _) = text(&input, format);
            prop_assert_eq!(out, again);
        }
    }
}
