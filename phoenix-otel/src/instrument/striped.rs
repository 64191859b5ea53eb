//! Counters without contention: each thread has its own cache line, and reading adds them up.
//!
//! A thread that is the only writer of its line needs no atomic read-modify-write, which is the main cost of a contended counter. There
//! are about as many exclusive lines as busy threads. Further threads share a few more lines.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use crate::lock::lock;

/// The counters of one or a few threads, on their own cache line.
#[repr(align(64))]
struct Line<const N: usize>([AtomicU64; N]);

/// `N` monotonic counters.
pub(crate) struct Striped<const N: usize> {
    lines: Box<[Line<N>]>,
    /// The lines below this one have a single writer.
    exclusive: usize,
}

/// The number of lines, which is the same for all counters of the process.
struct Layout {
    exclusive: usize,
    shared: usize,
}

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(4, NonZero::get);
    // Twice the cores: a runtime has as many workers as cores, and a process has other threads too.
    Layout { exclusive: (2 * cores).clamp(4, 32), shared: cores.clamp(2, 8) }
});

/// Exclusive lines that no live thread owns.
struct Free {
    never_taken: usize,
    returned: Vec<usize>,
}

static FREE: Mutex<Free> = Mutex::new(Free { never_taken: 0, returned: Vec::new() });

const UNCLAIMED: usize = usize::MAX;

thread_local! {
    /// The thread's line. It has no destructor, so it can be read as long as the thread lives.
    static LINE: Cell<usize> = const { Cell::new(UNCLAIMED) };
    static OWNER: Owner = Owner(exclusive_line());
}

/// Owns a thread's exclusive line and returns it when the thread ends.
struct Owner(Option<usize>);

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some(line) = self.0 {
            // Destructors that run later count in a shared line.
            LINE.set(shared_line());
            lock(&FREE).returned.push(line);
        }
    }
}

fn exclusive_line() -> Option<usize> {
    let mut free = lock(&FREE);
    free.returned.pop().or_else(|| {
        let line = free.never_taken;
        (line < LAYOUT.exclusive).then(|| {
            free.never_taken += 1;
            line
        })
    })
}

fn shared_line() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    LAYOUT.exclusive + NEXT.fetch_add(1, Ordering::Relaxed) % LAYOUT.shared
}

/// The number of the line that this thread writes.
#[inline]
pub(super) fn line() -> usize {
    match LINE.get() {
        UNCLAIMED => claim(),
        line => line,
    }
}

#[cold]
fn claim() -> usize {
    let line = OWNER.try_with(|owner| owner.0).ok().flatten().unwrap_or_else(shared_line);
    LINE.set(line);
    line
}

impl<const N: usize> Striped<N> {
    /// All counters at 0.
    pub(crate) fn new() -> Self {
        let line = || Line([const { AtomicU64::new(0) }; N]);
        let lines = (0..LAYOUT.exclusive + LAYOUT.shared).map(|_| line()).collect();
        Self { lines, exclusive: LAYOUT.exclusive }
    }

    /// Adds 1 to a counter.
    #[inline]
    pub(crate) fn increment(&self, counter: usize) {
        let line = line();
        let cell = &self.lines[line].0[counter];
        // `Release`: a reader that sees the end of a call also sees its start.
        if line < self.exclusive {
            cell.store(cell.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        } else {
            cell.fetch_add(1, Ordering::Release);
        }
    }

    /// A counter's value: the sum over all lines.
    pub(crate) fn sum(&self, counter: usize) -> u64 {
        self.lines.iter().map(|line| line.0[counter].load(Ordering::Acquire)).fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_with_more_threads_than_lines() {
        let counters = Striped::<2>::new();
        for _ in 0..3 {
            std::thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(|| {
                        for _ in 0..1000 {
                            counters.increment(1);
                        }
                    });
                }
            });
        }
        assert_eq!((counters.sum(0), counters.sum(1)), (0, 3 * 64 * 1000));
    }

    #[test]
    fn what_destructors_count_is_counted() {
        static COUNTERS: LazyLock<Striped<1>> = LazyLock::new(Striped::new);
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                COUNTERS.increment(0);
            }
        }
        thread_local!(static LATE: Late = const { Late });
        let late = std::thread::spawn(|| {
            // Created before the line is claimed, so destroyed after the line is returned.
            LATE.with(|_| ());
            COUNTERS.increment(0);
        });
        late.join().unwrap();
        assert_eq!(COUNTERS.sum(0), 2);
    }
}
