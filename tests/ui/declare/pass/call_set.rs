//! Call sets with all four metrics, with some, with those of another module, and without labels.

#![forbid(unsafe_code)]
#![deny(warnings)]

use phoenix_otel::__private::Labels;
use phoenix_otel::{Label, Status};

#[derive(Clone, Copy, Label)]
pub enum Source {
    File,
    Feed,
}

mod orders {
    phoenix_otel::metrics! {
        /// Imports.
        pub(crate) static IMPORTS: Counter { source: super::Source, status: super::Status } = "acme.imports" { unit: "{import}" };
    }
}

phoenix_otel::metrics! {
    /// Time of an import.
    static IMPORT_DURATION: Histogram { source: Source } = "acme.import.duration" { unit: "s", bounds: [1.0] };
    /// Failed imports.
    static IMPORT_ERRORS: Counter { error_type: &str, tenant: &str } = "acme.import.errors" { unit: "{error}" };
    /// Imports in flight.
    static IMPORTS_ACTIVE: UpDownCounter = "acme.imports.active" { unit: "{import}" };

    /// One import of a file.
    pub static IMPORT: CallSet { source: Source, tenant: &str } = {
        requests: orders::IMPORTS,
        duration: IMPORT_DURATION,
        errors: IMPORT_ERRORS,
        active: self::IMPORTS_ACTIVE,
    };

    /// Only counted while it runs.
    static SHORT: CallSet = { active: IMPORTS_ACTIVE };
}

fn main() {
    assert_eq!(IMPORT::DEF.requests.unwrap().name, "acme.imports");
    assert_eq!(IMPORT::DEF.duration.unwrap().name, "acme.import.duration");
    assert_eq!(IMPORT::DEF.errors.unwrap().name, "acme.import.errors");
    assert_eq!(IMPORT::DEF.active.unwrap().name, "acme.imports.active");
    assert_eq!(IMPORT::DEF.labels.len(), 2);
    assert!(SHORT::DEF.requests.is_none());
    assert!(SHORT::DEF.active.is_some() && IMPORT::DEF.labels[0].name == "source");
    assert_eq!(IMPORT { source: Source::Feed, tenant: "t" }.values(), ["feed", "t"]);
    let _ = Source::File;
}
