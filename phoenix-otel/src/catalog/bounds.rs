//! Validation of the upper bounds of a histogram's buckets, for the lint, for views and at compile time.

/// An error in bounds, with its index.
#[derive(Clone, Copy, Debug)]
enum Invalid {
    NotFinite(usize),
    NotAbove(usize),
}

/// The first error in bounds, if there is one.
const fn first_error(bounds: &[f64]) -> Option<Invalid> {
    let mut i = 0;
    while i < bounds.len() {
        if !bounds[i].is_finite() {
            return Some(Invalid::NotFinite(i));
        }
        if i > 0 && bounds[i] <= bounds[i - 1] {
            return Some(Invalid::NotAbove(i));
        }
        i += 1;
    }
    None
}

/// Describes the first error in bounds, and how to fix it.
pub(crate) fn problem(bounds: &[f64]) -> Option<String> {
    Some(match first_error(bounds)? {
        Invalid::NotFinite(at) => {
            let bound = bounds[at];
            format!("the bound {bound} is not finite: remove it; the last bucket, `+Inf`, is added automatically")
        }
        Invalid::NotAbove(at) => {
            let (bound, before) = (bounds[at], bounds[at - 1]);
            format!(
                "the bound {bound} is not greater than the previous bound {before}: sort the bounds and remove duplicates"
            )
        }
    })
}

/// Returns the bounds. In a constant, invalid bounds are a compile error at the caller. The message cannot contain numbers.
#[track_caller]
pub const fn checked(bounds: &'static [f64]) -> &'static [f64] {
    assert!(!bounds.is_empty(), "a histogram needs at least one bound, such as `[0.1, 1.0, 10.0]`");
    match first_error(bounds) {
        Some(Invalid::NotFinite(_)) => {
            panic!("a bound must be finite: the last bucket, `+Inf`, is added automatically")
        }
        Some(Invalid::NotAbove(_)) => panic!("bounds must ascend: each must be greater than the previous one"),
        None => bounds,
    }
}
