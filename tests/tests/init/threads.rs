//! A process that can start no further thread, as in a container that has reached its limit.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use phoenix_otel::{Prometheus, builder};
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::this_test;
use phoenix_otel_tests::tools::program;

#[test]
fn without_further_threads_scrapes_go_on() {
    if is_child() {
        // Without a push, whose first collection would start a thread that serves scrapes for some seconds.
        let endpoint = Prometheus::new().host("127.0.0.1").port(0);
        let telemetry = builder("threads").exporter(endpoint).init().unwrap();
        let id = std::process::id().to_string();
        let limited = Command::new("prlimit").args(["--pid", &id, "--nproc=1:1"]).status().unwrap();
        assert!(limited.success(), "{limited}");
        std::thread::Builder::new().spawn(|| ()).expect_err("the limit is reached");
        // Not with the client of the other tests, which starts a thread.
        let mut scrape = TcpStream::connect(telemetry.scrape_address().unwrap()).unwrap();
        scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        scrape.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        telemetry.shutdown().into_result().unwrap();
        return;
    }
    let again = command(this_test!(), &[]);
    let mut limited = Command::new("sh");
    // The limit does not hold for root.
    let setpriv = format!("{} --reuid 61234 --regid 61234 --clear-groups", program("setpriv", "util-linux").display());
    limited.args(["-c", &format!("[ $(id -u) != 0 ] || as='{setpriv}'; exec $as \"$0\" \"$@\"")]);
    limited.arg(again.get_program()).args(again.get_args());
    limited.envs(again.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = limited.output().unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success() && stdout.contains("1 passed"), "{}:\n{stdout}\n{stderr}", output.status);
}
