//! A scope contains exactly what was recorded in it, for any sequence of records.

use std::collections::BTreeMap;

use phoenix_otel::testing;
use phoenix_otel::{Label, metrics};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Label)]
enum Side {
    Left,
    Right,
}

metrics! {
    /// Whole numbers.
    static WHOLE: Counter { side: Side, name: &str } = "properties.whole" { cap: 100 };
    /// Levels.
    static LEVEL: UpDownCounter { name: &str } = "properties.level" { cap: 100 };
    /// Last values.
    static LAST: Gauge { side: Side } = "properties.last" {};
    /// Observations.
    static SEEN: Histogram { side: Side } = "properties.seen" { bounds: [0.0, 10.0, 1000.0] };
}

#[derive(Clone, Debug)]
enum Step {
    Whole(Side, String, u32),
    Level(String, i32),
    Last(Side, i32),
    Seen(Side, i32),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

fn step() -> impl Strategy<Value = Step> {
    let name = || proptest::sample::select(vec!["a", "b b", "c\"", "d\n", "ü", "service"]).prop_map(str::to_owned);
    prop_oneof![
        (side(), name(), any::<u32>()).prop_map(|(side, name, n)| Step::Whole(side, name, n)),
        (name(), any::<i32>()).prop_map(|(name, n)| Step::Level(name, n)),
        (side(), any::<i32>()).prop_map(|(side, n)| Step::Last(side, n)),
        (side(), -100..100_000).prop_map(|(side, n)| Step::Seen(side, n)),
    ]
}

/// The expected values.
#[derive(Default)]
struct Model {
    whole: BTreeMap<(Side, String), u64>,
    level: BTreeMap<String, i64>,
    last: BTreeMap<Side, f64>,
    seen: BTreeMap<Side, Vec<f64>>,
}

impl Model {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Whole(side, name, n) => {
                WHOLE.add((*n).into(), WHOLE { side: *side, name });
                *self.whole.entry((*side, name.clone())).or_default() += u64::from(*n);
            }
            Step::Level(name, n) => {
                LEVEL.add((*n).into(), LEVEL { name });
                *self.level.entry(name.clone()).or_default() += i64::from(*n);
            }
            Step::Last(side, n) => {
                LAST.set((*n).into(), LAST { side: *side });
                self.last.insert(*side, (*n).into());
            }
            Step::Seen(side, n) => {
                SEEN.record((*n).into(), SEEN { side: *side });
                self.seen.entry(*side).or_default().push((*n).into());
            }
        }
    }

    fn check(&self, snapshot: &testing::Snapshot) {
        for ((side, name), n) in &self.whole {
            assert_eq!(snapshot.value(&WHOLE, WHOLE { side: *side, name }), *n);
        }
        assert_eq!(snapshot.total(&WHOLE), self.whole.values().sum::<u64>());
        for (name, n) in &self.level {
            assert_eq!(snapshot.value(&LEVEL, LEVEL { name }), *n);
        }
        for side in [Side::Left, Side::Right] {
            assert_eq!(snapshot.value(&LAST, LAST { side }), self.last.get(&side).copied());
            let (seen, read) =
                (self.seen.get(&side).cloned().unwrap_or_default(), snapshot.value(&SEEN, SEEN { side }));
            assert_eq!((read.count, read.sum), (seen.len() as u64, seen.iter().sum()));
            for bucket in read.buckets {
                let inside = seen.iter().filter(|value| bucket.lower < **value && **value <= bucket.upper);
                assert_eq!(bucket.count, inside.count() as u64);
            }
        }
        let series = self.whole.len() + self.level.len() + self.last.len() + self.seen.len();
        assert_eq!(snapshot.to_string().lines().count(), series);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_snapshot_equals_what_was_recorded(
        first in proptest::collection::vec(step(), 0..40),
        second in proptest::collection::vec(step(), 0..40),
    ) {
        let scope = testing::scope("properties");
        let mut model = Model::default();
        scope.run(|| first.iter().for_each(|step| model.take(step)));
        let before = scope.snapshot();
        model.check(&before);
        let mut changes = Model::default();
        scope.run(|| second.iter().for_each(|step| changes.take(step)));
        let changed = scope.since(&before);
        assert_eq!(changed.total(&WHOLE), changes.whole.values().sum::<u64>());
        for (name, n) in &changes.level {
            assert_eq!(changed.value(&LEVEL, LEVEL { name }), *n);
        }
        for side in [Side::Left, Side::Right] {
            assert_eq!(changed.value(&SEEN, SEEN { side }).count, changes.seen.get(&side).map_or(0, Vec::len) as u64);
        }
        // The text contains all of it. Unchanged series are not in it.
        scope.since(&scope.snapshot()).assert_text("");
        scope.snapshot().assert_text(&scope.snapshot().to_string());
    }
}
