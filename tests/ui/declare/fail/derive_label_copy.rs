use phoenix_otel::Label;

#[derive(Label)]
enum NotCopy {
    One,
}

fn main() {
    let _ = NotCopy::One;
}
