//! `squire init`: a configuration to begin with, and the pre-commit hook if asked.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::Exit;
use super::git::Repository;
use crate::workspace::config::FILE_NAME;

/// `squire init`.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of the project
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Also install a git pre-commit hook that scans what is staged
    #[arg(long)]
    hook: bool,
    /// Overwrite what is there
    #[arg(long)]
    force: bool,
}

/// What a project begins with: every key, with its default, explained.
const TEMPLATE: &str = include_str!("init/squire.toml");

const HOOK: &str = include_str!("init/pre-commit");

/// Writes the files.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let file = args.folder.join(FILE_NAME);
    if file.exists() && !args.force {
        println!("{} is there already and stays as it is", file.display());
    } else {
        std::fs::write(&file, TEMPLATE).with_context(|| format!("{} cannot be written", file.display()))?;
        println!("wrote {}", file.display());
    }
    if args.hook {
        let folder = Repository::around(&args.folder)?.hooks()?;
        install(&folder, args.force)?;
    }
    Ok(Exit::Clean)
}

fn install(folder: &Path, force: bool) -> anyhow::Result<()> {
    let hook = folder.join("pre-commit");
    let cannot = || format!("{} cannot be written", hook.display());
    match std::fs::read(&hook) {
        Ok(present) if present == HOOK.as_bytes() => {
            println!("{} is there already", hook.display());
            return Ok(());
        }
        Ok(_) if !force => bail!(
            "{} is there already; add the line `squire hook || exit 1` to it, or overwrite it with --force",
            hook.display()
        ),
        _ => {}
    }
    std::fs::create_dir_all(folder).with_context(cannot)?;
    std::fs::write(&hook, HOOK).with_context(cannot)?;
    make_executable(&hook).with_context(cannot)?;
    println!("wrote {}", hook.display());
    Ok(())
}

#[cfg(unix)]
fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Config;
    use crate::workspace::config::Settings;

    #[test]
    fn the_template_says_what_holds_without_it() {
        let config = Config::parse(Path::new("squire.toml"), TEMPLATE, &serde_json::Value::Null).unwrap();
        assert_eq!(config.settings, Settings::default());
        let uncommented: String = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        Config::parse(Path::new("squire.toml"), &uncommented, &serde_json::Value::Null).unwrap();
    }
}
