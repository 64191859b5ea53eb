//! Labels as types: an enum label knows its values at compile time, a string label is capped.

use std::fmt;

/// An enum whose variants are the values of a label. [Derive](derive@crate::Label) it.
///
/// All values are known beforehand, so the series of each exist at 0 from the start. A label that takes any text is `&str` in
/// [`metrics!`](crate::metrics!).
///
/// ```
/// use phoenix_otel::{Label, metrics};
///
/// #[derive(Clone, Copy, Label)]
/// enum Channel {
///     Web,
///     Store,
/// }
///
/// metrics! {
///     /// Orders placed.
///     static ORDERS: Counter { channel: Channel } = "acme.orders" { unit: "{order}" };
/// }
///
/// ORDERS.add(1, ORDERS { channel: Channel::Web });
/// assert_eq!(Channel::VALUES, ["web", "store"]);
/// # let _ = Channel::Store;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label value",
    label = "not a label value",
    note = "a label is `&str`, or an enum with `#[derive(Clone, Copy, phoenix_otel::Label)]`"
)]
pub trait Label: Copy {
    /// The values, in the order of the variants.
    const VALUES: &'static [&'static str];

    /// The position of this value in [`VALUES`](Self::VALUES).
    fn index(self) -> usize;
}

/// The name of a label and, for an enum, its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelDef {
    /// The label's name, as it is exported.
    pub name: &'static str,
    /// The values of an enum label; `None` for a string.
    pub values: Option<&'static [&'static str]>,
}

impl LabelDef {
    /// A label that takes any string, up to the metric's cap.
    #[doc(hidden)]
    pub const fn string(name: &'static str) -> Self {
        Self { name, values: None }
    }

    /// A label whose values are those of an enum: [`Label::VALUES`].
    #[doc(hidden)]
    pub const fn closed(name: &'static str, values: &'static [&'static str]) -> Self {
        Self { name, values: Some(values) }
    }
}

/// A set of label values: a struct with one field a label, made by [`metrics!`](crate::metrics).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of labels",
    note = "write the metric's own name with its labels: `METRIC {{ label: value }}`, or `()` for a metric without labels"
)]
pub trait Labels: Copy {
    /// The same struct with the lifetime `'static`: what ties labels to the metric they were declared with.
    type Of: 'static;

    /// The values in declaration order.
    type Values<'s>: AsRef<[&'s str]>
    where
        Self: 's;

    /// The labels in declaration order.
    const LABELS: &'static [LabelDef];

    /// The values of this set, in the order of [`LABELS`](Self::LABELS).
    fn values(&self) -> Self::Values<'_>;

    /// The position of this set among all combinations of its enum values, the first label weighing most. Strings have no part in it.
    fn index(&self) -> usize;
}

impl Labels for () {
    type Of = ();
    type Values<'s> = [&'s str; 0];
    const LABELS: &'static [LabelDef] = &[];

    fn values(&self) -> [&'static str; 0] {
        []
    }

    fn index(&self) -> usize {
        0
    }
}

/// Shows a set of labels with their values.
pub fn debug<M: Labels>(name: &str, labels: &M, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (label, value) in M::LABELS.iter().zip(labels.values().as_ref()) {
        shown.field(label.name, value);
    }
    shown.finish()
}

/// The value of an enum label.
#[inline]
pub fn value(values: &[&'static str], index: usize) -> &'static str {
    // A `Label` that was written by hand may be wrong about its index, and recording never panics.
    values.get(index).copied().unwrap_or("")
}

/// How many combinations the labels have; `None` if one of them is a string.
pub(crate) const fn combinations(labels: &[LabelDef]) -> Option<usize> {
    let mut product = 1usize;
    let mut i = 0;
    while i < labels.len() {
        match labels[i].values {
            Some(values) => product = product.saturating_mul(values.len()),
            None => return None,
        }
        i += 1;
    }
    Some(product)
}

/// How many combinations the enums among the labels have.
pub(crate) fn closed_combinations(labels: &[LabelDef]) -> usize {
    labels.iter().filter_map(|label| label.values).fold(1, |product, values| product.saturating_mul(values.len()))
}

/// The values of the combination at `index`, the inverse of [`Labels::index`].
pub(crate) fn combination(labels: &[LabelDef], mut index: usize) -> Vec<&'static str> {
    let mut values = Vec::with_capacity(labels.len());
    for label in labels.iter().rev() {
        let of_label = label.values.unwrap_or(&[]);
        values.push(of_label[index % of_label.len()]);
        index /= of_label.len();
    }
    values.reverse();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [LabelDef; 2] =
        [LabelDef { name: "a", values: Some(&["x", "y"]) }, LabelDef { name: "b", values: Some(&["1", "2", "3"]) }];

    #[test]
    fn combinations_are_counted_and_unrolled() {
        assert_eq!(combinations(&LABELS), Some(6));
        assert_eq!(combinations(&[]), Some(1));
        assert_eq!(combinations(&[LabelDef::string("s")]), None);
        assert_eq!(closed_combinations(&[LABELS[0], LabelDef::string("s"), LABELS[1]]), 6);
        assert_eq!(closed_combinations(&[LabelDef::string("s")]), 1);
        assert_eq!(combination(&LABELS, 0), ["x", "1"]);
        assert_eq!(combination(&LABELS, 5), ["y", "3"]);
        assert_eq!(combination(&[], 0), Vec::<&str>::new());
    }
}
