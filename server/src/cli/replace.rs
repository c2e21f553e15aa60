//! Replacing a file in one step, so that nobody ever reads half of it.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

/// Writes `text` in place of the file at `path`, keeping its permissions. A symbolic link stays one: the file it
/// leads to is replaced.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn replace(path: &Path, text: &[u8]) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".squire").tempfile_in(folder).with_context(cannot)?;
    file.write_all(text).with_context(cannot)?;
    persist(file, &target)
}

/// Moves a finished temporary file to its place. A new file gets the permissions that new files get.
///
/// # Errors
/// The file cannot be written.
pub fn persist(file: NamedTempFile, path: &Path) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    match std::fs::metadata(path) {
        Ok(meta) if meta.permissions().readonly() => {
            anyhow::bail!("{} is read-only", path.display())
        }
        Ok(meta) => file.as_file().set_permissions(meta.permissions()).with_context(cannot)?,
        Err(_) => {
            // Creating the file in the usual way lets the process's mask decide.
            let new = std::fs::File::create(path).with_context(cannot)?;
            file.as_file().set_permissions(new.metadata()?.permissions()).with_context(cannot)?;
        }
    }
    file.persist(path).with_context(cannot)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_and_links_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.sh"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o750)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o750);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.js");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(replace(&file, b"new").unwrap_err().to_string().contains("read-only"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
    }
}
