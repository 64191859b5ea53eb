//! A ring of frames. A frame is a point in time with the values that changed since the previous frame. Pure.
//!
//! Values are whole numbers in slots. Most of them increase slowly, so a change needs two or three bytes, and an unchanged value needs
//! none.

use std::collections::VecDeque;

/// Frames up to a size limit. The oldest ones are dropped to make room for the newest.
#[derive(Debug)]
pub(super) struct Ring {
    limit: usize,
    bytes: usize,
    /// The time before the first frame, and the values at that time.
    base_at: Option<u64>,
    base: Vec<i64>,
    /// The values of the newest frame.
    last: Vec<i64>,
    frames: VecDeque<Frame>,
    /// The number of the first frame, counted from the start.
    first: u64,
}

#[derive(Debug)]
struct Frame {
    at: u64,
    /// For each change: the number of slots since the previous change, and the difference of the value.
    changes: Box<[u8]>,
}

impl Frame {
    fn size(&self) -> usize {
        size_of::<Self>() + self.changes.len()
    }
}

impl Ring {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, base_at: None, base: Vec::new(), last: Vec::new(), frames: VecDeque::new(), first: 0 }
    }

    /// The size of the frames in bytes. In addition there are two values for each slot.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The time of the newest values, if there are any.
    pub(super) fn newest(&self) -> Option<u64> {
        self.frames.back().map(|frame| frame.at).or(self.base_at)
    }

    /// The numbers of the stored frames.
    pub(super) fn numbers(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.frames.len() as u64
    }

    /// The values before the first frame, with their time.
    pub(super) fn base(&self) -> (Option<u64>, &[i64]) {
        (self.base_at, &self.base)
    }

    /// Adds the values at a time, which must be later than all earlier ones. New slots were 0 until now.
    pub(super) fn push(&mut self, at: u64, values: &[i64]) {
        if self.base_at.is_none() {
            self.base_at = Some(at);
            self.base = values.to_vec();
            self.last = values.to_vec();
            return;
        }
        self.last.resize(values.len().max(self.last.len()), 0);
        self.base.resize(self.last.len(), 0);
        let mut changes = Vec::new();
        let mut from = 0;
        for (slot, value) in values.iter().enumerate() {
            let change = value.wrapping_sub(self.last[slot]);
            if change != 0 {
                write(&mut changes, (slot - from) as u64);
                write(&mut changes, zigzag(change));
                from = slot + 1;
                self.last[slot] = *value;
            }
        }
        let frame = Frame { at, changes: changes.into() };
        self.bytes += frame.size();
        self.frames.push_back(frame);
        while self.bytes > self.limit {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.size();
            self.first += 1;
            self.base_at = Some(oldest.at);
            for (slot, change) in changes_of(&oldest) {
                self.base[slot] = self.base[slot].wrapping_add(change);
            }
        }
    }

    /// The frames from this number: the time of each, and its changes by slot.
    pub(super) fn frames(
        &self,
        from: u64,
    ) -> impl Iterator<Item = (u64, impl Iterator<Item = (usize, i64)> + '_)> + '_ {
        let skipped = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.frames.iter().skip(skipped).map(|frame| (frame.at, changes_of(frame)))
    }
}

fn changes_of(frame: &Frame) -> impl Iterator<Item = (usize, i64)> + '_ {
    let mut rest = &frame.changes[..];
    let mut slot = 0;
    std::iter::from_fn(move || {
        let gap = read(&mut rest)?;
        let change = unzigzag(read(&mut rest)?);
        slot += usize::try_from(gap).ok()?;
        slot += 1;
        Some((slot - 1, change))
    })
}

/// Maps small numbers of either sign to small unsigned numbers.
fn zigzag(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Writes seven bits per byte, the lowest first. If the eighth bit is set, more bytes follow.
fn write(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All times that a ring holds, with their values.
    fn moments(ring: &Ring) -> Vec<(u64, Vec<i64>)> {
        let (at, base) = ring.base();
        let mut values = base.to_vec();
        let mut moments = vec![(at.unwrap(), values.clone())];
        for (at, changes) in ring.frames(0) {
            for (slot, change) in changes {
                values[slot] = values[slot].wrapping_add(change);
            }
            moments.push((at, values.clone()));
        }
        moments
    }

    #[test]
    fn frames_are_found_by_their_numbers() {
        let mut ring = Ring::new(10_000);
        assert_eq!((ring.newest(), ring.numbers()), (None, 0..0));
        for at in 1..=5 {
            ring.push(at * 1000, &[at as i64, 7]);
        }
        assert_eq!((ring.newest(), ring.numbers()), (Some(5000), 0..4));
        let times = |from| ring.frames(from).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(times(0), [2000, 3000, 4000, 5000]);
        assert_eq!(times(3), [5000]);
        assert!(times(4).is_empty());
        assert!(times(u64::MAX).is_empty());
    }

    #[test]
    fn unchanged_values_need_no_room() {
        let mut ring = Ring::new(10_000);
        ring.push(1, &vec![5; 100]);
        let before = ring.bytes();
        ring.push(2, &vec![5; 100]);
        assert_eq!(ring.bytes() - before, size_of::<Frame>());
    }

    proptest! {
        #[test]
        fn the_newest_moments_are_kept(
            limit in 0usize..2000,
            frames in prop::collection::vec(prop::collection::vec(any::<i64>(), 0..20), 1..60),
        ) {
            let mut ring = Ring::new(limit);
            let mut pushed: Vec<(u64, Vec<i64>)> = Vec::new();
            for (at, values) in (1u64..).zip(frames) {
                // Slots are never removed.
                let mut now = pushed.last().map(|(_, last)| last.clone()).unwrap_or_default();
                now.resize(now.len().max(values.len()), 0);
                now[..values.len()].copy_from_slice(&values);
                ring.push(at, &now);
                pushed.push((at, now));
                prop_assert!(ring.bytes <= limit);
                prop_assert_eq!(ring.bytes, ring.frames.iter().map(Frame::size).sum::<usize>());
            }
            let kept = moments(&ring);
            let width = kept.last().map_or(0, |(_, values)| values.len());
            let expected: Vec<_> = pushed[pushed.len() - kept.len()..].iter().map(|(at, values)| {
                let mut values = values.clone();
                values.resize(width, 0);
                (*at, values)
            }).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
