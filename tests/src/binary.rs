//! The product itself, built from the sources beside these tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The profile to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// For tests.
    Debug,
    /// For measurements.
    Release,
}

/// The `squire` binary for tests: `$SQUIRE_BIN`, or the one in the target folder, built first if it is
/// older than a source.
pub fn squire() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| built(Profile::Debug))
}

/// The `squire` binary of a profile, up to date. `$SQUIRE_BIN` overrides it.
///
/// # Panics
/// The build fails.
pub fn built(profile: Profile) -> PathBuf {
    if let Some(given) = std::env::var_os("SQUIRE_BIN") {
        return given.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (folder, flags): (_, &[&str]) = match profile {
        Profile::Debug => ("debug", &[]),
        Profile::Release => ("release", &["--release"]),
    };
    let binary = target.join(folder).join(format!("squire{}", std::env::consts::EXE_SUFFIX));
    let built_at = modified(&binary);
    let changed_at = ["rules", "lessons", "server", "Cargo.lock"].map(|part| newest(&root.join(part)));
    if built_at.is_none() || changed_at.into_iter().flatten().max() > built_at {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--package", "squire"])
            .args(flags)
            .current_dir(&root)
            .status()
            .expect("cargo starts");
        assert!(status.success(), "squire does not build");
    }
    binary.canonicalize().unwrap_or(binary)
}

fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = std::fs::read_dir(path) else { return modified(path) };
    entries.flatten().filter_map(|entry| newest(&entry.path())).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
