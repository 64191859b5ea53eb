//! Stub without the live page.

use crate::config::EffectiveConfig;
use crate::export::live::NoPageData;
use crate::view::Streams;

pub(crate) fn page_data(_: &EffectiveConfig, _: &Streams) -> NoPageData {
    NoPageData
}
