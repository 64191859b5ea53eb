//! Ten thousand concurrent calls with every result: each is counted once with the right status, and the gauge
//! returns to its value.

use std::sync::Arc;

use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::{counted, start, wait_until};
use tokio::sync::{Barrier, Notify};

#[derive(Debug, ErrorType)]
enum WorkError {
    TooLarge,
}

/// What a call does.
#[derive(Clone, Copy)]
enum Fate {
    Returns,
    Fails,
    Panics,
    IsDropped,
    IsAborted,
}

const FATES: [Fate; 5] = [Fate::Returns, Fate::Fails, Fate::Panics, Fate::IsDropped, Fate::IsAborted];
const CALLS: usize = 10_000;

#[instrument_metrics]
async fn one_of_many(fate: Fate, all_started: Arc<Barrier>, go_on: Arc<Notify>) -> Result<(), WorkError> {
    all_started.wait().await;
    match fate {
        Fate::Returns => Ok(()),
        Fate::Fails => Err(WorkError::TooLarge),
        Fate::Panics => std::panic::panic_any("one of many"),
        Fate::IsDropped | Fate::IsAborted => {
            go_on.notified().await;
            Ok(())
        }
    }
}

#[test]
fn ten_thousand_concurrent_calls_are_each_counted_once() {
    phoenix_otel_tests::isolated!();
    start();
    // Without a hook that prints two thousand panics.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&"one of many") {
            hook(panic);
        }
    }));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let all_started = Arc::new(Barrier::new(CALLS + 1));
        let never = Arc::new(Notify::new());
        let drop_now = Arc::new(tokio::sync::Semaphore::new(0));
        let mut to_abort = Vec::new();
        let mut others = Vec::new();
        for fate in FATES.into_iter().cycle().take(CALLS) {
            let call = one_of_many(fate, all_started.clone(), never.clone());
            match fate {
                Fate::IsAborted => to_abort.push(tokio::spawn(async { drop(call.await) })),
                Fate::IsDropped => {
                    let drop_now = drop_now.clone();
                    others.push(tokio::spawn(async move {
                        tokio::select! {
                            _ = call => unreachable!("it never returns"),
                            _ = drop_now.acquire() => {}
                        }
                    }));
                }
                _ => others.push(tokio::spawn(async { drop(call.await) })),
            }
        }
        // The barrier waits for one more than the number of calls, so all are in flight together.
        tokio::task::spawn_blocking(|| {
            wait_until("all calls are in flight", || match counted("one_of_many") {
                all if all == format!("in flight {CALLS}") => Ok(()),
                fewer => Err(fewer),
            });
        })
        .await
        .expect("all are in flight");
        all_started.wait().await;
        drop_now.add_permits(CALLS);
        for task in others {
            let _ = task.await;
        }
        for task in &to_abort {
            task.abort();
        }
        for task in to_abort {
            let _ = task.await;
        }
    });
    assert_eq!(counted("one_of_many"), "ok 2000, error 2000 [too_large 2000], cancelled 4000, panic 2000");
}
