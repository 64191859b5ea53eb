//! Labels as types: the values of an enum label are known at compile time, those of a string label are limited by the cap.

use std::fmt;

/// An enum whose variants are the values of a label. [Derive](derive@crate::Label) it.
///
/// All values are known in advance, so their series exist at 0 from the start. For a label with any text, use `&str` in
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
    note = "a label must be `&str`, or an enum with `#[derive(Clone, Copy, phoenix_otel::Label)]`"
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
    /// The exported name of the label.
    pub name: &'static str,
    /// The values of an enum label; `None` for a string.
    pub values: Option<&'static [&'static str]>,
}

impl LabelDef {
    /// Creates a label with any string as value, up to the metric's cap.
    #[doc(hidden)]
    pub const fn string(name: &'static str) -> Self {
        Self { name, values: None }
    }

    /// Creates a label with the values of an enum: [`Label::VALUES`].
    #[doc(hidden)]
    pub const fn closed(name: &'static str, values: &'static [&'static str]) -> Self {
        Self { name, values: Some(values) }
    }
}

/// A set of label values: a struct with one field for each label. [`metrics!`](crate::metrics) declares it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of labels",
    note = "write the metric's name with its labels: `METRIC {{ label: value }}`, or `()` for a metric without labels"
)]
pub trait Labels: Copy {
    /// The labels without values: the same struct with the lifetime `'static`. A handle accepts the label sets of its own schema.
    type Schema: 'static;

    /// The values in declaration order.
    type Values<'s>: AsRef<[&'s str]>
    where
        Self: 's;

    /// The labels in declaration order.
    const LABELS: &'static [LabelDef];

    /// The values of this set, in the order of [`LABELS`](Self::LABELS).
    fn values(&self) -> Self::Values<'_>;

    /// The index of this set among all combinations of its enum values, with the first label as the most significant. Strings are
    /// ignored.
    fn index(&self) -> usize;
}

impl Labels for () {
    type Schema = ();
    type Values<'s> = [&'s str; 0];
    const LABELS: &'static [LabelDef] = &[];

    fn values(&self) -> [&'static str; 0] {
        []
    }

    fn index(&self) -> usize {
        0
    }
}

/// Formats a set of labels with their values.
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
    // A manual implementation of `Label` may return a wrong index, and recording never panics.
    values.get(index).copied().unwrap_or("")
}

/// The number of combinations of label values; `None` if a label is a string.
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

/// The number of combinations of the enum labels.
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
