//! Reading source files that may be anything.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A file that was named is read up to this size, in bytes; nobody writes larger source by hand, and a
/// device file never ends.
const CEILING: u64 = 256 << 20;

/// What reading a file gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// Its text.
    Text(String),
    /// Its text with each byte that is not UTF-8 read as `?`, so that offsets stay those of the file, and
    /// how many there were.
    Lossy(String, usize),
    /// It is no text.
    Binary,
}

/// Reads a file. `limit` is its greatest size in bytes, where 0 is none.
///
/// # Errors
/// It cannot be read, is too large, or changed while it was read; in words for the user.
pub fn read(path: &Path, limit: u64) -> Result<Content, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let limit = if limit == 0 { CEILING } else { limit.min(CEILING) };
    // A second attempt settles the usual case: an editor or a formatter was just writing.
    for _ in 0..2 {
        let file = File::open(path).map_err(unreadable)?;
        let before = file.metadata().map_err(unreadable)?;
        if before.is_dir() {
            return Err("is a folder".to_owned());
        }
        let mut bytes = Vec::with_capacity(before.len().min(limit) as usize + 1);
        (&file).take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > limit {
            return Err(format!("is larger than {limit} bytes"));
        }
        let after = file.metadata().map_err(unreadable)?;
        let is_stable = after.len() == bytes.len() as u64 && after.modified().ok() == before.modified().ok();
        if is_stable || !before.is_file() {
            return Ok(decode(bytes));
        }
    }
    Err("changed while it was read".to_owned())
}

/// Decides whether bytes are text.
pub fn decode(bytes: Vec<u8>) -> Content {
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return Content::Binary;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Content::Text(text),
        Err(error) => {
            let bytes = error.into_bytes();
            let mut text = String::with_capacity(bytes.len());
            let mut wrong = 0;
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                wrong += chunk.invalid().len();
                text.extend(chunk.invalid().iter().map(|_| '?'));
            }
            Content::Lossy(text, wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_stay_those_of_the_file() {
        assert_eq!(decode(b"a\xff\xfeb\xc3\xa9".to_vec()), Content::Lossy("a??b\u{e9}".to_owned(), 2));
        assert_eq!(decode(b"a\0b".to_vec()), Content::Binary);
        assert_eq!(decode(Vec::new()), Content::Text(String::new()));
    }

    #[test]
    fn a_file_that_never_ends_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.js");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5), Ok(Content::Text("12345".to_owned())));
        assert_eq!(read(&path, 4), Err("is larger than 4 bytes".to_owned()));
        assert!(read(folder.path(), 0).is_err());
        #[cfg(target_os = "linux")]
        assert_eq!(read(Path::new("/dev/zero"), 100), Err("is larger than 100 bytes".to_owned()));
    }
}
