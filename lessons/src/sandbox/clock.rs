//! The time that a program is given is time at work: on a busy machine a lesson gives the same verdict as on an
//! idle one. The parent's own deadline is a multiple of it, by the clock on the wall.

use std::time::Duration;

/// Counts from its making.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    began: Duration,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch { began: now() }
    }

    /// Processor time of this process, where the system counts that; time on the wall elsewhere.
    pub fn elapsed(self) -> Duration {
        now().saturating_sub(self.began)
    }
}

/// The time that one run has, counted from now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    watch: Stopwatch,
    time: Duration,
}

impl Allowance {
    pub fn of(time: Duration) -> Allowance {
        Allowance { watch: Stopwatch::start(), time }
    }

    pub fn is_over(self) -> bool {
        self.watch.elapsed() > self.time
    }
}

/// By the clock on the wall: when a process that was given so much time must have ended.
pub(super) fn on_the_wall(given: Duration) -> Duration {
    given * 6 + Duration::from_secs(2)
}

#[cfg(unix)]
fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid and outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(not(unix))]
fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed()
}
