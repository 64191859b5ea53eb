use phoenix_otel::{Label, Status, instrument_metrics, metrics};

#[derive(Clone, Copy, Label)]
enum Source {
    Ftp,
    Web,
}

metrics! {
    /// Imports, by status.
    static IMPORTS: Counter { source: Source, tenant: &str, status: Status } = "acme.imports" { unit: "{import}" };

    /// One import.
    static IMPORT: CallSet { source: Source, tenant: &str } = { requests: IMPORTS };
}

#[instrument_metrics(IMPORT)]
fn import() {}

fn main() {}
