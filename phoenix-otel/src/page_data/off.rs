//! Stub without the live page.

use std::time::Duration;

use crate::config::Config;
use crate::export::live::NoPageData;
use crate::export::plugin::Chosen;
use crate::view::Streams;

pub(crate) fn page_data(_: &Config, _: &[Chosen], _: Duration, _: &Streams) -> NoPageData {
    NoPageData
}
