//! The language server.

/// Serves one editor over standard input and output until it says `exit`.
///
/// # Errors
/// This build has no language server.
pub fn run() -> anyhow::Result<()> {
    anyhow::bail!("this build has no language server")
}
