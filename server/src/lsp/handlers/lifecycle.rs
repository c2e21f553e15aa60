//! `initialize`, `initialized`, `shutdown`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tower_lsp::ls_types::{InitializeParams, InitializeResult, Registration, ServerInfo, WorkspaceFolder};

use super::configuration;
use crate::lsp::document::path_of;
use crate::lsp::profile::Profile;
use crate::lsp::session::Session;
use crate::lsp::{scan, watch};

/// Agrees with the client on what both can do.
pub fn initialize(session: &Arc<Session>, params: InitializeParams) -> InitializeResult {
    let profile = Profile::new(&params);
    let capabilities = profile.server_capabilities();
    let client = params.client_info.as_ref().map(|info| format!("{} {:?}", info.name, info.version));
    tracing::info!(?client, ?profile, "initialize");
    let settings = configuration::section(params.initialization_options.clone().unwrap_or_default());
    session.begin(profile, settings, folders(params));
    InitializeResult {
        capabilities,
        server_info: Some(ServerInfo {
            name: "squire".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        ..InitializeResult::default()
    }
}

/// Starts what runs in the background from now on.
pub fn initialized(session: &Arc<Session>) {
    session.publish_problems(&[]);
    register(session);
    configuration::fetch(session);
    watch::start(session);
    scan::index_in_background(session);
}

/// From now on only `exit` is expected.
pub fn shutdown(session: &Arc<Session>) {
    session.shut_down.store(true, Ordering::Relaxed);
}

fn folders(params: InitializeParams) -> Vec<PathBuf> {
    let of_workspace = |folders: Vec<WorkspaceFolder>| -> Vec<PathBuf> {
        folders.into_iter().map(|folder| path_of(&folder.uri)).collect()
    };
    let mut folders = params.workspace_folders.map(of_workspace).unwrap_or_default();
    #[expect(deprecated, reason = "older clients know nothing newer")]
    if folders.is_empty() {
        let root = params.root_uri.as_ref().map(path_of);
        folders.extend(root.or(params.root_path.map(PathBuf::from)));
    }
    // A slash at the end is no other folder.
    let mut folders: Vec<PathBuf> = folders.into_iter().map(|folder| folder.components().collect()).collect();
    folders.retain(|folder: &PathBuf| folder.is_absolute());
    folders.dedup();
    folders
}

/// Asks to be told of changed files and settings, where the client wants to be asked.
fn register(session: &Arc<Session>) {
    let profile = session.profile();
    let registration = |method: &str, options: Option<Value>| Registration {
        id: format!("squire-{}", method.replace('/', "-")),
        method: method.to_owned(),
        register_options: options,
    };
    let mut registrations = Vec::new();
    if profile.watch_files {
        let watchers: Vec<Value> = watch::GLOBS.iter().map(|glob| json!({ "globPattern": glob })).collect();
        registrations
            .push(registration("workspace/didChangeWatchedFiles", Some(json!({ "watchers": watchers }))));
    }
    if profile.register_configuration {
        registrations
            .push(registration("workspace/didChangeConfiguration", Some(json!({ "section": "squire" }))));
    }
    if registrations.is_empty() {
        return;
    }
    let client = session.client.clone();
    session
        .detach("client/registerCapability", async move { client.register_capability(registrations).await });
}
