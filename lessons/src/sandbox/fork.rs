//! The child's side of a warm interpreter: it starts once, and each task runs in a fork of it.
//!
//! Starting Python takes a second or two, mostly in the interpreter's own initialisation, which is the same
//! for every task. Up to the fork only Squire's own code has run; the fork locks itself down before it
//! sees the learner's.

use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};
use std::{fs, io};

use super::clock::on_the_wall;
use super::protocol::Report;
use super::{MAX_REPORT, child};

/// A warm interpreter that nobody asks anything for this long ends.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// Waits for tasks and hands each one to a fork. Returns in the fork only, with the task's JSON; ends the
/// process when the parent is gone.
pub(super) fn next_task() -> Vec<u8> {
    loop {
        let Some(task) = read_frame() else { std::process::exit(0) };
        let time_ms = child::parse_task(&task).map(|task| task.time_ms).unwrap_or_default();
        let report = match run_in_fork(on_the_wall(Duration::from_millis(time_ms))) {
            Ok(Side::Fork) => return task,
            Ok(Side::Parent(ended)) => super::read_report(ended, time_ms),
            Err(error) => Report::failed(format!("the lesson runner cannot be started: {error}")),
        };
        let frame = serde_json::to_vec(&report).unwrap_or_default();
        if write_frame(&mut io::stdout().lock(), &frame).is_err() {
            std::process::exit(0);
        }
    }
}

/// A length of four bytes, little endian, and as many bytes.
pub(super) fn write_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend_from_slice(bytes);
    to.write_all(&frame).and_then(|()| to.flush())
}

/// `None` at the end of the input, or after a long silence.
fn read_frame() -> Option<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    if !wait_for(&stdin.as_fd(), IDLE) {
        return None;
    }
    let mut length = [0; 4];
    stdin.read_exact(&mut length).ok()?;
    let mut frame = vec![0; u32::from_le_bytes(length) as usize];
    stdin.read_exact(&mut frame).ok()?;
    Some(frame)
}

enum Side {
    Fork,
    Parent(super::Ended),
}

fn run_in_fork(limit: Duration) -> io::Result<Side> {
    let (reader, writer) = pipe()?;
    // SAFETY: the process has one thread, so that the fork may do anything that the process may.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            become_the_fork(&writer)?;
            Ok(Side::Fork)
        }
        process => {
            drop(writer);
            Ok(Side::Parent(supervise(process, reader, limit)?))
        }
    }
}

/// Reports go to the pipe; the parent's own input and output are out of reach.
fn become_the_fork(writer: &OwnedFd) -> io::Result<()> {
    let null = fs::File::open("/dev/null")?;
    // SAFETY: all descriptors are open.
    let replaced = unsafe { libc::dup2(writer.as_raw_fd(), 1) >= 0 && libc::dup2(null.as_raw_fd(), 0) >= 0 };
    if replaced { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Reads what the fork reports and sees to it that it is gone afterwards.
fn supervise(process: libc::pid_t, reader: OwnedFd, limit: Duration) -> io::Result<super::Ended> {
    let deadline = Instant::now() + limit;
    let mut pipe = fs::File::from(reader);
    let mut output = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    let mut overdue = false;
    loop {
        if !wait_for(&pipe.as_fd(), deadline.saturating_duration_since(Instant::now())) {
            overdue = true;
            break;
        }
        match pipe.read(&mut chunk)? {
            0 => break,
            read => output.extend_from_slice(&chunk[..read]),
        }
        if output.len() as u64 > MAX_REPORT {
            break;
        }
    }
    let too_much = output.len() as u64 > MAX_REPORT;
    let mut status = 0;
    // SAFETY: the process is a child that nobody else waits for; `status` outlives the call.
    unsafe {
        if overdue || too_much {
            libc::kill(process, libc::SIGKILL);
        }
        while libc::waitpid(process, &mut status, 0) < 0
            && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
        {}
    }
    Ok(match (overdue, too_much) {
        (true, _) => super::Ended::Overdue,
        (_, true) => super::Ended::TooMuchOutput,
        _ => super::Ended::Itself { output, status: ExitStatus::from_raw(status) },
    })
}

/// Whether there is something to read, or the end, before the time is over.
fn wait_for(descriptor: &impl AsRawFd, time: Duration) -> bool {
    let mut poll = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let milliseconds = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: `poll` is one valid entry that outlives the call.
    unsafe { libc::poll(&mut poll, 1, milliseconds) > 0 }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for two descriptors, which are ours from then on.
    unsafe {
        if libc::pipe(ends.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok((OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])))
    }
}
