//! Call sets with labels from arguments, on every kind of function.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::future::Future;
use std::pin::Pin;

use phoenix_otel::{Label, Status, instrument_metrics, metrics};
use phoenix_otel_tests::{Samples, block_on, counted_of, start};

#[derive(Clone, Copy, Label)]
pub(crate) enum Kind {
    Small,
    Large,
}

pub(crate) mod jobs {
    use super::{Kind, Status, metrics};

    metrics! {
        /// Jobs, by status.
        pub(crate) static JOBS: Counter { kind: Kind, tenant: &str, status: Status } = "shape.jobs" { unit: "{job}" };
        /// Duration of a job.
        pub(crate) static JOB_DURATION: Histogram { kind: Kind, tenant: &str } = "shape.job.duration" { unit: "s", bounds: [1.0] };
        /// Jobs that failed.
        pub(crate) static JOB_ERRORS: Counter { tenant: &str, error_type: &str } = "shape.job.errors" { unit: "{error}" };
        /// Jobs in flight.
        pub(crate) static JOBS_ACTIVE: UpDownCounter { tenant: &str } = "shape.jobs.active" { unit: "{job}" };
        /// One job.
        pub(crate) static JOB: CallSet { kind: Kind, tenant: &str } = {
            requests: JOBS, duration: JOB_DURATION, errors: JOB_ERRORS, active: JOBS_ACTIVE
        };
        /// Ticks, by status.
        pub(crate) static TICKS: Counter { status: Status } = "shape.ticks" { unit: "{tick}" };
        /// One tick.
        pub(crate) static TICK: CallSet = { requests: TICKS };
    }
}

use jobs::JOB;

struct Request {
    tenant: String,
    kind: Kind,
}

#[instrument_metrics(JOB { kind: Kind::Small, tenant })]
fn shorthand(tenant: &str) -> usize {
    tenant.len()
}

#[instrument_metrics(jobs::JOB { kind: request.kind, tenant: &request.tenant })]
fn from_moved(request: Request) -> String {
    request.tenant
}

#[instrument_metrics(self::jobs::JOB { kind: request.kind, tenant: &request.tenant })]
async fn from_moved_later(request: Request) -> Option<String> {
    let Request { tenant, kind: Kind::Large } = request else { return None };
    tokio::task::yield_now().await;
    Some(tenant)
}

#[instrument_metrics(JOB { kind: Kind::Small, tenant: &format!("tenant_{n}") })]
async fn from_temporary(n: u32) -> u32 {
    n
}

#[instrument_metrics(self::jobs::JOB { kind: Kind::Small, tenant: "boxed" })]
fn boxed(n: u32) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send>> {
    Box::pin(async move { if n == 0 { Err(String::new()) } else { Ok(n) } })
}

#[instrument_metrics(JOB { kind: if name.is_empty() { Kind::Small } else { Kind::Large }, tenant: name })]
fn opaque(name: &str) -> impl Future<Output = usize> {
    let len = name.len();
    async move { len }
}

#[instrument_metrics(error_if = |n| *n == 0, error_type = |_| "zero", JOB { kind: Kind::Large, tenant: "options" })]
fn with_options(n: u32) -> u32 {
    n
}

#[instrument_metrics(jobs::TICK)]
fn tick() {}

#[instrument_metrics(jobs::TICK {})]
async fn tick_in_braces() {}

struct Worker {
    tenant: String,
}

#[instrument_metrics(JOB { kind: Kind::Small, tenant: &self.tenant })]
impl Worker {
    fn work(&self) -> u32 {
        1
    }

    async fn work_later(&mut self) -> &mut String {
        tokio::task::yield_now().await;
        &mut self.tenant
    }

    #[instrument_metrics(JOB { kind: Kind::Large, tenant: "consumed" })]
    async fn consume(self) -> String {
        self.tenant
    }

    #[instrument_metrics(name = "standard")]
    fn standard(&self) -> usize {
        self.tenant.len()
    }
}

#[async_trait::async_trait]
trait Runs {
    async fn run(&self, tenant: &str) -> u32;
    async fn run_in_block(&self, tenant: String) -> String;
}

#[async_trait::async_trait]
impl Runs for u32 {
    #[instrument_metrics(JOB { kind: Kind::Small, tenant })]
    async fn run(&self, tenant: &str) -> u32 {
        let _ = tenant;
        *self
    }

    #[instrument_metrics(JOB { kind: Kind::Small, tenant: &tenant })]
    async fn run_in_block(&self, tenant: String) -> String {
        tenant
    }
}

#[instrument_metrics(JOB { kind: Kind::Small, tenant: "traits" })]
#[async_trait::async_trait]
impl Runs for u8 {
    async fn run(&self, tenant: &str) -> u32 {
        tokio::task::yield_now().await;
        let _ = tenant;
        u32::from(*self)
    }

    async fn run_in_block(&self, tenant: String) -> String {
        tenant
    }
}

fn jobs(tenant: &str) -> String {
    let names = ["shape_jobs", "shape_job_duration_seconds", "shape_job_errors", "shape_jobs_active"];
    counted_of(&Samples::of(start()), &names.map(|name| &name["shape_".len()..]), &[("tenant", tenant)])
}

pub(crate) fn main() {
    start();
    let request = |kind| Request { tenant: "moved".to_owned(), kind };
    assert_eq!(shorthand("abc"), 3);
    assert_eq!(from_moved(request(Kind::Large)), "moved");
    assert_eq!(with_options(0) + with_options(1), 1);
    tick();
    let mut worker = Worker { tenant: "worker".to_owned() };
    assert_eq!(worker.work(), 1);
    assert_eq!(worker.standard(), 6);
    block_on(async {
        assert!(from_moved_later(request(Kind::Small)).await.is_none());
        assert!(from_moved_later(request(Kind::Large)).await.is_some());
        assert_eq!(from_temporary(7).await, 7);
        assert!(boxed(1).await.is_ok() && boxed(0).await.is_err());
        drop(boxed(1));
        assert_eq!(opaque("opaque").await, 6);
        tick_in_braces().await;
        worker.work_later().await.push('s');
        assert_eq!(worker.consume().await, "workers");
        assert_eq!(1u32.run("traits").await + 1u8.run("traits").await, 2);
        assert_eq!(1u32.run_in_block("traits".to_owned()).await, 1u8.run_in_block("traits".to_owned()).await);
    });
    assert_eq!(jobs("abc"), "ok 1");
    assert_eq!(jobs("moved"), "ok 2, error 1 [none 1]");
    assert_eq!(jobs("tenant_7"), "ok 1");
    assert_eq!(jobs("boxed"), "ok 1, error 1 [string 1]");
    assert_eq!(jobs("opaque"), "ok 1");
    assert_eq!(jobs("options"), "ok 1, error 1 [zero 1]");
    assert_eq!(jobs("worker"), "ok 2");
    assert_eq!(jobs("consumed"), "ok 1");
    assert_eq!(jobs("traits"), "ok 4");
    assert_eq!(Samples::of(start()).sum("shape_ticks_total", &[("status", "ok")]).to_string(), "2");
    assert_eq!(phoenix_otel_tests::counted("standard"), "ok 1");
}
