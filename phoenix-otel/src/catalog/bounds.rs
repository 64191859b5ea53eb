//! The upper bounds of a histogram's buckets: what they must be, for the lint, for views and for the compiler.

/// What is wrong with bounds, and where.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    NotFinite(usize),
    NotAbove(usize),
}

/// What makes bounds ascend.
const fn wrong(bounds: &[f64]) -> Option<Wrong> {
    let mut i = 0;
    while i < bounds.len() {
        if !bounds[i].is_finite() {
            return Some(Wrong::NotFinite(i));
        }
        if i > 0 && bounds[i] <= bounds[i - 1] {
            return Some(Wrong::NotAbove(i));
        }
        i += 1;
    }
    None
}

/// Why these bounds do not ascend, and what to do.
pub(crate) fn problem(bounds: &[f64]) -> Option<String> {
    Some(match wrong(bounds)? {
        Wrong::NotFinite(at) => {
            let bound = bounds[at];
            format!("the bound {bound} is not finite: remove it, since the last bucket is `+Inf` by itself")
        }
        Wrong::NotAbove(at) => {
            let (bound, before) = (bounds[at], bounds[at - 1]);
            format!("the bound {bound} does not exceed the one before, {before}: sort them, each once")
        }
    })
}

/// The bounds as they are. In a constant wrong ones are an error of the compiler, at the caller; it cannot write numbers.
#[track_caller]
pub const fn checked(bounds: &'static [f64]) -> &'static [f64] {
    assert!(!bounds.is_empty(), "a histogram needs at least one bound, such as `[0.1, 1.0, 10.0]`");
    match wrong(bounds) {
        Some(Wrong::NotFinite(_)) => panic!("a bound is finite: the last bucket is `+Inf` by itself"),
        Some(Wrong::NotAbove(_)) => panic!("bounds ascend: each is greater than the one before"),
        None => bounds,
    }
}
