//! A service without our SDK that only has a scrape endpoint, and whose target has no labels. `scrape_and_otlp` tests
//! our own services.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use phoenix_otel_tests::{Collector, Prometheus, assert_same};

/// The service gets only the labels of a scrape: the job name does not become the label `service`.
#[test]
fn a_scraped_service_gets_no_further_labels() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let service = listener.local_addr().expect("a bound address").to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(expose));
    let direct = Prometheus::from_repository().targets("services", &[&service]).start();
    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&written.remote_write_url()).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).env("OTELCOL_SCRAPE_INTERVAL", "3s").start();
    let targets = format!("- targets: [\"{service}\"]\n");
    fs::write(agent.folder().join("otelcol-targets.yml"), targets).expect("the file is writable");
    let all = r#"{__name__=~"acme_.*|up",job="phoenix-services"}"#;
    let scraped = direct.wait_for(all, |seen| seen.len() == 7);
    let came = written.wait_for(all, |seen| seen.len() == 7);
    assert_same(("by a scrape", &scraped), ("by the agent", &came));
}

const METRICS: &str = "# TYPE acme_n_total counter\nacme_n_total{service=\"dep\"} 5\n# TYPE acme_h histogram\n\
    acme_h_bucket{le=\"1.0\"} 1\nacme_h_bucket{le=\"1e+06\"} 2\nacme_h_bucket{le=\"+Inf\"} 2\nacme_h_sum 3\nacme_h_count 2\n";

fn expose(mut stream: TcpStream) {
    // If the client disconnects, its next scrape connects again.
    let _ = stream.read(&mut [0; 4096]);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        METRICS.len()
    );
    let _ = stream.write_all(format!("{head}{METRICS}").as_bytes());
}
