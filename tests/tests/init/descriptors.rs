//! A process with a low limit of open files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use phoenix_otel::{Prometheus, builder};
use phoenix_otel_tests::rerun;
use phoenix_otel_tests::{http, this_test, wait_until};

/// Runs this test in a process with this limit of open files.
fn with_files(test: &str, files: u32) -> Command {
    let again = rerun::command(test, &[]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]);
    command.arg(again.get_program()).args(again.get_args());
    command.envs(again.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A service that runs until its input ends. If `free` is given, it opens files until only that many descriptors are left.
fn serve(free: Option<usize>) {
    let telemetry = builder("files").exporter(Prometheus::new().host("127.0.0.1").port(0)).init().unwrap();
    println!("address {}", telemetry.scrape_address().unwrap());
    // Each connection needs a descriptor. After the first response all other descriptors are open.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let mut files = Vec::new();
    if let Some(free) = free {
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        files.truncate(files.len() - free);
    }
    println!("filled");
    std::io::stdin().read_to_string(&mut line).unwrap();
    drop(files);
    telemetry.shutdown().into_result().unwrap();
}

/// Starts the service, opens idle connections, and scrapes.
fn scrape_beside_idle(test: &str, files: u32, idle: usize) -> String {
    let mut service = with_files(test, files).spawn().unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let mut next = |start: &str| {
        let line = lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split_once(start)?.1.to_owned()));
        line.unwrap_or_else(|| panic!("the service does not print {start:?}"))
    };
    let address = next("address ");
    let metrics = format!("http://{address}/metrics");
    http::get(&metrics, &[]).unwrap().ok().unwrap();
    std::io::Write::write_all(service.stdin.as_mut().unwrap(), b"\n").unwrap();
    next("filled");
    let clients: Vec<TcpStream> = (0..idle).map(|_| TcpStream::connect(&address).unwrap()).collect();
    wait_until("a scrape beside idle connections", || http::get(&metrics, &[("connection", "close")])?.ok());
    drop(clients);
    end(service)
}

/// Closes its input, and returns its standard error.
fn end(mut service: Child) -> String {
    drop(service.stdin.take());
    let mut errors = String::new();
    service.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(service.wait().unwrap().success(), "{errors}");
    errors
}

#[test]
fn idle_connections_leave_descriptors_to_the_service() {
    if rerun::is_child() {
        return serve(None);
    }
    let errors = scrape_beside_idle(this_test!(), 40, 60);
    assert!(!errors.contains("could not accept"), "{errors}");
}

#[test]
fn without_free_descriptors_an_idle_connection_is_closed() {
    if rerun::is_child() {
        return serve(Some(4));
    }
    let errors = scrape_beside_idle(this_test!(), 64, 10);
    let lines = errors.lines().filter(|line| line.contains("could not accept a connection")).count();
    assert_eq!(lines, 1, "equal lines are logged once:\n{errors}");
}

#[test]
fn without_descriptors_init_returns_an_error() {
    if rerun::is_child() {
        let files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        let error = builder("files").exporter(Prometheus::new().host("127.0.0.1").port(0)).init().unwrap_err();
        drop(files);
        let error = error.to_string();
        assert!(error.contains("Too many open files"), "{error}");
        return;
    }
    let output = with_files(this_test!(), 16).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// There are too few descriptors to create the runtime of the exporters.
#[test]
fn with_hardly_any_descriptors_init_returns_an_error() {
    if rerun::is_child() {
        let endpoint = Prometheus::new().host("127.0.0.1").port(0);
        let error = builder("files").exporter(endpoint).init().unwrap_err().to_string();
        assert!(error.contains("oo many"), "{error}");
        return;
    }
    for files in 5..=8 {
        let output = with_files(this_test!(), files).output().unwrap();
        assert!(output.status.success(), "{files}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
