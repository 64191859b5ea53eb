//! The SDK instruments of a summary: three observable instruments, since the API has no summary.

use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use super::window::{PartClock, Reading, Window};
use crate::catalog::def::{QUANTILE, QUANTILES};
use crate::catalog::name::summary_parts;
use crate::instrument::binding::Binding;
use crate::instrument::bound::Instrument;
use crate::lock::lock;
use crate::view::Stream;

/// A gauge of quantiles, and the sum and count as non-monotonic sums: OTLP translation would append `_total` to a monotonic one.
pub(super) struct SummaryInstrument {
    parts: Arc<PartClock>,
    all: Arc<Mutex<Vec<Arc<Series>>>>,
}

struct Series {
    attributes: Vec<KeyValue>,
    window: Arc<Window>,
}

/// The readings of all series at the last collection. They are taken once for the three instruments, so all three describe the same
/// observations.
type Snapshot = Mutex<Vec<(Arc<Series>, Reading)>>;

impl SummaryInstrument {
    fn with_clock(clock: quanta::Clock, meter: &Meter, stream: &Stream) -> Self {
        let all: Arc<Mutex<Vec<Arc<Series>>>> = Arc::default();
        let snapshot: Arc<Snapshot> = Arc::default();
        let [sum, count] = summary_parts(&stream.name, stream.def.unit);
        let description = || stream.description.clone();

        // The SDK runs callbacks in creation order, so this one runs first.
        let (of_gauge, taken) = (all.clone(), snapshot.clone());
        let _ = meter
            .f64_observable_gauge(stream.name.clone())
            .with_unit(stream.def.unit)
            .with_description(description())
            .with_callback(move |gauge| {
                let readings = read(&of_gauge);
                for (series, reading) in &readings {
                    for ((_, quantile), value) in QUANTILES.iter().zip(reading.quantiles.iter().flatten()) {
                        let mut attributes = series.attributes.clone();
                        attributes.push(KeyValue::new(QUANTILE, *quantile));
                        gauge.observe(*value, &attributes);
                    }
                }
                *lock(&taken) = readings;
            })
            .build();

        let taken = snapshot.clone();
        let _ = meter
            .f64_observable_up_down_counter(sum)
            .with_description(description())
            .with_callback(move |sum| {
                for (series, reading) in lock(&taken).iter() {
                    sum.observe(reading.sum, &series.attributes);
                }
            })
            .build();
        let _ = meter
            .i64_observable_up_down_counter(count)
            .with_description(description())
            .with_callback(move |count| {
                for (series, reading) in lock(&snapshot).iter() {
                    count.observe(reading.count.cast_signed(), &series.attributes);
                }
            })
            .build();
        Self { parts: Arc::new(PartClock::new(clock)), all }
    }
}

/// A bound series lives until the process ends, but its observations can be freed.
impl Drop for SummaryInstrument {
    fn drop(&mut self) {
        lock(&self.all).iter().for_each(|series| series.window.clear());
    }
}

/// Reads every series. It does not hold the lock that binding a series needs.
fn read(all: &Mutex<Vec<Arc<Series>>>) -> Vec<(Arc<Series>, Reading)> {
    let all = lock(all).clone();
    all.into_iter()
        .map(|series| {
            let reading = series.window.read();
            (series, reading)
        })
        .collect()
}

impl Instrument for SummaryInstrument {
    const IN_PARTS: bool = false;

    type Bound = Arc<Window>;

    fn create(binding: &Arc<Binding>, stream: &Arc<Stream>, _: usize) -> Self {
        Self::with_clock(binding.clock().clone(), &binding.meter(), stream)
    }

    fn bind(&self, attributes: &[KeyValue]) -> Arc<Window> {
        let window = Arc::new(Window::new(self.parts.clone()));
        let series = Series { attributes: attributes.to_vec(), window: window.clone() };
        lock(&self.all).push(Arc::new(series));
        window
    }
}
