use phoenix_otel::{Status, instrument_metrics, metrics};

metrics! {
    /// Plans.
    static PLANS: Counter { status: Status } = "acme.plans" { unit: "{plan}" };

    /// One plan.
    static PLAN: CallSet = { requests: PLANS };
}

#[instrument_metrics(PLAN, error_types = ["late"])]
fn plan() {}

fn main() {}
