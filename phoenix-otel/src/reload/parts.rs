//! The parts of a running telemetry that a reload uses.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::config::EffectiveConfig;
use crate::exemplar::Store;
use crate::export::live::Live;
use crate::export::plugin::{HealthBoard, RunningExporters};
use crate::export::reader::Readers;
use crate::export::scrape::Scraping;
use crate::self_metrics::Monitors;
use crate::view::Streams;

/// The parts of a telemetry.
#[cfg_attr(not(feature = "config-file"), allow(dead_code, reason = "only a configuration file is reloaded"))]
pub(crate) struct Parts {
    pub(crate) effective: Arc<EffectiveConfig>,
    pub(crate) running: Arc<RunningExporters>,
    pub(crate) readers: Readers,
    pub(crate) runtime: Handle,
    pub(crate) monitors: Arc<Monitors>,
    pub(crate) board: Arc<HealthBoard>,
    pub(crate) streams: Arc<Streams>,
    pub(crate) exemplars: Arc<Store>,
    pub(crate) scraping: Arc<Scraping>,
    pub(crate) live: Arc<Live>,
}
