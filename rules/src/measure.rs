//! Where the time of an analysis goes: by phase and by rule, for `squire scan --stats`.
//!
//! Measuring is off until [`start`] is called, and then stays on. What is off costs one look at a flag for each
//! phase of a unit and for each rule that has a candidate there, which is less than can be measured. What is on
//! is kept by thread: whoever analyses a file on one thread gets its costs, and no others, from [`take`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static ON: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CLOCK: RefCell<Clock> = RefCell::default();
}

/// What an analysis does, in the order in which a file passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// From the disk.
    Read,
    /// From text to tree-sitter's tree.
    Parse,
    /// From there to the tree that rules read.
    Lower,
    /// Patterns, and analyses that are no flow.
    Match,
    /// From sources to sinks, for all taint rules at once.
    Flow,
    /// Fixes and their proofs, with everything that a proof analyses again.
    Fix,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Phase; 6] =
        [Phase::Read, Phase::Parse, Phase::Lower, Phase::Match, Phase::Flow, Phase::Fix];

    /// As shown in reports.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Read => "read",
            Phase::Parse => "parse",
            Phase::Lower => "lower",
            Phase::Match => "match",
            Phase::Flow => "flow",
            Phase::Fix => "fix",
        }
    }
}

/// What was measured on one thread. Time on the clock, which is that of the processor where no other work waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// In the order of [`Phase::ALL`]. No time counts twice: what a fix's proof parses counts as fix.
    pub phases: [Duration; Phase::ALL.len()],
    /// By rule id: its patterns and its fixes. The flow of all taint rules is one pass, so their share of it
    /// cannot be told.
    pub rules: BTreeMap<String, Duration>,
}

impl Costs {
    /// All phases together.
    pub fn total(&self) -> Duration {
        self.phases.iter().sum()
    }

    /// Adds other costs to these.
    pub fn add(&mut self, other: &Costs) {
        for (sum, time) in self.phases.iter_mut().zip(other.phases) {
            *sum += time;
        }
        for (id, time) in &other.rules {
            match self.rules.get_mut(id) {
                Some(sum) => *sum += *time,
                None => drop(self.rules.insert(id.clone(), *time)),
            }
        }
    }
}

/// Measures from now on.
pub fn start() {
    ON.store(true, Ordering::Relaxed);
}

/// What was measured on this thread since it was last asked.
pub fn take() -> Costs {
    if !ON.load(Ordering::Relaxed) {
        return Costs::default();
    }
    CLOCK.with_borrow_mut(|clock| std::mem::take(&mut clock.costs))
}

/// Counts the time until the answer is dropped as that phase's. A phase inside another one takes its time out of
/// the outer one's, but for those of a fix.
#[must_use]
pub fn phase(phase: Phase) -> Option<InPhase> {
    if !ON.load(Ordering::Relaxed) {
        return None;
    }
    CLOCK.with_borrow_mut(|clock| {
        let outer = clock.phase;
        (outer != Some(Phase::Fix)).then(|| {
            clock.turn_to(Some(phase));
            InPhase { outer }
        })
    })
}

/// Counts the time until the answer is dropped as that rule's.
#[must_use]
pub(crate) fn rule(id: &str) -> Option<InRule<'_>> {
    if !ON.load(Ordering::Relaxed) {
        return None;
    }
    CLOCK.with_borrow_mut(|clock| {
        // The rules that a fix's proof runs again are the costs of the fix's rule.
        let is_outermost = !std::mem::replace(&mut clock.in_rule, true);
        is_outermost.then(|| InRule { id, since: Instant::now() })
    })
}

/// See [`phase`].
pub struct InPhase {
    outer: Option<Phase>,
}

impl Drop for InPhase {
    fn drop(&mut self) {
        CLOCK.with_borrow_mut(|clock| clock.turn_to(self.outer));
    }
}

/// See [`rule`].
pub(crate) struct InRule<'i> {
    id: &'i str,
    since: Instant,
}

impl Drop for InRule<'_> {
    fn drop(&mut self) {
        CLOCK.with_borrow_mut(|clock| {
            clock.in_rule = false;
            let time = self.since.elapsed();
            match clock.costs.rules.get_mut(self.id) {
                Some(sum) => *sum += time,
                None => drop(clock.costs.rules.insert(self.id.to_owned(), time)),
            }
        });
    }
}

#[derive(Default)]
struct Clock {
    costs: Costs,
    phase: Option<Phase>,
    since: Option<Instant>,
    in_rule: bool,
}

impl Clock {
    fn turn_to(&mut self, phase: Option<Phase>) {
        let now = Instant::now();
        if let (Some(phase), Some(since)) = (self.phase, self.since) {
            self.costs.phases[phase as usize] += now - since;
        }
        (self.phase, self.since) = (phase, Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_counts_twice() {
        let nap = || std::thread::sleep(Duration::from_millis(5));
        start();
        drop(take());
        {
            let _outer = phase(Phase::Match);
            nap();
            let _inner = phase(Phase::Parse);
            nap();
        }
        {
            let _fix = phase(Phase::Fix);
            let _rule = rule("a");
            let _proof = phase(Phase::Parse);
            let _again = rule("b");
            nap();
        }
        let costs = take();
        for phase in [Phase::Match, Phase::Parse, Phase::Fix] {
            let time = costs.phases[phase as usize];
            assert!((5..50).contains(&time.as_millis()), "{phase:?} {time:?}");
        }
        assert_eq!(costs.phases[Phase::Flow as usize], Duration::ZERO);
        assert_eq!(costs.rules.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(take(), Costs::default());
    }
}
