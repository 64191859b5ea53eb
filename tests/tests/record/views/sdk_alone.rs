//! The SDK alone: unbound instruments, with the SDK's own views.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, MeterProvider};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use phoenix_otel::__private::for_tests::prometheus::{Format, Input, encode};
use phoenix_otel::{Label, MetricDef};
use phoenix_otel_tests::snapshot::Reader;

use super::metrics::{Channel, MEASURED, OBSERVED, OPEN, ORDERS, PAID, POOL, SEEN, SIZE, STOCK, WARMTH};

/// A provider with one view, and its reader.
pub(crate) struct Bare {
    _provider: SdkMeterProvider,
    reader: Reader,
}

impl Bare {
    /// Records the same values as our handles. `adds_up` returns the remaining attributes of each observation: observations with equal attributes are
    /// added up first, which the SDK does not do.
    pub(crate) fn start(
        view: impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static,
        adds_up: Option<fn(&KeyValue) -> bool>,
    ) -> Self {
        let reader = Reader::default();
        let provider = SdkMeterProvider::builder().with_reader(reader.clone()).with_view(view).build();
        let meter = provider.meter("bare");
        fn described(def: &MetricDef) -> (&'static str, &'static str, &'static str) {
            (def.name, def.unit, def.description)
        }
        macro_rules! instrument {
            ($def:expr, $build:ident $(, $more:ident($value:expr))?) => {{
                let (name, unit, description) = described($def);
                meter.$build(name).with_unit(unit).with_description(description)$(.$more($value))?.build()
            }};
        }
        let orders = instrument!(ORDERS::DEF, u64_counter);
        let paid = instrument!(PAID::DEF, f64_counter);
        let open = instrument!(OPEN::DEF, i64_up_down_counter);
        let stock = instrument!(STOCK::DEF, f64_gauge);
        let size = instrument!(SIZE::DEF, f64_histogram, with_boundaries(SIZE::DEF.bounds.to_vec()));
        for (channel, tenant, n) in MEASURED {
            let (value, attributes) = (f64::from(n), attributes(channel, tenant));
            orders.add(n.into(), &attributes);
            paid.add(value / 2.0, &attributes);
            open.add(i64::from(n) - 3, &attributes);
            stock.record(value, &attributes);
            size.record(value, &attributes);
        }
        instrument!(SEEN::DEF, f64_observable_counter, with_callback(move |seen| observe(seen, adds_up, f64::from)));
        instrument!(
            POOL::DEF,
            i64_observable_up_down_counter,
            with_callback(move |pool| observe(pool, adds_up, |n| i64::from(n) - 3))
        );
        instrument!(
            WARMTH::DEF,
            f64_observable_gauge,
            with_callback(|warmth| {
                for (channel, tenant, n) in OBSERVED {
                    warmth.observe(n.into(), &attributes(channel, tenant));
                }
            })
        );
        Self { _provider: provider, reader }
    }

    pub(crate) fn collect(&self) -> ResourceMetrics {
        self.reader.snapshot()
    }

    pub(crate) fn exposition(metrics: &ResourceMetrics) -> String {
        let mut exposition = Vec::new();
        encode(&Input::new(metrics), Format::Text, &mut exposition);
        String::from_utf8(exposition).expect("text")
    }
}

fn observe<N: Copy + std::ops::AddAssign>(
    instrument: &dyn AsyncInstrument<N>,
    adds_up: Option<fn(&KeyValue) -> bool>,
    value: fn(u32) -> N,
) {
    let mut sums: Vec<(Vec<KeyValue>, N)> = Vec::new();
    for (channel, tenant, n) in OBSERVED {
        let attributes = attributes(channel, tenant);
        let attributes: Vec<_> = match adds_up {
            Some(keeps) => attributes.into_iter().filter(keeps).collect(),
            None => attributes.into(),
        };
        match sums.iter_mut().find(|(seen, _)| *seen == attributes) {
            Some((_, sum)) => *sum += value(n),
            None => sums.push((attributes, value(n))),
        }
    }
    sums.iter().for_each(|(attributes, sum)| instrument.observe(*sum, attributes));
}

fn attributes(channel: Channel, tenant: &'static str) -> [KeyValue; 2] {
    [KeyValue::new("channel", Channel::VALUES[channel.index()]), KeyValue::new("tenant", tenant)]
}
