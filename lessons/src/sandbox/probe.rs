//! Native escape probes: what could a learner's code do if it broke out of its interpreter altogether?
//!
//! The tests start the runner with `--probe NAME`; it locks down as for a lesson and then tries, natively.

use super::lockdown::{Limits, lock_down};
use super::protocol::Report;

/// The probe that the command line asks for.
pub(super) fn requested() -> Option<String> {
    std::env::args().skip_while(|argument| argument != "--probe").nth(1)
}

/// Locks down and tries. The report's output says what came of it, if the process still lives to tell.
pub(super) fn run(name: &str) -> Report {
    let limits = Limits { address_space: 512 << 20, cpu_seconds: 3 };
    if let Err(message) = lock_down(limits) {
        return Report::failed(message);
    }
    let tried = match name {
        "open" => std::fs::read_to_string("/etc/hostname").map(|_| ()),
        "write" => std::fs::write("squire-probe.txt", "x"),
        "socket" => std::net::TcpStream::connect("127.0.0.1:1").map(|_| ()),
        "exec" => std::process::Command::new("/bin/true").status().map(|_| ()),
        "thread" => std::thread::Builder::new().spawn(|| ()).map(|_| ()),
        "spin" => loop {
            std::hint::spin_loop();
        },
        "memory" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 10 << 20]);
                std::hint::black_box(&held);
            }
        }
        "nothing" => Ok(()),
        _ => return native(name),
    };
    match tried {
        Ok(()) => Report { output: "succeeded".to_owned(), ..Report::default() },
        Err(error) => Report { output: format!("refused: {error}"), ..Report::default() },
    }
}

#[cfg(unix)]
fn native(name: &str) -> Report {
    // SAFETY: these calls take integers only, and the process is thrown away afterwards.
    let result = unsafe {
        match name {
            "fork" => i64::from(libc::fork()),
            "kill" => i64::from(libc::kill(libc::getppid(), 0)),
            _ => return Report::failed(format!("there is no probe `{name}`")),
        }
    };
    let output = if result < 0 { "refused: by the system" } else { "succeeded" };
    Report { output: output.to_owned(), ..Report::default() }
}

#[cfg(not(unix))]
fn native(name: &str) -> Report {
    Report::failed(format!("there is no probe `{name}` on this system"))
}
