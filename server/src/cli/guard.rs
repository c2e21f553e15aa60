//! A panic costs what it happened in, not the run.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps guarded panics off the terminal; they come back as text from [`guarded`].
pub fn install() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if DEPTH.get() == 0 {
            return default(info);
        }
        let payload = payload(info.payload());
        let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        LAST.set(Some(format!("{payload}{place}")));
    }));
}

fn payload(payload: &dyn std::any::Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic")
}

/// Runs `body`; a panic becomes its message. What `body` was changing must not be used afterwards.
pub fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|_| LAST.take().unwrap_or_else(|| "panic".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message_and_its_place() {
        install();
        let message = guarded(|| {
            if true {
                panic!("seven {}", 7)
            }
        })
        .unwrap_err();
        assert!(message.starts_with("seven 7 (") && message.contains("guard.rs:"), "{message}");
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
