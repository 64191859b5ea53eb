//! What tasks have in common that obey commands.

use std::collections::VecDeque;
use std::pin::pin;

use tokio::time::{Instant, timeout_at};

use super::life::{Command, Commands, Delivered};
use super::wait::{First, first};
use crate::error::NotDelivered;

/// One export, while commands that arrive wait. The one to end goes before the others, and leaves this export half of its own time.
///
/// It yields nothing where nobody is left to give commands.
pub(crate) async fn interruptible(
    export: impl Future<Output = Delivered>,
    abandon: impl FnOnce() -> Delivered,
    commands: &mut Commands,
    waiting: &mut VecDeque<Command>,
) -> Option<Delivered> {
    let mut export = pin!(export);
    loop {
        let command = match first(export.as_mut(), commands.recv()).await {
            First::Left(delivered) => return Some(delivered),
            First::Right(command) => command?,
        };
        if !command.end {
            waiting.push_back(command);
            continue;
        }
        let half = Instant::now() + command.until.saturating_duration_since(Instant::now()) / 2;
        waiting.push_front(command);
        let delivered = timeout_at(half, export.as_mut()).await;
        return Some(delivered.unwrap_or_else(|_| abandon()));
    }
}

/// What became of an export, with what was lost before.
pub(crate) fn with(lost: Option<NotDelivered>, delivered: Delivered) -> Delivered {
    match (lost, delivered) {
        (None, delivered) => delivered,
        (Some(lost), Ok(())) => Err(lost),
        (lost, Err(now)) => Err(joined(lost, now)),
    }
}

/// What was lost before and what is lost now, for the reason of the last.
fn joined(before: Option<NotDelivered>, now: NotDelivered) -> NotDelivered {
    let points = [before.and_then(|lost| lost.points), now.points].into_iter().flatten().reduce(|a, b| a + b);
    NotDelivered { points, ..now }
}
