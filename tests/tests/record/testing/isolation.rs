//! Nothing leaks between scopes, nor between a scope and an `init`.

use std::panic::catch_unwind;

use phoenix_otel::testing::{self, FakeExporter, Scope};
use phoenix_otel_tests::block_on;

use super::shared::{COUNTED, counts, counts_at_once};

/// Asserts the content of a scope in which `n` was counted once.
fn assert_counted(scope: &Scope, n: u64) {
    let by = n.to_string();
    assert_eq!(scope.total(&COUNTED), n);
    assert_eq!(scope.value(&COUNTED, COUNTED { by: &by }), n);
}

#[test]
fn threads_do_not_see_each_other() {
    std::thread::scope(|threads| {
        for first in 0..8 {
            threads.spawn(move || {
                for n in (first..256).step_by(8) {
                    let scope = testing::scope("threads");
                    let _entered = scope.enter();
                    counts_at_once(&n.to_string(), n);
                    assert_counted(&scope, n);
                    assert_eq!(scope.function("testing_counts_at_once").ok, 1);
                }
            });
        }
    });
}

#[test]
fn tasks_that_are_moved_between_threads_stay_in_their_scopes() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let scope = testing::scope("tasks");
            let counting = scope.clone();
            let task = runtime.spawn(scope.in_scope(async move {
                counts(&n.to_string(), n).await;
                // A spawned task starts outside, unless it gets the scope.
                let inner = Scope::current().expect("the task is in its scope").in_scope(async move {
                    counts_at_once(&n.to_string(), n);
                });
                tokio::spawn(inner).await.unwrap();
                tokio::spawn(async move { counts_at_once("outside", 1) }).await.unwrap();
            }));
            (n, counting, task)
        })
        .collect();
    for (n, scope, task) in tasks {
        runtime.block_on(task).unwrap();
        assert_counted(&scope, 2 * n);
        let calls = scope.function("testing_counts");
        assert_eq!((calls.ok, calls.active), (1, 0));
    }

    fn assert_counted(scope: &Scope, of: u64) {
        assert_eq!(scope.total(&COUNTED), of);
    }
}

#[test]
fn scopes_nest_and_end_in_any_order() {
    let [outer, inner] = ["outer", "inner"].map(testing::scope);
    assert!(Scope::current().is_none());
    outer.run(|| {
        counts_at_once("1", 1);
        inner.run(|| counts_at_once("2", 2));
        counts_at_once("1", 1);
    });
    let (of_outer, of_inner) = (outer.enter(), inner.enter());
    drop(of_outer);
    counts_at_once("2", 2);
    drop(of_inner);
    counts_at_once("outside", 5);
    assert!(Scope::current().is_none());
    assert_eq!((outer.total(&COUNTED), inner.total(&COUNTED)), (2, 4));
}

#[test]
fn a_panic_leaves_the_scope() {
    let scope = testing::scope("panics");
    let panicked = catch_unwind(|| {
        scope.run(|| {
            counts_at_once("1", 1);
            std::panic::resume_unwind(Box::new(()));
        });
    });
    assert!(panicked.is_err() && Scope::current().is_none());
    let panicked = catch_unwind(|| {
        block_on(scope.in_scope(async {
            counts("1", 1).await;
            std::panic::resume_unwind(Box::new(()));
        }));
    });
    assert!(panicked.is_err() && Scope::current().is_none());
    assert_counted_twice(&scope);

    fn assert_counted_twice(scope: &Scope) {
        assert_eq!(scope.total(&COUNTED), 2);
    }
}

#[test]
fn a_call_ends_in_the_scope_in_which_it_began() {
    let [first, second] = ["first", "second"].map(testing::scope);
    let mut call = Box::pin(counts("x", 2));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    first.run(|| assert!(call.as_mut().poll(&mut context).is_pending()));
    second.run(|| drop(call));
    assert_eq!(first.function("testing_counts").cancelled, 1);
    assert_eq!(second.function("testing_counts").cancelled, 0);
}

/// Counts when it is dropped with its future.
struct CountsInDrop;

impl Drop for CountsInDrop {
    fn drop(&mut self) {
        counts_at_once("drop", 1);
    }
}

#[test]
fn a_future_is_dropped_in_its_scope() {
    let scope = testing::scope("drops");
    let future = scope.in_scope(async {
        let _drops = CountsInDrop;
        std::future::pending::<()>().await;
    });
    let mut future = Box::pin(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    drop(future);
    assert_eq!(scope.value(&COUNTED, COUNTED { by: "drop" }), 1);
}

#[test]
fn a_scope_and_an_init_do_not_see_each_other() {
    phoenix_otel_tests::isolated!();
    let early = testing::scope("early");
    early.run(|| counts_at_once("early", 1));
    counts_at_once("before", 1);

    // Within a scope `init` works as outside.
    let exporter = FakeExporter::default();
    let builder = phoenix_otel::builder("real").without_exporter().without_subscriber();
    let telemetry = early.run(|| builder.push_exporter("fake", exporter.clone()).init().unwrap());
    counts_at_once("real", 10);
    early.run(|| counts_at_once("early", 2));
    let late = testing::scope("late");
    late.run(|| counts_at_once("late", 4));
    telemetry.force_flush().into_result().unwrap();
    let exported = exporter.last();
    assert_eq!(exported.total(&COUNTED), 10);
    assert_eq!(exported.function("testing_counts_at_once").ok, 1);
    assert_eq!((early.total(&COUNTED), late.total(&COUNTED)), (3, 4));
    assert_eq!(late.function("testing_counts_at_once").ok, 1);

    telemetry.shutdown().into_result().unwrap();
    late.run(|| counts_at_once("late", 4));
    assert_eq!(late.total(&COUNTED), 8);
    drop((early, late));

    let again = FakeExporter::default();
    let builder = phoenix_otel::builder("again").without_exporter().without_subscriber();
    let telemetry = builder.push_exporter("fake", again.clone()).init().unwrap();
    counts_at_once("again", 1);
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(again.last().total(&COUNTED), 1);
}
