//! Tells Zed where the program is: the setting's path, or else the first one on the `PATH`.

use zed_extension_api::{self as zed, settings::LspSettings, Command, LanguageServerId, Result, Worktree};

struct Squire;

impl zed::Extension for Squire {
    fn new() -> Self {
        Squire
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let set = LspSettings::for_worktree(id.as_ref(), worktree)?.binary;
        let path = set.as_ref().and_then(|binary| binary.path.clone());
        let command = path.or_else(|| worktree.which("squire")).ok_or(
            "the program `squire` is not on the PATH; install it, or set lsp.squire.binary.path in settings.json",
        )?;
        let args = set.and_then(|binary| binary.arguments).unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }
}

zed::register_extension!(Squire);
