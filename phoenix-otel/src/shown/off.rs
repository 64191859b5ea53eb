//! Stub without the live page.

use std::time::Duration;

use crate::config::Config;
use crate::export::live::Unseen;
use crate::export::seam::Chosen;
use crate::view::Streams;

pub(crate) fn shown(_: &Config, _: &[Chosen], _: Duration, _: &Streams) -> Unseen {
    Unseen
}
