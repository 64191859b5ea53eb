//! What tasks have in common that obey commands.

use std::collections::VecDeque;
use std::pin::pin;

use tokio::time::{Instant, timeout_at};

use super::deadline::Deadline;
use super::life::{Command, Commands, Delivered};
use super::wait::{First, first};
use crate::error::NotDelivered;

/// One export, while commands that arrive wait. The one to end goes before the others, and leaves this export half of its own time. A
/// flush whose time ends meanwhile gets what `missed` makes of the reason.
///
/// It yields nothing where nobody is left to give commands.
pub(crate) async fn interruptible(
    export: impl Future<Output = Delivered>,
    abandon: impl FnOnce() -> Delivered,
    missed: impl Fn(&str) -> Delivered,
    commands: &mut Commands,
    waiting: &mut VecDeque<Command>,
) -> Option<Delivered> {
    let mut export = pin!(export);
    loop {
        let event = first(export.as_mut(), commands.recv());
        // Flushes have the same timeout, so the first of them ends first.
        let event = match waiting.front() {
            Some(command) => timeout_at(command.until, event).await,
            None => Ok(event.await),
        };
        let command = match event {
            Ok(First::Left(delivered)) => return Some(delivered),
            Ok(First::Right(command)) => command?,
            Err(_) => {
                if let Some(command) = waiting.pop_front() {
                    let why = Deadline::of(&command).missed();
                    let _ = command.reply.send(missed(why.as_deref().unwrap_or_default()));
                }
                continue;
            }
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
