//! A million distinct label values: memory is bounded, the overflow count is exact, other series are unaffected,
//! and recording neither allocates nor waits.

use std::io::Write as _;

mod attacks;
mod catalog;
mod kinds;

/// The `n`-th value of an attacker, formatted without an allocation.
pub(crate) struct Hostile([u8; 24], usize);

impl Hostile {
    pub(crate) fn new(n: usize) -> Self {
        let mut buffer = [0; 24];
        let mut rest = &mut buffer[..];
        write!(rest, "value {n}").expect("it is long enough");
        let left = rest.len();
        Self(buffer, 24 - left)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.1]).expect("it was written as text")
    }
}

/// Calls `record` with `count` new values, from the `first`-th on.
pub(crate) fn flood(first: usize, count: usize, mut record: impl FnMut(&str)) {
    for n in first..first + count {
        record(Hostile::new(n).as_str());
    }
}
