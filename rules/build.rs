//! Embeds the packs with their tests and the models that ship inside the binary: lists of names and texts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut code = String::new();
    for (name, folder, is_wanted) in [
        ("PACKS", "packs", is_yaml as fn(&Path) -> bool),
        ("PACK_TESTS", "packs", is_test),
        ("MODELS", "models", is_yaml),
    ] {
        let folder = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        if folder.is_dir() {
            gather(&folder, is_wanted, &mut files)?;
        }
        files.sort();
        let _ = writeln!(code, "pub(in crate::rule) static {name}: &[(&str, &str)] = &[");
        for file in files {
            let relative = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            let _ = writeln!(code, "    ({relative:?}, include_str!({:?})),", file.display().to_string());
        }
        code.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("embedded.rs"), code)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// The files that rules are tested with, as far as they are text.
fn is_test(path: &Path) -> bool {
    !is_yaml(path) && fs::read_to_string(path).is_ok()
}

fn gather(folder: &Path, is_wanted: fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_dir() {
            gather(&path, is_wanted, files)?;
        } else if is_wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}
