//! Arguments, methods and metrics that a `macro_rules!` passes on.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(clippy::trivially_copy_pass_by_ref)]

use phoenix_otel::{ErrorType, Label, Status, instrument_metrics, metrics};
use phoenix_otel_tests::{Samples, counted, start};

const BOUNDS: [f64; 2] = [0.1, 1.0];

mod names {
    pub(super) const CONSTANT: &str = "through_constant";
    pub(super) const SUBSYSTEM: &str = "through_shop";
}

fn is_large(n: &u32) -> bool {
    *n > 9
}

macro_rules! measured {
    ($function:ident, $name:literal, $subsystem:expr, $bounds:expr, $judge:expr, $kind:expr) => {
        #[instrument_metrics(name = $name, subsystem = $subsystem, bounds = $bounds, error_if = $judge, error_type = $kind)]
        fn $function(n: u32) -> u32 {
            n
        }
    };
}

measured!(through_literal, "through literal", "through", [0.5], |n| *n > 9, |_| "large");
measured!(through_path, "through path", names::SUBSYSTEM, BOUNDS, is_large, |n| if is_large(n) {
    "large"
} else {
    "small"
});

/// A generated name.
macro_rules! made {
    ($function:ident $(, $($args:tt)*)?) => {
        #[instrument_metrics(name = concat!("through.", stringify!($function)) $(, $($args)*)?)]
        fn $function(n: u32) -> Result<u32, u32> {
            if n > 9 { Err(n) } else { Ok(n) }
        }
    };
}

made!(made_plain);
made!(made_judged, outcome = |result| if result.is_ok() { Ok(()) } else { Err("over") }, error_types = &["over"]);

#[instrument_metrics(name = names::CONSTANT)]
fn by_constant() {}

/// A generated closure.
macro_rules! above {
    ($least:expr) => {
        |n| *n > $least
    };
}

#[instrument_metrics(error_if = above!(9))]
fn through_closure(n: u32) -> u32 {
    n
}

struct Users;
struct Orders;

macro_rules! repository {
    ($ty:ty, $prefix:expr, [$($attr:meta)*] $method:item) => {
        #[instrument_metrics(prefix = $prefix)]
        impl $ty {
            $(#[$attr])*
            $method
        }
    };
}

repository!(Users, "through_users", [] fn through_get() -> u32 { 1 });
repository!(Orders, stringify!(through_orders), [instrument_metrics(name = "through_find")] fn get() -> u32 { 1 });

macro_rules! item {
    ($($item:item)*) => {$(
        #[instrument_metrics]
        $item
    )*};
}

item! {
    /// Documented.
    fn through_item() -> u32 {
        1
    }

    impl Orders {
        fn through_method() -> u32 {
            1
        }
    }
}

/// A metric, its labels and its call set.
macro_rules! things {
    ($what:expr, $count:ident, $time:ident, $set:ident, [$name:literal $named:expr], $unit:expr, $label:ident $kind:ident: $ty:ty, $value:literal, $cap:expr, $bounds:expr, $metric:path) => {
        #[derive(Clone, Copy, Debug, Label)]
        enum $kind {
            #[label($value)]
            One,
        }

        metrics! {
            #[doc = concat!("Things of the kind ", $what, ",")]
            /// counted.
            ///
            /// No more than that.
            static $count: Counter { $label: $ty, status: Status } = $name { unit: $unit, cap: $cap };

            #[doc = concat!("Time of ", stringify!($count), ".\n\nMore.")]
            static $time: Histogram { $label: $ty } = $named { unit: "s", bounds: $bounds };

            /// One.
            static $set: CallSet { $label: $ty } = { requests: $metric, duration: $time };
        }
    };
}

things!(
    "small", SMALL, SMALL_TIME, SMALL_SET, ["through.small" "through.small.time"], "{thing}", kind Small: Small, "smallest",
    9, &BOUNDS, SMALL
);

macro_rules! with_set {
    ($function:ident, $set:path, $label:ident: $value:expr) => {
        #[instrument_metrics($set { $label: $value })]
        fn $function() {}
    };
}

with_set!(through_set, SMALL_SET, kind: Small::One);

macro_rules! error {
    ($error:ident, $name:literal, $inner:ty) => {
        #[derive(Debug, ErrorType)]
        enum $error {
            #[error_type($name)]
            Named,
            #[error_type(transparent)]
            Inner($inner),
        }
    };
}

error!(Through, "through_name", std::io::Error);

#[instrument_metrics]
fn through_error(error: Through) -> Result<(), Through> {
    Err(error)
}

pub(crate) fn main() {
    start();
    for n in [1, 10] {
        through_literal(n);
        through_path(n);
        through_closure(n);
        let _ = (made_plain(n), made_judged(n));
    }
    by_constant();
    assert_eq!(Users::through_get() + Orders::get() + through_item() + Orders::through_method(), 4);
    through_set();
    let _ = (through_error(Through::Named), through_error(Through::Inner(std::io::ErrorKind::TimedOut.into())));

    assert_eq!(counted("through literal"), "ok 1, error 1 [large 1]");
    assert_eq!(counted("through path"), "ok 1, error 1 [large 1]");
    assert_eq!(counted("through_closure"), "ok 1, error 1 [rejected 1]");
    assert_eq!(counted("through.made_plain"), "ok 1, error 1 [u32 1]");
    assert_eq!(counted("through.made_judged"), "ok 1, error 1 [over 1]");
    assert_eq!(counted("through_error"), "error 2 [through_name 1, timed_out 1]");
    for method in ["through_constant", "through_users.through_get", "through_find", "through_item", "through_method"] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
    let samples = Samples::of(start());
    let bounds = |method| samples.all("phoenix_through_request_duration_seconds_bucket", &[("method", method)]).count();
    assert_eq!(bounds("through literal"), 2);
    let shop = [("method", "through path"), ("le", "0.1")];
    assert!(samples.get("phoenix_through_shop_request_duration_seconds_bucket", &shop).is_some());
    let small = [("kind", "smallest"), ("status", "ok")];
    assert_eq!(samples.get("through_small_total", &small), Some(1.0));
    assert_eq!(SMALL::DEF.description, "Things of the kind small, counted.");
    assert_eq!(
        (SMALL_TIME::DEF.description, SMALL_TIME::DEF.bounds, SMALL::DEF.cap),
        ("Time of SMALL.", &BOUNDS[..], 9)
    );
}
