//! Messages in, handlers started, answers out.
//!
//! tower-lsp's own transport ends at the first message that is not JSON and runs at most a handful of
//! handlers at once, all in one task. This one answers broken messages and goes on, starts every handler
//! in wire order on the thread that reads (so that state changes before a handler's first `.await` happen
//! in wire order too, with no thread to hop to), and moves handlers that are not done at once into tasks
//! of their own, where a panic costs one answer.

use std::io::{BufRead, Read};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::{SinkExt, StreamExt};
use tokio::runtime::Handle;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::{ClientSocket, LanguageServer, LspService};
use tower_service::Service;

use super::outbox::Outbox;

/// A body longer than this is refused: no editor sends one, and it would be held in memory.
const MAX_BODY: usize = 512 << 20;

/// Why the server stopped reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client said `exit`.
    Exit,
    /// The client closed the pipe, or what it sends can no longer be split into messages.
    Disconnected,
}

/// Serves until the client says `exit` or goes away. Blocks the calling thread, which must not be one of
/// the runtime's.
pub fn serve<S: LanguageServer>(
    mut service: LspService<S>,
    socket: ClientSocket,
    outbox: &Outbox,
    mut input: impl BufRead,
    runtime: &Handle,
) -> End {
    let _runtime = runtime.enter();
    let (mut requests, mut responses) = socket.split();
    let to_client = outbox.clone();
    runtime.spawn(async move {
        while let Some(request) = requests.next().await {
            to_client.send(&request);
        }
    });
    loop {
        let body = match read_frame(&mut input) {
            Ok(Some(body)) => body,
            Ok(None) => return End::Disconnected,
            Err(error) => {
                tracing::warn!(%error, "what the client sends cannot be read");
                return End::Disconnected;
            }
        };
        match parse(&body) {
            Ok(Incoming::Call(request)) => {
                let exit = request.method() == "exit";
                start(&mut service, request, outbox, runtime);
                if exit {
                    return End::Exit;
                }
            }
            // The sink only inserts into a map, so it is done at once.
            Ok(Incoming::Answer(response)) => drop(runtime.block_on(responses.send(response))),
            Err(error) => {
                tracing::warn!(%error.message, "a message could not be understood");
                outbox.send(&Response::from_error(Id::Null, error));
            }
        }
    }
}

fn start<S: LanguageServer>(
    service: &mut LspService<S>,
    request: Request,
    outbox: &Outbox,
    runtime: &Handle,
) {
    let id = request.id().cloned();
    let initialize = request.method() == "initialize";
    let method = request.method().to_owned();
    let mut handler = Box::pin(service.call(request));
    let answer = |outbox: &Outbox, id: Option<Id>, outcome: Outcome| match outcome {
        Outcome::Done(Some(response)) => outbox.send(&response),
        Outcome::Done(None) => {}
        Outcome::Panicked => {
            tracing::error!(%method, "the handler of a message panicked");
            if let Some(id) = id {
                outbox.send(&Response::from_error(id, Error::internal_error()));
            }
        }
    };
    let mut at_once = Context::from_waker(Waker::noop());
    match poll(handler.as_mut(), &mut at_once) {
        Poll::Ready(outcome) => answer(outbox, id, outcome),
        // Nothing else may be handled before the server knows its client.
        Poll::Pending if initialize => {
            let outcome = runtime.block_on(std::future::poll_fn(|cx| poll(handler.as_mut(), cx)));
            answer(outbox, id, outcome);
        }
        Poll::Pending => {
            let outbox = outbox.clone();
            let method = method.clone();
            runtime.spawn(async move {
                let outcome = std::future::poll_fn(|cx| poll(handler.as_mut(), cx)).await;
                if let (Outcome::Panicked, Some(id)) = (&outcome, &id) {
                    tracing::error!(%method, "the handler of a message panicked");
                    outbox.send(&Response::from_error(id.clone(), Error::internal_error()));
                } else if let Outcome::Done(Some(response)) = &outcome {
                    outbox.send(response);
                }
            });
        }
    }
}

enum Outcome {
    Done(Option<Response>),
    Panicked,
}

fn poll<F, E>(future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Outcome>
where
    F: Future<Output = Result<Option<Response>, E>> + ?Sized,
{
    match std::panic::catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(Poll::Ready(Ok(response))) => Poll::Ready(Outcome::Done(response)),
        // The service has exited; nobody waits for this answer.
        Ok(Poll::Ready(Err(_))) => Poll::Ready(Outcome::Done(None)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(Outcome::Panicked),
    }
}

enum Incoming {
    Call(Request),
    Answer(Response),
}

fn parse(body: &[u8]) -> Result<Incoming, Error> {
    match serde_json::from_slice::<Request>(body) {
        Ok(request) if !request.method().is_empty() => return Ok(Incoming::Call(request)),
        Err(error) if error.is_syntax() || error.is_eof() => return Err(Error::parse_error()),
        _ => {}
    }
    serde_json::from_slice::<Response>(body).map(Incoming::Answer).map_err(|_| Error::invalid_request())
}

/// One message body; `None` at the end of the input.
///
/// Lines that are no header are skipped, so that stray output in front of a message does no harm.
fn read_frame(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        // Headers are short; a megabyte without a line break is not LSP.
        if input.take(1 << 20).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let header = line.trim_ascii();
        if header.is_empty() {
            match length.take() {
                Some(length) if length > MAX_BODY => {
                    return Err(std::io::Error::other(format!("a message of {length} bytes")));
                }
                Some(length) => {
                    let mut body = vec![0; length];
                    return match input.read_exact(&mut body) {
                        Ok(()) => Ok(Some(body)),
                        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
                        Err(error) => Err(error),
                    };
                }
                None => continue,
            }
        }
        let Some(colon) = header.iter().position(|byte| *byte == b':') else { continue };
        if header[..colon].trim_ascii().eq_ignore_ascii_case(b"content-length") {
            length = std::str::from_utf8(header[colon + 1..].trim_ascii())
                .ok()
                .and_then(|digits| digits.parse::<usize>().ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(mut input: &[u8]) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| read_frame(&mut input).expect("a slice can be read")).collect()
    }

    #[test]
    fn frames_are_split_whatever_surrounds_them() {
        let input = b"Content-Length: 2\r\n\r\n{}noise\ncontent-length:3\r\nContent-Type: x\r\n\r\n[1]\
            Content-Length: no\r\n\r\nContent-Length: 1\n\n1Content-Length: 99\r\n\r\ncut";
        assert_eq!(frames(input), [b"{}".to_vec(), b"[1]".to_vec(), b"1".to_vec()]);
    }

    #[test]
    fn calls_answers_and_rubbish_are_told_apart() {
        let code = |body: &[u8]| parse(body).err().map(|error| error.code.code());
        assert!(matches!(parse(br#"{"jsonrpc":"2.0","method":"exit"}"#), Ok(Incoming::Call(_))));
        assert!(matches!(parse(br#"{"jsonrpc":"2.0","id":"a","result":null}"#), Ok(Incoming::Answer(_))));
        assert_eq!(code(b"{"), Some(-32700));
        assert_eq!(code(b"[]"), Some(-32600));
        assert_eq!(code(br#"{"jsonrpc":"1.0","method":"exit"}"#), Some(-32600));
    }
}
