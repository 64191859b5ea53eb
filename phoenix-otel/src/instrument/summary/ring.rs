//! The sketches of a window, one for each of its parts.

use sketches_ddsketch::{Config, DDSketch};

use crate::catalog::def::QUANTILES;

/// The number of parts in the window, including the current one.
pub(super) const PARTS: u64 = 10;

/// The relative error of a quantile.
const ACCURACY: f64 = 0.01;
/// The maximum number of buckets of a sketch for positive values, and the same for negative ones. A sketch spans a factor of 6e17. Beyond
/// that, small values lose accuracy.
pub(super) const MAX_BUCKETS: u32 = 2048;
/// Values closer to 0 count as 0.
const MIN_VALUE: f64 = 1e-9;

/// Sketches by the number of their part of time, ascending.
#[derive(Default)]
pub(super) struct Ring(Vec<(u64, DDSketch)>);

impl Ring {
    /// Adds an observation to the part `now`. If the clock has gone back, adds it to the latest part.
    pub(super) fn add(&mut self, now: u64, value: f64) {
        if let Some((newest, sketch)) = self.0.last_mut()
            && *newest >= now
        {
            return sketch.add(value);
        }
        let mut sketch = DDSketch::new(Config::new(ACCURACY, MAX_BUCKETS, MIN_VALUE));
        sketch.add(value);
        self.expire(now);
        self.0.push((now, sketch));
    }

    /// Adds all observations of `other`.
    pub(super) fn merge(&mut self, other: Ring) {
        for (part, sketch) in other.0 {
            match self.0.binary_search_by_key(&part, |(part, _)| *part) {
                Ok(at) => merge_sketch(&mut self.0[at].1, &sketch),
                Err(at) => self.0.insert(at, (part, sketch)),
            }
        }
    }

    /// Removes the parts outside the window that ends with the part `now`.
    pub(super) fn expire(&mut self, now: u64) {
        let old = self.0.partition_point(|(part, _)| part + PARTS <= now);
        self.0.drain(..old);
    }

    /// The quantiles over all parts, in the order of [`QUANTILES`]; `None` without an observation.
    pub(super) fn quantiles(&self) -> Option<[f64; QUANTILES.len()]> {
        let ((_, first), rest) = self.0.split_first()?;
        let mut all = first.clone();
        rest.iter().for_each(|(_, sketch)| merge_sketch(&mut all, sketch));
        let (least, greatest) = (all.min()?, all.max()?);
        let mut quantiles = [0.0; QUANTILES.len()];
        for (value, (quantile, _)) in quantiles.iter_mut().zip(QUANTILES) {
            // The middle of a bucket may be outside the observed range.
            *value = all.quantile(quantile).ok()??.clamp(least, greatest);
        }
        Some(quantiles)
    }

    /// The number of buckets in memory, and of sketches.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.0.iter().map(|(_, sketch)| sketch.length()).sum(), self.0.len())
    }
}

/// Adds the observations of `other`.
fn merge_sketch(sketch: &mut DDSketch, other: &DDSketch) {
    // `merge` fails only for a different configuration, and there is only one.
    let _ = sketch.merge(other);
}
