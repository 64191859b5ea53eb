//! Stub without the live page.

use crate::config::EffectiveConfig;
#[cfg(feature = "config-file")]
use crate::export::live::Live;
use crate::export::live::NoPageData;
use crate::view::Streams;

pub(crate) fn page_data(_: &EffectiveConfig, _: &Streams) -> NoPageData {
    NoPageData
}

#[cfg(feature = "config-file")]
pub(crate) fn refresh(_: &Live, _: &EffectiveConfig) {}
