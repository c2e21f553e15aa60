//! Lists the files that the binary carries: lessons, tracks and the preludes of the lesson runtimes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut code = String::new();
    list(&mut code, "CATALOG", &root.join("catalog"))?;
    list(&mut code, "TRACKS", &root.join("tracks"))?;
    list(&mut code, "JAVASCRIPT_PRELUDES", &root.join("src/runtime/javascript"))?;
    list(&mut code, "PYTHON_PRELUDES", &root.join("src/runtime/python"))?;
    embed_python(&mut code)?;
    fs::write(out.join("embedded.rs"), code)
}

/// One constant: names relative to the folder, with `/`, in order, and texts.
fn list(code: &mut String, constant: &str, folder: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let _ = writeln!(code, "pub(crate) const {constant}: &[(&str, &str)] = &[");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(folder).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        let path = file.to_string_lossy();
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    let _ = writeln!(code, "];");
    Ok(())
}

/// Text files only: a lesson has no others. Hidden files and byte code left by an interpreter are not ours.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name == "__pycache__" || name.ends_with('~') {
            continue;
        }
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// A release may carry the Python interpreter (compressed WebAssembly, see `python-runtime.sh`); by default
/// it is looked for at run time.
fn embed_python(code: &mut String) -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=SQUIRE_EMBED_PYTHON_WASM");
    let embedded = match env::var("SQUIRE_EMBED_PYTHON_WASM") {
        Ok(path) if !path.is_empty() => {
            let path = fs::canonicalize(&path)?;
            println!("cargo::rerun-if-changed={}", path.display());
            format!("Some(include_bytes!({:?}))", path.to_string_lossy())
        }
        _ => "None".to_owned(),
    };
    let _ = writeln!(code, "pub(crate) const PYTHON_WASM: Option<&[u8]> = {embedded};");
    Ok(())
}
