//! The parent's side of a warm interpreter: one child that starts once and answers task after task.

use std::io::{self, Read};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::fork::write_frame;
use super::protocol::{Report, Task};
use super::{MAX_REPORT, too_slow};

/// A child that waits for tasks.
#[derive(Debug)]
pub(super) struct Warm {
    child: Child,
    stdin: ChildStdin,
    /// Each answer; closed when the child has ended.
    answers: Receiver<Vec<u8>>,
}

impl Warm {
    /// Takes charge of a child that was just started.
    pub fn new(mut child: Child) -> io::Result<Warm> {
        let (Some(stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the child has no pipes"));
        };
        let (sender, answers) = mpsc::channel();
        // Ends with the child.
        std::thread::spawn(move || {
            while let Some(answer) = read_frame(&mut stdout) {
                if sender.send(answer).is_err() {
                    break;
                }
            }
        });
        Ok(Warm { child, stdin, answers })
    }

    /// Whether it still waits for tasks.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Runs one task. `None` means that the child is gone or overdue and must be replaced.
    pub fn run(&mut self, task: &Task, deadline: Duration) -> Option<Report> {
        let frame = serde_json::to_vec(task).ok()?;
        write_frame(&mut self.stdin, &frame).ok()?;
        let answer = match self.answers.recv_timeout(deadline) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                return Some(Report::failed(too_slow(task.time_ms)));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        };
        serde_json::from_slice(&answer).ok()
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_frame(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    if u64::from(length) > 2 * MAX_REPORT {
        return None;
    }
    let mut frame = vec![0; length as usize];
    from.read_exact(&mut frame).ok()?;
    Some(frame)
}
