//! The resource usage of a process according to the kernel, which does not depend on other load.

use std::fs;

/// CPU time in seconds, user and system.
pub(crate) fn cpu(process: u32) -> f64 {
    seconds(&read(process, "stat"))
}

/// The same without the CPU time of the thread with a given name.
pub(crate) fn cpu_without(process: u32, thread: &str) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("its threads");
    let tasks = tasks.map(|task| format!("task/{}", task.expect("a thread").file_name().to_string_lossy()));
    let task = { tasks }.find(|task| read(process, &format!("{task}/comm")).trim_end() == thread);
    let task = task.unwrap_or_else(|| panic!("process {process} has no thread {thread}"));
    cpu(process) - seconds(&read(process, &format!("{task}/stat")))
}

fn seconds(stat: &str) -> f64 {
    // The second field is the program's name in brackets, which may contain any character.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).expect("a number of ticks");
    // Linux reports 100 ticks per second to programs, whatever it counts internally.
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory in MiB: current and peak.
pub(crate) fn memory(process: u32) -> (f64, f64) {
    let status = read(process, "status");
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line in /proc");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number of kB") / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn read(process: u32, file: &str) -> String {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}
