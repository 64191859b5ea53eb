use phoenix_otel::Domain;

const SHIPPING: Domain = Domain::new("Ship Ping");
const SUM: Domain = Domain::new("sub_total");

fn main() {
    let _ = (SHIPPING, SUM);
}
