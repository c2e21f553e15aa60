//! `$/progress` that the server begins.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tower_lsp::ls_types::notification::Progress as ProgressNotification;
use tower_lsp::ls_types::{
    ProgressParams, ProgressParamsValue, ProgressToken, WorkDoneProgress, WorkDoneProgressBegin,
    WorkDoneProgressEnd, WorkDoneProgressReport,
};

use super::session::Session;

/// More often is only work for the client.
const PACE: Duration = Duration::from_millis(100);

/// Progress that ends when this is dropped.
pub struct Progress {
    state: watch::Sender<State>,
}

#[derive(Clone, Default)]
struct State {
    message: String,
    percentage: u32,
    ended: Option<String>,
}

impl Progress {
    /// Begins progress under `token`, which the client may have given itself (`given`); otherwise it is
    /// asked first whether it wants to show any. Never waits for the client.
    pub fn begin(
        session: &Arc<Session>,
        title: &str,
        token: ProgressToken,
        given: Given,
        cancel: Cancel,
    ) -> Progress {
        let (state, changes) = watch::channel(State::default());
        if given == Given::ByClient || session.profile().progress {
            let (session, title) = (session.clone(), title.to_owned());
            session.runtime.clone().spawn(tell(session, title, token, given, cancel, changes));
        }
        Progress { state }
    }

    /// How far it is.
    pub fn report(&self, done: usize, total: usize, message: String) {
        let percentage = u32::try_from(done * 100 / total.max(1)).unwrap_or(100).min(100);
        self.state.send_modify(|state| {
            state.message = message;
            state.percentage = percentage;
        });
    }

    /// Ends with a last word.
    pub fn end(self, message: &str) {
        self.state.send_modify(|state| state.ended = Some(message.to_owned()));
    }
}

/// Who made the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The client sent it with its request.
    ByClient,
    /// The server made it up and has to announce it.
    ByServer,
}

/// Whether the user may stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// With a button.
    Possible,
    /// Not at all.
    Impossible,
}

async fn tell(
    session: Arc<Session>,
    title: String,
    token: ProgressToken,
    given: Given,
    cancel: Cancel,
    mut changes: watch::Receiver<State>,
) {
    if given == Given::ByServer {
        let asked = session.client.create_work_done_progress(token.clone());
        // The protocol forbids progress that the client did not agree to.
        if !matches!(tokio::time::timeout(Duration::from_secs(10), asked).await, Ok(Ok(()))) {
            return;
        }
    }
    let send = |value: WorkDoneProgress| {
        let params = ProgressParams { token: token.clone(), value: ProgressParamsValue::WorkDone(value) };
        session.client.send_notification::<ProgressNotification>(params)
    };
    send(WorkDoneProgress::Begin(WorkDoneProgressBegin {
        title,
        cancellable: Some(cancel == Cancel::Possible),
        message: None,
        percentage: Some(0),
    }))
    .await;
    let mut last = None;
    while changes.changed().await.is_ok() {
        let state = changes.borrow_and_update().clone();
        if state.ended.is_some() {
            last = state.ended;
            break;
        }
        send(WorkDoneProgress::Report(WorkDoneProgressReport {
            cancellable: None,
            message: Some(state.message),
            percentage: Some(state.percentage),
        }))
        .await;
        tokio::time::sleep(PACE).await;
    }
    send(WorkDoneProgress::End(WorkDoneProgressEnd { message: last })).await;
}
