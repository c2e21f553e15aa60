//! Files that change behind the editor's back.
//!
//! Clients that watch files tell of them; some do not (Neovim on Linux), so the few files that configure
//! Squire are looked at every now and then as well.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use squire_rules::Language;

use super::session::{Reload, Session};

/// What the client is asked to watch.
pub const GLOBS: [&str; 5] = [
    "**/squire.toml",
    "**/.squire/**",
    "**/*.{js,jsx,cjs,mjs,ts,mts,cts,tsx}",
    "**/*.{py,pyi,pyw}",
    "**/*.{html,htm,vue,ejs,hbs,handlebars,mustache,jinja,jinja2,j2,djhtml}",
];

/// A saved configuration should count before its author looks back at the code.
const INTERVAL: Duration = Duration::from_secs(2);

/// Whether Squire reads such files.
pub fn is_source(path: &Path) -> bool {
    Language::of_name(path).is_some()
}

/// Looks at the configuration every now and then, as long as the session lives.
pub fn start(session: &Arc<Session>) {
    let watched = Arc::downgrade(session);
    session.runtime.spawn(async move {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let Some(session) = watched.upgrade() else { return };
            let looked = tokio::task::spawn_blocking(move || session.reload(Reload::Outdated)).await;
            if looked.is_err() {
                tracing::error!("looking for a changed configuration failed");
            }
        }
    });
}
