//! Pages that are shown as documents: written as Markdown files, because every editor can open a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use squire_lessons::{Catalog, Lesson};
use squire_rules::Rule;
use tower_lsp::ls_types::{MessageType, Position, Range, ShowDocumentParams, Uri};

use super::lock;
use super::root::Root;
use super::session::Session;
use crate::page::Page;

/// How long a client may take to open one page before the next one is tried.
const ONE_PAGE: Duration = Duration::from_secs(5);

/// Where a finding's link leads: the lesson on the site that the team configured, or the page of the rule
/// on this machine, which works without a network.
pub fn link(root: &Root, rule: &Rule) -> Option<Uri> {
    static LINKS: Mutex<Option<HashMap<String, Option<Uri>>>> = Mutex::new(None);
    if let (Some(site), Some(lesson)) = (&root.config.settings.lessons.site, &rule.lesson) {
        return format!("{}/{lesson}", site.trim_end_matches('/')).parse().ok();
    }
    let mut links = lock(&LINKS);
    let links = links.get_or_insert_default();
    if let Some(link) = links.get(&rule.id) {
        return link.clone();
    }
    let path = write(&format!("rule-{}", rule.id), &rule_page(rule));
    let link = path.and_then(Uri::from_file_path);
    links.insert(rule.id.clone(), link.clone());
    link
}

/// The page of a rule, in Markdown.
pub fn rule_page(rule: &Rule) -> String {
    Page::new(rule, Catalog::builtin()).markdown()
}

/// A lesson by its id.
pub fn lesson(id: &str) -> Option<&'static Lesson> {
    Catalog::builtin().lesson(id)
}

/// Writes a page; `None` (and a word in the log) if the disk does not let it.
pub fn write(name: &str, text: &str) -> Option<PathBuf> {
    let safe: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect();
    for folder in folders() {
        let path = folder.join(format!("{safe}.md"));
        let written = std::fs::create_dir_all(&folder).and_then(|()| write_whole(&path, text));
        match written {
            Ok(()) => return Some(path),
            Err(error) => tracing::debug!(path = %path.display(), %error, "a page was not written"),
        }
    }
    tracing::warn!(name, "a page could not be written anywhere");
    None
}

/// Opens a file for the user.
pub fn show(session: &Arc<Session>, path: &Path) {
    show_all(session, vec![path.to_owned()]);
}

/// Opens files for the user one after the other, the last one in front, each at its first line. A client
/// that opens nothing is told where they are.
pub fn show_all(session: &Arc<Session>, paths: Vec<PathBuf>) {
    if !session.profile().show_document {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        session.say(MessageType::INFO, format!("Squire wrote {}", names.join(" and ")));
        return;
    }
    let client = session.client.clone();
    session.detach("window/showDocument", async move {
        for uri in paths.iter().filter_map(Uri::from_file_path) {
            // JetBrains never answers such a request without a selection, so there always is one.
            let selection = Some(Range::new(Position::new(0, 0), Position::new(0, 0)));
            let params = ShowDocumentParams { uri, external: Some(false), take_focus: Some(true), selection };
            let shown = tokio::time::timeout(ONE_PAGE, client.show_document(params)).await;
            if !matches!(shown, Ok(Ok(true))) {
                tracing::debug!("the client did not open a page");
            }
        }
        Ok(())
    });
}

/// An editor that reads while this writes sees the old page or the new one.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// The user's cache, or else a temporary folder of this process.
fn folders() -> impl Iterator<Item = PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(|| {
        set("HOME").map(|home| home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
    });
    let temporary = std::env::temp_dir().join(format!("squire-{}", std::process::id()));
    cache.map(|cache| cache.join("squire").join("pages")).into_iter().chain([temporary])
}
