//! Work on many things at once whose results come out in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// Grammars recurse on hostile nesting; the stack is virtual memory until it is used.
const STACK: usize = 64 << 20;

/// Does `work` for 0, 1, … `count` on that many threads, and hands the results to `take` on this thread: each as
/// soon as it and all before it are there. Work begins in order too, so that the first results come soon.
///
/// # Errors
/// The first of `take`, which ends the work; or a thread cannot be started.
pub fn in_order<T: Send>(
    threads: usize,
    count: usize,
    work: &(dyn Fn(usize) -> T + Sync),
    take: &mut dyn FnMut(usize, T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let (sender, results) = channel();
    std::thread::scope(|scope| {
        let mut outcome = Ok(());
        for index in 0..threads.clamp(1, count.max(1)) {
            let sender = sender.clone();
            let (next, stop) = (&next, &stop);
            let run = move || {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || sender.send((index, work(index))).is_err() {
                        return;
                    }
                }
            };
            let builder = std::thread::Builder::new().name(format!("scan-{index}")).stack_size(STACK);
            if let Err(error) = builder.spawn_scoped(scope, run) {
                // Fewer threads than were asked for are enough.
                if index == 0 {
                    outcome = Err(anyhow::Error::new(error).context("the threads cannot be started"));
                }
                break;
            }
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut wanted = 0;
        while outcome.is_ok()
            && let Ok((index, result)) = results.recv()
        {
            early.insert(index, result);
            while let Some(result) = early.remove(&wanted) {
                outcome = take(wanted, result);
                wanted += 1;
                if outcome.is_err() {
                    break;
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        outcome
    })
}

/// One thread per processor that this process may use, unless someone asked for a number.
pub fn threads(asked: Option<usize>) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.filter(|&number| number > 0).unwrap_or_else(available)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order_and_before_the_last_is_done() {
        let done = AtomicUsize::new(0);
        let work = |index: usize| {
            std::thread::sleep(Duration::from_millis(if index == 1 { 20 } else { 2 }));
            done.fetch_add(1, Ordering::Relaxed);
            index * 2
        };
        let mut taken = Vec::new();
        let mut done_at_first = 0;
        in_order(3, 20, &work, &mut |index, result| {
            if index == 0 {
                done_at_first = done.load(Ordering::Relaxed);
            }
            taken.push((index, result));
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, (0..20).map(|index| (index, index * 2)).collect::<Vec<_>>());
        assert!(done_at_first < 20);
        assert!(in_order(2, 0, &work, &mut |_, _| anyhow::bail!("nothing")).is_ok());
    }

    #[test]
    fn an_error_ends_the_work() {
        let begun = AtomicUsize::new(0);
        let work = |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(1));
        };
        let outcome = in_order(2, 10_000, &work, &mut |_, ()| anyhow::bail!("enough"));
        assert_eq!(outcome.unwrap_err().to_string(), "enough");
        assert!(begun.load(Ordering::Relaxed) < 10_000);
    }
}
