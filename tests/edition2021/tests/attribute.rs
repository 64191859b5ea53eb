//! The kinds of functions that the attribute accepts: each compiles without a warning, and is counted correctly. Both editions compile
//! the same files. All but one forbid `unsafe`, so expansions contain none.

#[path = "../../ui/pass/another_path.rs"]
mod another_path;
#[path = "../../ui/pass/async_functions.rs"]
mod async_functions;
#[path = "../../ui/pass/async_trait_orders.rs"]
mod async_trait_orders;
#[path = "../../ui/pass/bounds.rs"]
mod bounds;
#[path = "../../ui/pass/call_sets.rs"]
mod call_sets;
#[path = "../../ui/pass/custom_outcome.rs"]
mod custom_outcome;
#[path = "../../ui/pass/free_functions.rs"]
mod free_functions;
#[path = "../../ui/pass/generics.rs"]
mod generics;
#[path = "../../ui/pass/hygiene.rs"]
mod hygiene;
#[path = "../../ui/pass/impl_block.rs"]
mod impl_block;
#[path = "../../ui/pass/inferred.rs"]
mod inferred;
#[path = "../../ui/pass/inner_errors.rs"]
mod inner_errors;
#[path = "../../ui/pass/known_errors.rs"]
mod known_errors;
#[path = "../../ui/pass/methods.rs"]
mod methods;
#[path = "../../ui/pass/names_and_patterns.rs"]
mod names_and_patterns;
#[path = "../../ui/pass/not_a_failure.rs"]
mod not_a_failure;
#[path = "../../ui/pass/options.rs"]
mod options;
#[path = "../../ui/pass/outcomes_actix.rs"]
mod outcomes_actix;
#[path = "../../ui/pass/outcomes_grpc.rs"]
mod outcomes_grpc;
#[path = "../../ui/pass/outcomes_http.rs"]
mod outcomes_http;
#[path = "../../ui/pass/results_by_type.rs"]
mod results_by_type;
#[path = "../../ui/pass/returned_futures.rs"]
mod returned_futures;
#[path = "../../ui/pass/runtimes.rs"]
mod runtimes;
#[path = "../../ui/pass/size.rs"]
mod size;
#[path = "../../ui/pass/temporaries.rs"]
mod temporaries;
#[path = "../../ui/pass/through_macros.rs"]
mod through_macros;
#[path = "../../ui/pass/traits.rs"]
mod traits;
#[path = "../../ui/pass/type_parameters.rs"]
mod type_parameters;
#[path = "../../ui/pass/unsafe_and_extern.rs"]
mod unsafe_and_extern;
#[path = "../../ui/pass/unwinding.rs"]
mod unwinding;
#[path = "../../ui/pass/with_tracing.rs"]
mod with_tracing;

macro_rules! run {
    ($($shape:ident)*) => {$(
        #[test]
        fn $shape() {
            crate::$shape::main();
        }
    )*};
}

mod counts {
    run! {
        another_path
        async_functions
        async_trait_orders
        bounds
        call_sets
        free_functions
        generics
        inner_errors
        hygiene
        impl_block
        inferred
        known_errors
        methods
        names_and_patterns
        not_a_failure
        options
        custom_outcome
        outcomes_actix
        outcomes_grpc
        outcomes_http
        results_by_type
        returned_futures
        runtimes
        size
        temporaries
        through_macros
        traits
        unsafe_and_extern
        type_parameters
        unwinding
        with_tracing
    }
}

/// A file that is not listed above would be compiled but not run.
#[test]
fn every_shape_is_listed() {
    let listed = include_str!("attribute.rs");
    let shapes = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/pass")).expect("the shapes");
    for shape in shapes.map(|entry| entry.expect("a shape").file_name().into_string().expect("a name")) {
        let name = shape.trim_end_matches(".rs");
        assert_eq!(listed.matches(&format!("{name};")).count(), 1, "{name} is no module");
        assert!(listed.contains(&format!("        {name}\n")), "{name} is not run");
    }
}
