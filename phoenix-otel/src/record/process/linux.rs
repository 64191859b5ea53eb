//! Metrics of the process, read from `/proc/self`.
//!
//! Values that cannot be read, for example because `/proc` is not mounted, are not exported.

use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{fs, io};

use procfs::process::{Process, Stat};
use procfs::{Current, ProcResult, Uptime};

use crate::catalog::process::{
    CPU_TIME, CpuMode, FILE_DESCRIPTORS, FaultType, MEMORY_USAGE, MEMORY_VIRTUAL, PAGING_FAULTS, THREADS, UPTIME,
};
use crate::instrument::Observation;

/// Registers the callbacks of all metrics.
pub(super) fn observe() -> [Observation; 7] {
    let born = born();
    if let Err(error) = &born {
        tracing::debug!(%error, "/proc cannot be read: metrics of the process are missing");
    }
    let born = born.ok().flatten();
    [
        CPU_TIME.observe(|observer| {
            if let Ok(stat) = stat() {
                observer.observe(seconds(stat.utime), CPU_TIME { mode: CpuMode::User });
                observer.observe(seconds(stat.stime), CPU_TIME { mode: CpuMode::System });
            }
        }),
        MEMORY_USAGE.observe(|observer| {
            if let Ok(stat) = stat() {
                observer.observe(whole(stat.rss.saturating_mul(kernel(PAGE_SIZE).unwrap_or(4096))), ());
            }
        }),
        MEMORY_VIRTUAL.observe(|observer| {
            if let Ok(stat) = stat() {
                observer.observe(whole(stat.vsize), ());
            }
        }),
        PAGING_FAULTS.observe(|observer| {
            if let Ok(stat) = stat() {
                observer.observe(stat.minflt as f64, PAGING_FAULTS { kind: FaultType::Minor });
                observer.observe(stat.majflt as f64, PAGING_FAULTS { kind: FaultType::Major });
            }
        }),
        THREADS.observe(|observer| {
            if let Ok(stat) = stat() {
                observer.observe(stat.num_threads, ());
            }
        }),
        FILE_DESCRIPTORS.observe(|observer| {
            if let Ok(open) = file_descriptors() {
                observer.observe(whole(open), ());
            }
        }),
        UPTIME.observe(move |observer| {
            if let Some(born) = born {
                observer.observe(born.elapsed().as_secs_f64(), ());
            }
        }),
    ]
}

fn stat() -> ProcResult<Stat> {
    Process::myself()?.stat()
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / kernel(TICKS).unwrap_or(100) as f64
}

/// The keys of the page size and of the ticks per second (`AT_PAGESZ` and `AT_CLKTCK`).
const PAGE_SIZE: u64 = 6;
const TICKS: u64 = 17;

/// A value of the auxiliary vector, which the kernel passes at the start of the process. `procfs` reads it through rustix from the
/// program's own memory, which crashes the process under valgrind.
fn kernel(key: u64) -> Option<u64> {
    static AUXV: LazyLock<Vec<u8>> = LazyLock::new(|| fs::read("/proc/self/auxv").unwrap_or_default());
    entry(&AUXV, key)
}

/// The value of a key in a list of pairs of machine words.
fn entry(pairs: &[u8], key: u64) -> Option<u64> {
    const WORD: usize = size_of::<usize>();
    let word = |bytes: &[u8]| bytes.try_into().map(usize::from_ne_bytes).ok().map(|word| word as u64);
    pairs.chunks_exact(2 * WORD).find_map(|pair| (word(&pair[..WORD])? == key).then(|| word(&pair[WORD..]))?)
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The start of the process as an `Instant`. `None` if the clock does not reach back so far.
fn born() -> ProcResult<Option<Instant>> {
    let age = Uptime::current()?.uptime - seconds(stat()?.starttime);
    let age = Duration::try_from_secs_f64(age.max(0.0)).unwrap_or_default();
    Ok(Instant::now().checked_sub(age))
}

/// The number of open file descriptors. `procfs` would also count the one that it opens to read them.
fn file_descriptors() -> io::Result<u64> {
    const OPEN: &str = "/proc/self/fd";
    // Since Linux 6.2 the size of the directory is the number of file descriptors.
    match fs::metadata(OPEN)?.len() {
        0 => Ok(fs::read_dir(OPEN)?.count().saturating_sub(1) as u64),
        open => Ok(open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_key() {
        let pairs: Vec<u8> = [6_usize, 4096, 17, 100, 0, 0].iter().flat_map(|word| word.to_ne_bytes()).collect();
        assert_eq!(entry(&pairs, PAGE_SIZE), Some(4096));
        assert_eq!(entry(&pairs, TICKS), Some(100));
        assert_eq!(entry(&pairs, 3), None);
        assert_eq!(entry(&pairs[..5], PAGE_SIZE), None);
    }

    #[test]
    fn the_values_are_those_of_procfs() {
        assert_eq!(kernel(PAGE_SIZE), Some(procfs::page_size()));
        assert_eq!(kernel(TICKS), Some(procfs::ticks_per_second()));
    }
}
