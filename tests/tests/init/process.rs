//! Metrics of the process and of its Tokio runtime, compared with `/proc` and Tokio.
#![cfg(target_os = "linux")]

use std::fs;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use phoenix_otel::{Builder, Telemetry};
use phoenix_otel_tests::{Samples, wait_until};

fn builder() -> Builder {
    let none: [(String, String); 0] = [];
    phoenix_otel::builder("observed").environment(none).exporter("prometheus").without_listener()
}

fn telemetry() -> Telemetry {
    builder().init().unwrap()
}

fn one(telemetry: &Telemetry, name: &str) -> f64 {
    Samples::of(telemetry).get(name, &[("service", "observed")]).expect(name)
}

/// Returns user and system time.
fn cpu(telemetry: &Telemetry) -> [f64; 2] {
    let samples = Samples::of(telemetry);
    ["user", "system"].map(|mode| samples.get("process_cpu_time_seconds_total", &[("cpu_mode", mode)]).expect(mode))
}

/// Returns a field of `/proc/self/stat`, numbered as in its manual page, and parsed independently.
fn stat(field: usize) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is the name of the program, which may contain any character.
    let rest = &stat[stat.rfind(')').unwrap() + 2..];
    rest.split(' ').nth(field - 3).unwrap().parse().unwrap()
}

#[test]
fn cpu_time_grows_when_it_is_spent() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    let before = cpu(&telemetry);
    let started = Instant::now();
    let spent = wait_until("half a second of CPU time", || {
        let until = Instant::now() + Duration::from_millis(100);
        while Instant::now() < until {
            black_box((0..1000u64).fold(1, |a, b| black_box(a ^ b)));
        }
        let now = cpu(&telemetry);
        let spent = now[0] - before[0];
        if spent >= 0.5 { Ok(now) } else { Err(format!("{spent} s")) }
    });
    assert!(spent[1] >= before[1], "system time never falls");
    assert!(started.elapsed() >= Duration::from_millis(400), "time is counted in seconds");
    // A tick is 10 ms. CPU time may pass between the readings.
    let ours: f64 = spent.iter().sum();
    let theirs = (stat(14) + stat(15)) / 100.0;
    assert!(ours <= theirs + 0.02 && theirs - ours < 5.0, "{ours} s, and by /proc {theirs} s");
}

#[test]
fn file_descriptors_are_counted() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    let name = "process_unix_file_descriptor_count";
    // One descriptor is that of the directory that is read.
    let open = || (fs::read_dir("/proc/self/fd").unwrap().count() - 1) as f64;
    assert_eq!(one(&telemetry, name), open());
    let before = one(&telemetry, name);
    let files: Vec<_> = (0..25).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
    assert_eq!(one(&telemetry, name), before + 25.0);
    drop(files);
    assert_eq!(one(&telemetry, name), before);
}

#[test]
fn threads_are_counted() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    let before = one(&telemetry, "process_thread_count");
    assert_eq!(before, stat(20));
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
            });
        }
        wait_until("five threads more", || {
            let now = one(&telemetry, "process_thread_count");
            if now == before + 5.0 { Ok(()) } else { Err(now) }
        });
        drop(hold);
    });
}

#[test]
fn memory_is_measured() {
    phoenix_otel_tests::isolated!();
    const SIZE: usize = 64 << 20;
    let telemetry = telemetry();
    let (used, mapped) =
        (one(&telemetry, "process_memory_usage_bytes"), one(&telemetry, "process_memory_virtual_bytes"));
    assert!(used > 1e6 && used < mapped, "{used} of {mapped} bytes");
    let faults = |telemetry: &Telemetry| {
        Samples::of(telemetry).get("process_paging_faults_total", &[("system_paging_fault_type", "minor")]).unwrap()
    };
    let before = faults(&telemetry);
    let block = black_box(vec![1u8; SIZE]);
    assert!(one(&telemetry, "process_memory_usage_bytes") >= used + 0.9 * SIZE as f64);
    assert!(one(&telemetry, "process_memory_virtual_bytes") >= mapped + 0.9 * SIZE as f64);
    assert!(faults(&telemetry) > before);
    drop(block);
}

#[test]
fn uptime_is_the_time_since_the_start() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    let by_proc = || {
        let since_boot: f64 = fs::read_to_string("/proc/uptime").unwrap().split(' ').next().unwrap().parse().unwrap();
        since_boot - stat(22) / 100.0
    };
    let (before, ours, after) = (by_proc(), one(&telemetry, "process_uptime_seconds"), by_proc());
    assert!((before - 0.05..=after + 0.05).contains(&ours), "{ours} s, and by /proc from {before} s to {after} s");
    assert!(one(&telemetry, "process_uptime_seconds") > ours);
}

#[test]
fn the_runtime_of_init_is_observed() {
    phoenix_otel_tests::isolated!();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    let telemetry = runtime.block_on(async { telemetry() });
    assert_eq!(one(&telemetry, "tokio_runtime_workers"), 3.0);
    assert_eq!(one(&telemetry, "tokio_runtime_alive_tasks"), 0.0);
    let tasks: Vec<_> = (0..7).map(|_| runtime.spawn(std::future::pending::<()>())).collect();
    assert_eq!(one(&telemetry, "tokio_runtime_alive_tasks"), 7.0);
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    wait_until("the tasks to end", || {
        let alive = one(&telemetry, "tokio_runtime_alive_tasks");
        if alive == 0.0 { Ok(()) } else { Err(alive) }
    });
    wait_until("a worker to park, and time that one was busy", || {
        let seen = ["tokio_runtime_workers_parks_total", "tokio_runtime_workers_busy_seconds_total"];
        let seen = seen.map(|name| one(&telemetry, name));
        if seen.iter().all(|seen| *seen > 0.0) { Ok(()) } else { Err(format!("{seen:?}")) }
    });
    assert!(one(&telemetry, "tokio_runtime_workers_busy_seconds_total") < 60.0, "time is counted in seconds");
    assert_eq!(one(&telemetry, "tokio_runtime_global_queue_depth"), 0.0);
}

#[test]
fn a_runtime_is_optional() {
    phoenix_otel_tests::isolated!();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let given = builder().runtime(runtime.handle().clone()).init().unwrap();
    assert_eq!(one(&given, "tokio_runtime_workers"), 2.0);
    // The runtime may end before the telemetry.
    drop(runtime);
    assert_eq!(one(&given, "tokio_runtime_workers"), 2.0);

    let without = telemetry();
    let samples = Samples::of(&without);
    assert!(samples.iter().all(|sample| !sample.name.starts_with("tokio_")), "init was called in no runtime");
    assert!(samples.get("process_thread_count", &[]).is_some());
}

#[test]
fn the_newest_init_is_observed() {
    phoenix_otel_tests::isolated!();
    let of_process = |telemetry: &Telemetry| {
        Samples::of(telemetry).iter().filter(|sample| sample.name.starts_with("process_")).count()
    };
    let first = telemetry();
    let before = cpu(&first);
    let second = telemetry();
    assert_eq!((of_process(&first), of_process(&second)), (9, 9));
    let (one, two) = (cpu(&first), cpu(&second));
    assert!(one[0] >= before[0] && one[0] < before[0] + 60.0, "nothing is added up: {before:?}, {one:?}, {two:?}");

    let off = builder().process_metrics(false).init().unwrap();
    assert_eq!(of_process(&off), 0);
    let variable = |value: &str| builder().environment([("PHOENIX_OTEL_PROCESS_METRICS", value)]);
    assert_eq!(of_process(&variable("FALSE").init().unwrap()), 0);
    assert_eq!(of_process(&variable("true").init().unwrap()), 9);
    assert_eq!(of_process(&variable("false").process_metrics(true).init().unwrap()), 9);
    let neither = variable("maybe").init().unwrap();
    assert_eq!(of_process(&neither), 9, "what cannot be used leaves the default");
    let problem = neither.ignored().to_string();
    assert!(
        problem.contains("PHOENIX_OTEL_PROCESS_METRICS: invalid value \"maybe\"")
            && problem.ends_with("used instead: true")
    );
}
