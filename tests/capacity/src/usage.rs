//! What a process has used, as the kernel counts it: that does not depend on who else is busy.

use std::fs;

/// Processor time in seconds, user and system.
pub(crate) fn cpu(process: u32) -> f64 {
    seconds(&read(process, "stat"))
}

/// The same without what the thread of a name has used.
pub(crate) fn cpu_without(process: u32, thread: &str) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).expect("its threads");
    let tasks = tasks.map(|task| format!("task/{}", task.expect("a thread").file_name().to_string_lossy()));
    let task = { tasks }.find(|task| read(process, &format!("{task}/comm")).trim_end() == thread);
    let task = task.unwrap_or_else(|| panic!("process {process} has no thread {thread}"));
    cpu(process) - seconds(&read(process, &format!("{task}/stat")))
}

fn seconds(stat: &str) -> f64 {
    // The second field is the program's name in brackets, which may contain anything.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).expect("a number of ticks");
    // Linux tells programs of a hundred ticks a second, whatever it counts itself.
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory in MiB: now, and the most it ever was.
pub(crate) fn memory(process: u32) -> (f64, f64) {
    let status = read(process, "status");
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells it");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number of kB") / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn read(process: u32, file: &str) -> String {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}
