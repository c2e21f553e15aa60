//! What the client at the other end can do, read once from its `initialize`.

use tower_lsp::ls_types::{CodeActionKind, CodeActionOptions};
use tower_lsp::ls_types::{
    CodeActionProviderCapability, CodeLensOptions, CompletionOptions, DiagnosticOptions,
    DiagnosticServerCapabilities, DiagnosticTag, ExecuteCommandOptions, HoverProviderCapability,
    InitializeParams, MarkupKind, OneOf, SaveOptions, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkDoneProgressOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use super::handlers::commands;
use super::position::Encoding;

/// The kind of the action that applies every safe fix of a file.
pub const FIX_ALL: &str = "source.fixAll.squire";

/// What the client can do, as far as it changes what it is sent.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// How it counts columns.
    pub encoding: Encoding,
    /// It asks for diagnostics; otherwise they are pushed. Never both.
    pub pull: bool,
    /// It shows where a flow comes from.
    pub related_information: bool,
    /// It makes the code of a diagnostic a link.
    pub code_description: bool,
    /// It shows code that has no effect in a faint colour.
    pub unnecessary_tag: bool,
    /// It understands code actions, not only commands.
    pub action_literals: bool,
    /// It asks for the edit of a code action that came without one.
    pub action_resolve: bool,
    /// It takes edits that name the version they are for.
    pub document_changes: bool,
    /// It renders Markdown in a hover.
    pub hover_markdown: bool,
    /// It opens documents when asked to.
    pub show_document: bool,
    /// It applies edits when asked to.
    pub apply_edit: bool,
    /// It shows progress that the server begins.
    pub progress: bool,
    /// It watches files when asked to.
    pub watch_files: bool,
    /// It answers `workspace/configuration`.
    pub configuration: bool,
    /// It wants to be asked to send its configuration changes.
    pub register_configuration: bool,
    /// It can be told to ask for its code lenses again.
    pub refresh_lenses: bool,
}

impl Profile {
    /// Reads the client's capabilities.
    pub fn new(params: &InitializeParams) -> Profile {
        let capabilities = &params.capabilities;
        let general = capabilities.general.as_ref();
        let text = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let window = capabilities.window.as_ref();
        let publish = text.and_then(|text| text.publish_diagnostics.as_ref());
        let pull = text.and_then(|text| text.diagnostic.as_ref());
        let action = text.and_then(|text| text.code_action.as_ref());
        // A client that pulls but cannot be told to pull again (Neovim 0.11) would keep stale findings
        // after a change of configuration or of another file, so it is pushed to.
        let refresh = workspace
            .and_then(|workspace| workspace.diagnostics.as_ref())
            .is_some_and(|diagnostics| diagnostics.refresh_support == Some(true));
        let is = |capability: Option<bool>| capability == Some(true);
        Profile {
            encoding: Encoding::negotiate(general.and_then(|general| general.position_encodings.as_deref())),
            pull: pull.is_some() && refresh,
            related_information: is(publish.and_then(|publish| publish.related_information))
                || is(pull.and_then(|pull| pull.related_information)),
            // Neovim does not announce it but keeps it, and no client minds a property more; one that
            // says `false` is believed.
            code_description: publish.and_then(|publish| publish.code_description_support) != Some(false),
            unnecessary_tag: publish
                .and_then(|publish| publish.tag_support.as_ref())
                .is_some_and(|tags| tags.value_set.contains(&DiagnosticTag::UNNECESSARY)),
            action_literals: action.is_some_and(|action| action.code_action_literal_support.is_some()),
            action_resolve: action
                .and_then(|action| action.resolve_support.as_ref())
                .is_some_and(|resolve| resolve.properties.iter().any(|property| property == "edit")),
            document_changes: is(workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref())
                .and_then(|edit| edit.document_changes)),
            hover_markdown: text
                .and_then(|text| text.hover.as_ref())
                .and_then(|hover| hover.content_format.as_ref())
                .is_some_and(|formats| formats.contains(&MarkupKind::Markdown)),
            show_document: window
                .and_then(|window| window.show_document.as_ref())
                .is_some_and(|show| show.support),
            apply_edit: is(workspace.and_then(|workspace| workspace.apply_edit)),
            progress: is(window.and_then(|window| window.work_done_progress)),
            watch_files: is(workspace
                .and_then(|workspace| workspace.did_change_watched_files.as_ref())
                .and_then(|watch| watch.dynamic_registration)),
            configuration: is(workspace.and_then(|workspace| workspace.configuration)),
            register_configuration: is(workspace
                .and_then(|workspace| workspace.did_change_configuration.as_ref())
                .and_then(|configuration| configuration.dynamic_registration)),
            refresh_lenses: workspace
                .and_then(|workspace| workspace.code_lens.as_ref())
                .is_some_and(|lens| lens.refresh_support == Some(true)),
        }
    }

    /// What the server offers to this client.
    pub fn server_capabilities(&self) -> ServerCapabilities {
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
                    include_text: Some(false),
                })),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::new(FIX_ALL)]),
                resolve_provider: Some(true),
                ..CodeActionOptions::default()
            })),
            // Only the keys of rule files are completed, so nothing that is typed elsewhere asks for them.
            completion_provider: Some(CompletionOptions::default()),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: commands::ALL.iter().map(|command| (*command).to_owned()).collect(),
                work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
            }),
            diagnostic_provider: self.pull.then(|| {
                DiagnosticServerCapabilities::Options(DiagnosticOptions {
                    identifier: Some("squire".to_owned()),
                    inter_file_dependencies: true,
                    workspace_diagnostics: true,
                    work_done_progress_options: WorkDoneProgressOptions::default(),
                })
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        }
    }
}
