//! The numeric values of series.

use std::fmt;
use std::ops::{Add, Sub};

/// An integer of any type in OpenTelemetry, or a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Fraction(f64),
}

impl Number {
    pub(super) const ZERO: Self = Self::Whole(0);

    #[expect(clippy::cast_precision_loss, reason = "whole numbers are compared as whole numbers")]
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Whole(n) => n as f64,
            Self::Fraction(n) => n,
        }
    }

    /// The integer. 0 if it is a floating-point number or does not fit.
    pub(super) fn whole<N: TryFrom<i128> + Default>(self) -> N {
        match self {
            Self::Whole(n) => N::try_from(n).unwrap_or_default(),
            Self::Fraction(_) => N::default(),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.as_f64() == 0.0
    }
}

impl Add for Number {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Self::Whole(a + b),
            (a, b) => Self::Fraction(a.as_f64() + b.as_f64()),
        }
    }
}

impl Sub for Number {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Self::Whole(a - b),
            (a, b) => Self::Fraction(a.as_f64() - b.as_f64()),
        }
    }
}

/// At most twelve significant digits: further digits of a sum depend on the order of its terms.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(n) => n.fmt(f),
            Self::Fraction(n) => {
                let rounded: f64 = format!("{n:.11e}").parse().unwrap_or(*n);
                // No `-0`.
                if rounded == 0.0 { f.write_str("0") } else { rounded.fmt(f) }
            }
        }
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        Self::Whole(n.into())
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self::Whole(n.into())
    }
}

impl From<f64> for Number {
    fn from(n: f64) -> Self {
        Self::Fraction(n)
    }
}
