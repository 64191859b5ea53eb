//! Functions that share a name, and therefore series: `init` reports them.

use phoenix_otel::catalog::lint;
use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

struct Users;
struct Orders;
struct Convert<T>(T);

impl Convert<u8> {
    #[instrument_metrics]
    fn shared_convert(&self) {
        // Also within an instrumented function.
        #[instrument_metrics]
        fn shared_inner() {}
        shared_inner();
    }
}

impl Convert<u16> {
    #[instrument_metrics]
    fn shared_convert(&self) {
        #[instrument_metrics]
        fn shared_inner() {}
        shared_inner();
    }
}

impl Users {
    #[instrument_metrics]
    fn shared_get() {}

    #[instrument_metrics(name = "shared_on_purpose")]
    fn put() {}

    #[instrument_metrics(name = "shared_half")]
    fn half() {}

    #[instrument_metrics(subsystem = "users")]
    fn shared_not() {}

    #[instrument_metrics(subsystem = "shop")]
    fn shared_subsystem() {}
}

impl Orders {
    #[instrument_metrics]
    fn shared_get() {}

    #[instrument_metrics(name = "shared_on_purpose")]
    fn put() {}

    #[instrument_metrics(subsystem = "orders")]
    fn shared_not() {}

    #[instrument_metrics]
    fn shared_subsystem() {}
}

#[instrument_metrics]
fn shared_half() {}

/// Different because of their blocks.
mod qualified {
    use super::{Orders, Users, instrument_metrics};

    #[instrument_metrics(prefix = "users")]
    impl Users {
        pub(super) fn shared_qualified() {}
    }

    #[instrument_metrics(prefix = "orders")]
    impl Orders {
        pub(super) fn shared_qualified() {}
    }
}

trait Store {
    #[instrument_metrics]
    fn shared_store(&self) {}

    fn shared_boxed(&self) -> impl Future<Output = ()> + Send;
}

impl Store for Users {
    #[instrument_metrics]
    fn shared_store(&self) {}

    #[instrument_metrics]
    async fn shared_boxed(&self) {}
}

impl Store for Orders {
    #[instrument_metrics]
    async fn shared_boxed(&self) {}
}

#[instrument_metrics]
impl<T: Sync> Store for Vec<T> {
    fn shared_store(&self) {}

    async fn shared_boxed(&self) {}
}

macro_rules! written_once {
    ($($name:ident)*) => {$(
        impl $name {
            #[instrument_metrics]
            fn shared_macro() {}
        }
    )*};
}

written_once! { Users Orders }

#[instrument_metrics]
fn shared_generic<T>(_: T) {}

/// Returns the findings of the lint for the functions above.
fn findings() -> Vec<lint::FunctionFinding> {
    let found = lint::functions(phoenix_otel::instrumented());
    found.into_iter().filter(|finding| finding.method.starts_with("shared_")).collect()
}

#[test]
fn the_lint_finds_functions_that_share_a_name() {
    let found = findings();
    let methods: Vec<&str> = found.iter().map(|finding| finding.method).collect();
    assert_eq!(methods, ["shared_convert", "shared_get", "shared_half", "shared_inner"], "{found:#?}");
    let [orders, users] = found[1].functions.as_slice() else { panic!("{found:#?}") };
    // The line of the method in this file, not that of an attribute or a macro.
    let source = include_str!("shared_names.rs");
    let line =
        |function: &str, nth| source.match_indices(function).nth(nth).map_or(0, |(at, _)| source[..at].lines().count());
    for (function, owner, nth) in [(users, "Users", 0), (orders, "Orders", 1)] {
        assert!(function.contains(&format!("shared_names::{owner}::shared_get (")), "{function}");
        assert!(function.ends_with(&format!("shared_names.rs:{}:5)", line("fn shared_get", nth))), "{function}");
    }
    assert!(found[1].advice.contains("`prefix = \"…\"`"), "{}", found[1]);
    // Blocks for several arguments of one type, which have the same path.
    for (finding, path, written) in [
        (&found[0], "Convert::shared_convert", "fn shared_convert"),
        (&found[3], "Convert::shared_convert::shared_inner", "fn shared_inner"),
    ] {
        assert_eq!(finding.functions.len(), 2, "{finding}");
        for (nth, function) in finding.functions.iter().enumerate() {
            let place = format!("shared_names.rs:{}:", line(written, nth));
            assert!(function.contains(&format!("shared_names::{path} (")) && function.contains(&place), "{function}");
        }
    }
}

#[test]
fn init_reports_each_place_once() {
    if is_child() {
        for _ in 0..2 {
            let builder = phoenix_otel::builder("shop").exporter("prometheus").without_listener();
            builder.init().unwrap().shutdown().into_result().unwrap();
        }
        Convert(1u8).shared_convert();
        Convert(1u16).shared_convert();
        Users::shared_get();
        Users::put();
        Users::half();
        Users::shared_not();
        Users::shared_subsystem();
        Users::shared_macro();
        Users::shared_qualified();
        Users.shared_store();
        Orders::shared_get();
        Orders::put();
        Orders::shared_not();
        Orders::shared_subsystem();
        Orders::shared_macro();
        Orders::shared_qualified();
        Orders.shared_store();
        vec![1].shared_store();
        shared_half();
        shared_generic(1);
        shared_generic("");
        return phoenix_otel_tests::block_on(async {
            Users.shared_boxed().await;
            Orders.shared_boxed().await;
            vec![1].shared_boxed().await;
        });
    }
    let (_, stderr) = run(this_test!(), &[]);
    let ours = stderr.lines().filter(|line| line.contains("share the series `method=\"shared_"));
    let mut reported: Vec<&str> = ours.map(|line| line.split('"').nth(1).unwrap()).collect();
    reported.sort_unstable();
    // The last one names the service's own subsystem, which only `init` knows.
    assert_eq!(
        reported,
        ["shared_convert", "shared_get", "shared_half", "shared_inner", "shared_subsystem"],
        "{stderr}"
    );
    for place in findings().iter().flat_map(|finding| &finding.functions) {
        assert_eq!(stderr.matches(place.as_str()).count(), 1, "{place} in {stderr}");
    }
}
