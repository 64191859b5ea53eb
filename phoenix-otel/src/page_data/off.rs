//! Stub without the live page.

use crate::config::EffectiveConfig;
use crate::export::live::NoPageData;
use crate::export::plugin::Chosen;
use crate::view::Streams;

pub(crate) fn page_data(_: &EffectiveConfig, _: &[Chosen], _: &Streams) -> NoPageData {
    NoPageData
}
