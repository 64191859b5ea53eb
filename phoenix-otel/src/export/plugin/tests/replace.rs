//! A reload replaces exporters while a shutdown begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::health::ExportKind;
use super::super::status::ExportState;
use super::super::{HealthBoard, RunningExporters, start};
use super::*;

/// An exporter that records that it runs, and replies to each command when `answers` is closed.
fn exporter(name: &str, answers: tokio::sync::oneshot::Receiver<()>) -> (Prepared, Arc<AtomicBool>) {
    let (name, runs): (Arc<str>, _) = (name.into(), Arc::new(AtomicBool::new(false)));
    let (state, has_run) = (ExportState::new(name.clone(), ExportKind::Metrics), runs.clone());
    let prepared = Prepared::new(name, Duration::from_secs(600), state, move |mut commands| async move {
        has_run.store(true, Ordering::Relaxed);
        let command = commands.recv().await;
        let _ = answers.await;
        drop(command.map(|command| command.reply.send(Ok(()))));
    });
    (prepared, runs)
}

#[test]
fn after_a_shutdown_has_begun_no_exporter_is_started() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let (exporters, board) = (Arc::new(RunningExporters::default()), Arc::new(HealthBoard::default()));
    let (answer, answers) = tokio::sync::oneshot::channel();
    let (former, _) = exporter("a", answers);
    exporters.set(start(vec![former], runtime.handle()));
    let (new, runs) = exporter("b", tokio::sync::oneshot::channel().1);
    let replacing = std::thread::spawn({
        let (exporters, board, runtime) = (exporters.clone(), board.clone(), runtime.handle().clone());
        move || exporters.replace(&["a".into()], vec![new], &runtime, &board)
    });
    // The shutdown begins while the former one exports for the last time.
    while !exporters.map(|_| ()).is_empty() {
        std::thread::yield_now();
    }
    assert!(exporters.shutdown(Duration::from_secs(600)).is_empty());
    drop(answer);
    assert!(!replacing.join().unwrap() && !runs.load(Ordering::Relaxed));
    let (late, runs) = exporter("c", tokio::sync::oneshot::channel().1);
    assert!(!exporters.replace(&[], vec![late], runtime.handle(), &board) && !runs.load(Ordering::Relaxed));
    assert!(exporters.map(|_| ()).is_empty());
}
