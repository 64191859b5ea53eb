//! The cost of the live page for the service: without a page, with one, and with ten.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use phoenix_otel::{Call, Prometheus, Status, metrics};
use phoenix_otel_tests::http;
use serde_json::Value;

use crate::usage::{cpu_without, memory};

metrics! {
    /// Jobs, by how they ended.
    static JOBS: Counter { kind: &str, status: Status } = "capacity.jobs" { unit: "{job}", cap: 20_000 };
    /// Time of a job.
    static JOB_DURATION: Histogram { kind: &str } = "capacity.job.duration" {
        unit: "s",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        cap: 20_000
    };
    /// A job.
    static JOB: CallSet { kind: &str } = { requests: JOBS, duration: JOB_DURATION };
}

/// Duration of each measurement.
const WATCHED: Duration = Duration::from_secs(30);
/// Interval of the scrapes meanwhile.
const SCRAPED: Duration = Duration::from_secs(5);
/// Interval of a page's requests.
const ASKED: Duration = Duration::from_secs(2);
/// The thread that does the jobs. Its CPU time is not part of the cost.
const WORKER: &str = "jobs";
/// The samples of one kind of job: a counter, and a histogram with its sum and count.
const SAMPLES: usize = 18;

/// Measures and prints the cost. The history keeps every series of the service, and all of them change all the time.
pub(crate) fn measure() {
    println!("\nlive page of a service that is scraped every {} s", SCRAPED.as_secs());
    for samples in [100, 10_000] {
        let without = observed(samples, "false", 0);
        println!("  {samples:>6} samples, without a page     : {without}");
        for looking in [0, 1, 10] {
            println!(
                "  {samples:>6} samples, {looking:>2} open pages       : {}",
                observed(samples, "loopback", looking)
            );
        }
    }
}

/// The service. It runs until its standard input closes.
pub(crate) fn serve(samples: &str) {
    let kinds = samples.parse::<usize>().expect("a number of samples") / SAMPLES;
    let telemetry = phoenix_otel::builder("capacity").exporter(Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = telemetry.without_subscriber().init().expect("a valid configuration");
    println!("{}", telemetry.scrape_address().expect("the server listens"));
    let work = move || {
        let kinds: Vec<String> = (0..kinds.max(1)).map(|kind| format!("some_kind_of_job_{kind}")).collect();
        for kind in kinds.iter().cycle() {
            let mut call = Call::start(JOB.bind(&JOB { kind }));
            call.status_on_drop(Status::Ok);
            drop(call);
            thread::sleep(Duration::from_micros(500));
        }
    };
    thread::Builder::new().name(WORKER.to_owned()).spawn(work).expect("a thread");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn observed(samples: usize, page: &str, looking: usize) -> String {
    let program = std::env::current_exe().expect("the path of the program");
    let mut command = Command::new(program);
    command.args(["serve", &samples.to_string()]).env("PHOENIX_OTEL_PAGE", page);
    let mut service = Service(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts"));
    let mut address = String::new();
    BufReader::new(service.0.stdout.take().expect("it prints"))
        .read_line(&mut address)
        .expect("it has printed its address");
    let url = format!("http://{}", address.trim());
    // All series and the buffers of the first responses exist now.
    thread::sleep(Duration::from_secs(3));
    let mut lookers: Vec<Looker> = (0..looking).map(|_| Looker::default()).collect();
    lookers.iter_mut().for_each(|looker| looker.ask(&url));
    drop(http::get(&format!("{url}/metrics"), &[]));
    let id = service.0.id();
    let (before, begun) = (cpu_without(id, WORKER), Instant::now());
    let (mut scrape, mut ask) = (begun, begun);
    let (mut exposed, mut sent) = (0, 0);
    while begun.elapsed() < WATCHED {
        if Instant::now() >= scrape {
            scrape += SCRAPED;
            exposed =
                http::get(&format!("{url}/metrics"), &[]).and_then(http::Response::ok).expect("it is scraped").len();
        }
        if Instant::now() >= ask {
            ask += ASKED / u32::try_from(looking.max(1)).expect("a few");
            let turn = lookers.len().checked_sub(1).map(|_| sent % looking);
            if let Some(turn) = turn {
                lookers[turn].ask(&url);
            }
            sent += 1;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let used = (cpu_without(id, WORKER) - before) / begun.elapsed().as_secs_f64();
    let answers: usize = lookers.iter().map(|looker| looker.bytes).max().unwrap_or_default();
    format!(
        "{:>5.2} % of a core, {:>5.1} MiB, {exposed:>7} bytes a scrape, {answers:>6} bytes an answer of the page",
        used * 100.0,
        memory(id).0
    )
}

/// A client with an open page.
#[derive(Default)]
struct Looker {
    instance: String,
    frame: u64,
    series: usize,
    /// From the latest response.
    bytes: usize,
}

impl Looker {
    fn ask(&mut self, url: &str) {
        let Looker { instance, frame, series, .. } = self;
        let url = format!("{url}/api/v1/history?instance={instance}&frame={frame}&series={series}");
        let body = http::get(&url, &[]).and_then(http::Response::ok).expect("the server responds");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        self.instance = answer["instance"].as_str().unwrap_or_default().to_owned();
        self.frame = answer["history"]["next"].as_u64().unwrap_or_default();
        self.series += answer["history"]["series"].as_array().map_or(0, Vec::len);
        self.bytes = body.len();
    }
}
