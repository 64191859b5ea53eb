use phoenix_otel::Label;

#[derive(Clone, Copy, Label)]
struct NotAnEnum;

#[derive(Clone, Copy, Label)]
enum Empty {}

#[derive(Clone, Copy, Label)]
enum Fields {
    Plain,
    Tuple(u8),
    Named { of: u8 },
}

#[derive(Clone, Copy, Label)]
enum Twice {
    PointOfSale,
    #[label("point_of_sale")]
    Pos,
}

#[derive(Clone, Copy, Label)]
enum NoValue {
    #[label("")]
    Empty,
}

#[derive(Clone, Copy, Label)]
enum Attributes {
    #[label(rename = "x")]
    One,
    #[label = "y"]
    Two,
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "Snake")]
enum Case {
    One,
}

#[derive(Clone, Copy, Label)]
#[label("case")]
enum Misplaced {
    One,
}

#[derive(Clone, Copy, Label)]
enum Generic<const N: usize> {
    One,
}

fn main() {}
