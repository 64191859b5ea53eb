//! Clients that count their requests and the results.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use phoenix_otel_tests::Quickstart;

/// A path, the status of its response, and the instrumented functions that it calls, each with its kind of error or none.
type Request = (&'static str, u16, &'static [(&'static str, Option<&'static str>)]);

/// The requests and their expected results.
pub(crate) const REQUESTS: &[Request] = &[
    ("/cities", 200, &[("list_cities", None)]),
    ("/route/paris/berlin", 200, &[("find_route", None)]),
    ("/route/paris/atlantis", 404, &[("find_route", Some("unknown_city"))]),
    ("/route/atlantis/paris", 404, &[("find_route", Some("unknown_city"))]),
    ("/route/paris/reykjavik", 404, &[("find_route", Some("no_road"))]),
    ("/round-trip/paris,berlin,vienna", 200, &[("plan_round_trip", None), ("shortest_round_trip", None)]),
    (
        "/round-trip/paris,berlin,atlantis",
        404,
        &[("plan_round_trip", Some("unknown_city")), ("shortest_round_trip", Some("unknown_city"))],
    ),
    ("/round-trip/a,b,c,d,e,f,g,h,i,j", 422, &[("plan_round_trip", Some("too_many_stops"))]),
];

/// A slow request: it is planned on its own thread, long after the client has disconnected.
const SLOW: &str = "/round-trip/amsterdam,paris,munich,vienna,prague,berlin,hamburg,cologne,frankfurt";

/// The number of calls by result.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// By method and status.
    pub(crate) requests: BTreeMap<(String, String), f64>,
    /// By method and kind.
    pub(crate) errors: BTreeMap<(String, String), f64>,
}

impl Counts {
    pub(crate) fn count(&mut self, method: &str, status: &str, error_type: Option<&str>) {
        *self.requests.entry((method.to_owned(), status.to_owned())).or_default() += 1.0;
        if let Some(error_type) = error_type {
            *self.errors.entry((method.to_owned(), error_type.to_owned())).or_default() += 1.0;
        }
    }

    /// Returns all calls of a method, with any status.
    pub(crate) fn calls(&self, method: &str) -> f64 {
        self.requests.iter().filter(|((of, _), _)| of == method).map(|(_, count)| count).sum()
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (key, count) in other.requests {
            *self.requests.entry(key).or_default() += count;
        }
        for (key, count) in other.errors {
            *self.errors.entry(key).or_default() += count;
        }
    }
}

/// Several clients in parallel send all requests `rounds` times.
pub(crate) fn load(quickstart: &Quickstart, clients: usize, rounds: usize) -> Counts {
    let client = |first: usize| {
        let mut counts = Counts::default();
        for at in 0..rounds * REQUESTS.len() {
            let (path, status, functions) = REQUESTS[(first + at) % REQUESTS.len()];
            assert_eq!(quickstart.get(path), status, "{path}");
            for (method, error_type) in functions {
                counts.count(method, if error_type.is_some() { "error" } else { "ok" }, *error_type);
            }
        }
        counts
    };
    let mut all = Counts::default();
    thread::scope(|scope| {
        let running: Vec<_> = (0..clients).map(|first| scope.spawn(move || client(first))).collect();
        for client in running {
            all.merge(client.join().expect("the client succeeds"));
        }
    });
    all
}

/// Sends slow requests in parallel, waits with `all_run` until they run, and disconnects without a response.
pub(crate) fn hang_up(quickstart: &Quickstart, clients: usize, all_run: impl FnOnce()) -> Counts {
    let service = quickstart.service();
    let mut connections: Vec<TcpStream> = (0..clients)
        .map(|_| {
            let mut connection = TcpStream::connect(&service).expect("the server listens");
            write!(connection, "GET {SLOW} HTTP/1.1\r\nHost: {service}\r\n\r\n").expect("the server reads the request");
            connection
        })
        .collect();
    all_run();
    for connection in &mut connections {
        connection.set_nonblocking(true).expect("a non-blocking socket");
        let answer = connection.read(&mut [0; 1]).map_err(|error| error.kind());
        assert_eq!(answer, Err(ErrorKind::WouldBlock), "the client wanted to hang up before there is an answer");
    }
    drop(connections);
    let mut counts = Counts::default();
    for _ in 0..clients {
        counts.count("plan_round_trip", "cancelled", None);
        // Nothing stops the thread that plans.
        counts.count("shortest_round_trip", "ok", None);
    }
    counts
}
