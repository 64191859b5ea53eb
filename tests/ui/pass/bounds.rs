//! Bounds of functions: a list, a constant, an array or a slice, with any name.

use std::future::Future;

use phoenix_otel::instrument_metrics;

const BOUNDS: [f64; 2] = [0.1, 1.0];
const SITE: &[f64] = &[1.0];
static STATIC: [f64; 1] = [2.0];

mod other {
    pub(crate) const SET: [f64; 3] = [1.0, 2.0, 4.0];
}

#[instrument_metrics(bounds = [0.1, 1.0, 10.0])]
fn bounds_list() {}

#[instrument_metrics(bounds = BOUNDS)]
fn bounds_array() {}

#[instrument_metrics(name = "slice", bounds = SITE, subsystem = "shop")]
async fn slice<T: Clone + Send>(value: T) -> Result<T, std::fmt::Error> {
    Ok(value)
}

#[instrument_metrics(bounds = STATIC)]
fn of_static() -> impl Future<Output = u32> {
    async { 1 }
}

struct Store;

#[instrument_metrics(bounds = other::SET)]
impl Store {
    fn bounds_get(&self) {}

    #[instrument_metrics(bounds = [7.0])]
    fn bounds_put(&self) {}

    #[instrument_metrics(skip)]
    fn len(&self) {}
}

pub(crate) fn main() {
    bounds_list();
    bounds_array();
    Store.bounds_get();
    Store.bounds_put();
    Store.len();
    drop((slice(1), of_static()));
}
