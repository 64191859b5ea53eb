//! A call belongs to the scope in which its future is first polled, wherever the future was created and however the function is written.

use std::pin::Pin;

use async_trait::async_trait;
use phoenix_otel::{Status, instrument_metrics, measure, metrics, testing};
use phoenix_otel_tests::block_on;

metrics! {
    /// Steps.
    static STEPS: Counter { by: &str, status: Status } = "polled.steps" { unit: "{step}" };
    /// One step.
    static STEP: CallSet { by: &str } = { requests: STEPS };
}

#[instrument_metrics(STEP { by })]
async fn awaited(by: &str) -> usize {
    by.len()
}

#[allow(clippy::manual_async_fn, reason = "this is the form that is tested")]
#[instrument_metrics(STEP { by })]
fn opaque(by: &str) -> impl Future<Output = usize> {
    async move { by.len() }
}

#[instrument_metrics(STEP { by: &by })]
fn boxed(by: String) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move { by.len() })
}

/// Code before the future may move the arguments, so their labels are bound here.
#[instrument_metrics(STEP { by: &by })]
fn boxed_after_work(by: String) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    let length = by.len();
    Box::pin(async move { length })
}

#[async_trait]
trait Steps {
    async fn inside(&self, by: &str) -> usize;
    async fn outside(&self, by: String) -> usize;
}

struct Worker;

#[async_trait]
impl Steps for Worker {
    #[instrument_metrics(STEP { by })]
    async fn inside(&self, by: &str) -> usize {
        by.len()
    }

    #[instrument_metrics(STEP { by: &by })]
    async fn outside(&self, by: String) -> usize {
        by.len()
    }
}

#[test]
fn a_future_that_is_made_outside_records_in_the_scope_that_polls_it() {
    let scope = testing::scope("polled");
    let work = scope.in_scope(async { boxed_after_work("work".to_owned()).await });
    let measured = scope.in_scope(measure(&STEP, STEP { by: "measure" }, async { Some(7) }));
    assert_eq!(block_on(measured), Some(7));
    let steps = [
        block_on(scope.in_scope(awaited("awaited"))),
        block_on(scope.in_scope(opaque("opaque"))),
        block_on(scope.in_scope(boxed("boxed".to_owned()))),
        block_on(scope.in_scope(Worker.inside("inside"))),
        block_on(scope.in_scope(Worker.outside("outside".to_owned()))),
        block_on(work),
    ];
    assert_eq!(steps, [7, 6, 5, 6, 7, 4]);
    for by in ["measure", "awaited", "opaque", "boxed", "inside", "outside", "work"] {
        assert_eq!(scope.value(&STEP, STEP { by }).ok, 1, "{by}");
    }
}

#[test]
fn a_future_that_is_made_inside_records_where_it_is_polled() {
    let [made, polled] = ["made", "polled"].map(testing::scope);
    let future = made.run(|| measure(&STEP, STEP { by: "measure" }, async {}));
    block_on(polled.in_scope(future));
    assert_eq!((made.total(&STEP).ok, polled.total(&STEP).ok), (0, 1));
}

/// A future that is never polled is not a call.
#[test]
fn a_future_that_is_not_polled_makes_no_series() {
    let scope = testing::scope("polled");
    scope.run(|| drop((boxed("boxed".to_owned()), opaque("opaque"), measure(&STEP, STEP { by: "measure" }, async {}))));
    assert_eq!(scope.snapshot().to_string(), "");
}
