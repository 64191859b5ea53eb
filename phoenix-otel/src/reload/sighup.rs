//! SIGHUP.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{Parts, Reloader};
use crate::report::report;

/// Lets SIGHUP do nothing. Without a handler it would end the process.
pub(super) fn ignore() {
    // Tokio's handler stays for as long as the process lives.
    let installed = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        let _entered = runtime.enter();
        signal(SignalKind::hangup())
    });
    if let Err(error) = installed {
        report!(ERROR, { error = error.to_string() }, "SIGHUP ends the process: its handler cannot be installed");
    }
}

/// Reloads the configuration at each SIGHUP, as long as the telemetry lives.
pub(super) fn reload_at(reloader: &Arc<Reloader>, parts: &Parts) {
    let entered = parts.runtime.enter();
    let hangups = signal(SignalKind::hangup());
    drop(entered);
    let mut hangups = match hangups {
        Ok(hangups) => hangups,
        Err(error) => {
            return report!(
                ERROR,
                { error = error.to_string() },
                "SIGHUP does not reload the configuration: its handler cannot be installed"
            );
        }
    };
    let (telemetry, board) = (Arc::downgrade(reloader), parts.board.clone());
    let mut number = 0_u64;
    parts.runtime.spawn(async move {
        while hangups.recv().await.is_some() {
            // It makes each line another one, so that none is suppressed.
            number += 1;
            let Some(reloader) = telemetry.upgrade().filter(|_| !board.is_ended()) else { return };
            // A reload waits for exporters that run on this thread. All signals that arrive in the meantime cause one further reload, so
            // many signals do not start many threads.
            let (running, ended) = oneshot::channel::<()>();
            let reloading = std::thread::Builder::new().name("phoenix-otel-reload".into()).spawn(move || {
                let _running = running;
                if let Err(error) = reloader.reload() {
                    report!(ERROR, { number }, "the configuration was not reloaded, and nothing is changed:\n{error}");
                }
            });
            if let Err(error) = reloading {
                report!(
                    ERROR,
                    { error = error.to_string() },
                    "the configuration was not reloaded: no thread can be started"
                );
            }
            let _ = ended.await;
        }
    });
}
