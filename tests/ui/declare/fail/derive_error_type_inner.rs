use phoenix_otel::ErrorType;

struct Inner;

#[derive(ErrorType)]
enum Outer {
    #[error_type(transparent)]
    Inner(Inner),
}

fn main() {
    let _ = Outer::Inner(Inner).error_type();
}
