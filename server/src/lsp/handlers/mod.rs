//! One file per feature. A handler changes state, or takes its snapshot, before its first `.await`.

pub mod apply_fix;
pub mod code_action;
pub mod code_lens;
pub mod commands;
pub mod completion;
pub mod configuration;
pub mod diagnostic;
pub mod fix_all;
pub mod hover;
pub mod lesson;
pub mod lifecycle;
pub mod sync;

use tower_lsp::jsonrpc::{Error, Result};

/// Runs what takes long where it does not hold up other messages. A panic costs this answer only.
pub async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "the work for an answer failed");
        Error::internal_error()
    })
}
