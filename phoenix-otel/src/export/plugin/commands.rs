//! Common code of all tasks that handle commands.

use std::collections::VecDeque;
use std::pin::pin;

use tokio::time::{Instant, timeout_at};

use super::deadline::Deadline;
use super::lifecycle::{Command, Commands, Delivered};
use super::wait::{Either, select};
use crate::error::Undelivered;

/// The commands that interrupt an export. An interrupted export has half of the command's timeout left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InterruptedBy {
    /// Only the shutdown interrupts it.
    Shutdown,
    /// The shutdown and a flush interrupt it.
    AnyCommand,
}

/// Runs one export, and queues the commands that arrive meanwhile, with the shutdown first. If the deadline of a flush passes meanwhile, the
/// flush gets the result of `missed`, which receives the reason.
///
/// Returns `None` if the command channel is closed.
pub(crate) async fn interruptible(
    export: impl Future<Output = Delivered>,
    interrupted_by: InterruptedBy,
    abandon: impl FnOnce() -> Delivered,
    missed: impl Fn(&str) -> Delivered,
    commands: &mut Commands,
    waiting: &mut VecDeque<Command>,
) -> Option<Delivered> {
    let mut export = pin!(export);
    let mut limit: Option<Instant> = None;
    loop {
        let event = select(export.as_mut(), commands.recv());
        // The first flush in the queue has the earliest deadline, because all flushes have the same timeout.
        let next = [limit, waiting.front().map(|command| command.until)].into_iter().flatten().min();
        let event = match next {
            Some(next) => timeout_at(next, event).await.ok(),
            None => Some(event.await),
        };
        let command = match event {
            Some(Either::Left(delivered)) => return Some(delivered),
            Some(Either::Right(command)) => command?,
            None if limit.is_some_and(|limit| limit <= Instant::now()) => return Some(abandon()),
            None => {
                if let Some(command) = waiting.pop_front() {
                    let why = Deadline::of(&command).missed();
                    let _ = command.reply.send(missed(why.as_deref().unwrap_or_default()));
                }
                continue;
            }
        };
        let half = Instant::now() + command.until.saturating_duration_since(Instant::now()) / 2;
        let until = limit.map_or(half, |limit| limit.min(half));
        if command.is_shutdown {
            waiting.push_front(command);
            return Some(timeout_at(until, export.as_mut()).await.unwrap_or_else(|_| abandon()));
        }
        if interrupted_by == InterruptedBy::AnyCommand {
            limit = Some(until);
        }
        waiting.push_back(command);
    }
}

/// The result of an export, combined with what earlier exports dropped.
pub(crate) fn add_lost(lost: Option<Undelivered>, delivered: Delivered) -> Delivered {
    match (lost, delivered) {
        (None, delivered) => delivered,
        (Some(lost), Ok(())) => Err(lost),
        (lost, Err(now)) => Err(joined(lost, now)),
    }
}

/// The sum of both amounts, with the reason of the later result.
fn joined(before: Option<Undelivered>, now: Undelivered) -> Undelivered {
    let points = [before.and_then(|lost| lost.points), now.points].into_iter().flatten().reduce(|a, b| a + b);
    Undelivered { points, ..now }
}
