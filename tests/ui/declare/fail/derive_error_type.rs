use phoenix_otel::ErrorType;

#[derive(ErrorType)]
#[error_type("outer")]
enum OnTheEnum {
    One,
}

#[derive(ErrorType)]
enum Transparent {
    #[error_type(transparent)]
    None,
    #[error_type(transparent)]
    Two(u8, u8),
}

#[derive(ErrorType)]
enum Attributes {
    #[error_type("")]
    Empty,
    #[error_type(name = "x")]
    Other,
    #[error_type(opaque)]
    Word,
    #[error_type("name", transparent)]
    Both(u8),
}

#[derive(ErrorType)]
union Union {
    a: u8,
}

fn main() {}
