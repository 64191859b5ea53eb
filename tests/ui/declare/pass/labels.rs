//! Values of labels: from the variant, renamed individually or all together, with raw and unusual names.

use phoenix_otel::Label;

#[derive(Clone, Copy, Label)]
enum Plain {
    PointOfSale,
    HTTPError,
    r#Try,
    #[label("with space, \"quotes\" and ünïcode")]
    Odd = 17,
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "SCREAMING_SNAKE_CASE")]
enum Loud {
    PointOfSale,
    #[label("web")]
    Web,
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "kebab-case")]
enum Kebab {
    PointOfSale,
}

mod renamed {
    pub use phoenix_otel as telemetry;

    #[derive(Clone, Copy, phoenix_otel::Label)]
    #[phoenix_otel(crate = self::telemetry)]
    pub enum Inner {
        Only,
    }
}

fn main() {
    assert_eq!(Plain::VALUES, ["point_of_sale", "http_error", "try", "with space, \"quotes\" and ünïcode"]);
    let all = [Plain::PointOfSale, Plain::HTTPError, Plain::r#Try, Plain::Odd];
    assert_eq!(all.map(Label::index), [0, 1, 2, 3]);
    assert_eq!(Loud::VALUES, ["POINT_OF_SALE", "web"]);
    assert_eq!([Loud::PointOfSale, Loud::Web].map(Label::index), [0, 1]);
    assert_eq!((Kebab::VALUES[Kebab::PointOfSale.index()], renamed::Inner::Only.index()), ("point-of-sale", 0));
}
