//! The server's text is the client's text, whatever is edited and however columns are counted.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use squire_tests::lsp::Client;

const FILE: &str = "file:///x/a.js";
const FRESH: &str = "file:///x/fresh.js";

#[derive(Clone, Copy, Debug)]
enum Counts {
    Bytes,
    Units,
    Chars,
}

const ENCODINGS: [(&str, Counts); 3] =
    [("utf-8", Counts::Bytes), ("utf-16", Counts::Units), ("utf-32", Counts::Chars)];

fn connect(encoding: &str) -> Client {
    let mut client = Client::start();
    client.handshake(json!({ "general": { "positionEncodings": [encoding] } }), None);
    client
}

/// Where lines begin, by the protocol's definition and written without the server's code.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
    starts
}

fn position(text: &str, offset: usize, counts: Counts) -> Value {
    let starts = line_starts(text);
    let line = starts.iter().rposition(|start| *start <= offset).unwrap();
    let before = &text[starts[line]..offset];
    let column = match counts {
        Counts::Bytes => before.len(),
        Counts::Units => before.encode_utf16().count(),
        Counts::Chars => before.chars().count(),
    };
    json!({ "line": line, "character": column })
}

/// Offsets between characters, and not between `\r` and `\n`, which no position names.
fn boundaries(text: &str) -> Vec<usize> {
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .filter(|at| !(text[..*at].ends_with('\r') && text[*at..].starts_with('\n')))
        .collect()
}

#[derive(Clone, Debug)]
struct Edit {
    from: prop::sample::Index,
    to: prop::sample::Index,
    text: String,
}

fn piece() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"),
            6 => Just("// squire: allow(some-rule)"), 3 => Just("let x = \"y\";"), 2 => Just("`"), 2 => Just("/*"), 2 => Just("*/"),
            2 => Just("医生"), 2 => Just("🩺"), 2 => Just("e\u{301}"), 1 => Just("\u{2028}"), 3 => Just(" "), 2 => Just("{"), 2 => Just("}"),
        ],
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

fn edits() -> impl Strategy<Value = (String, Vec<Vec<Edit>>)> {
    let edit = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), piece())
        .prop_map(|(from, to, text)| Edit { from, to, text });
    (prop::collection::vec(piece(), 0..8), prop::collection::vec(prop::collection::vec(edit, 1..4), 1..8))
        .prop_map(|(text, edits)| (text.concat(), edits))
}

#[test]
fn ordered_edits_in_every_encoding_equal_a_fresh_open_of_the_text() {
    for (encoding, counts) in ENCODINGS {
        let mut client = connect(encoding);
        let mut runner =
            TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        let client = std::cell::RefCell::new(&mut client);
        // Never the same twice, so that an answer cannot be that of an earlier case.
        let versions = std::cell::Cell::new(1);
        let result = runner.run(&edits(), |(start, notifications)| {
            let client = &mut **client.borrow_mut();
            let mut text = start.clone();
            client.open(FILE, "javascript", &start);
            for edits in &notifications {
                let mut changes = Vec::new();
                for edit in edits {
                    let places = boundaries(&text);
                    let (a, b) = (*edit.from.get(&places), *edit.to.get(&places));
                    let (from, to) = (a.min(b), a.max(b));
                    let range =
                        json!({ "start": position(&text, from, counts), "end": position(&text, to, counts) });
                    changes.push(json!({ "range": range, "text": edit.text }));
                    text.replace_range(from..to, &edit.text);
                }
                versions.set(versions.get() + 3);
                client.change_all(FILE, versions.get(), json!(changes));
            }
            let edited = client.diagnostics(FILE, Some(versions.get()));
            client.open(FRESH, "javascript", &text);
            let fresh = client.diagnostics(FRESH, Some(1));
            for uri in [FILE, FRESH] {
                client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
                client.diagnostics(uri, None);
            }
            prop_assert_eq!(edited, fresh, "{:?}", text);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{encoding}: {error}"));
    }
}

#[test]
fn findings_are_where_the_client_counts_them() {
    let text = "let 医 = '🩺e\u{301}'; // squire: allow(some-rule)\r\nlet b; // squire: allow(some-rule)\r";
    for (encoding, start, end) in [("utf-8", 24, 48), ("utf-16", 19, 43), ("utf-32", 18, 42)] {
        let mut client = connect(encoding);
        client.open(FILE, "javascript", text);
        let found = client.diagnostics(FILE, Some(1));
        let columns = |index: usize| {
            let range = &found[index]["range"];
            (range["start"]["character"].clone(), range["end"]["character"].clone())
        };
        assert_eq!(columns(0), (json!(start), json!(end)), "{encoding}");
        assert_eq!(found[1]["range"]["start"], json!({ "line": 1, "character": 10 }));
        assert_eq!(found[1]["range"]["end"], json!({ "line": 1, "character": 34 }));
    }
}

#[test]
fn broken_ranges_are_clamped_and_kill_nothing() {
    let mut client = Client::plain();
    client.open(FILE, "javascript", "let a = 1;\r\nlet 🩺 = 2;\n");
    let mut version = 1;
    let extreme = u32::MAX;
    for range in [
        [9, 9, 99, 99],
        [0, 99, 0, 200],
        [1, 0, 0, 0],
        [1, 5, 1, 5],
        [extreme, extreme, extreme, extreme],
        [0, 11, 1, 0],
        [0, 0, extreme, 0],
    ] {
        version += 1;
        client.change(FILE, version, range, "x医");
        client.diagnostics(FILE, Some(version));
    }
    version += 1;
    client.replace(FILE, version, "let a; // squire: allow(some-rule)\n");
    assert_eq!(client.diagnostics(FILE, Some(version)).len(), 1);
    assert!(client.stop().success());
}

#[test]
fn versions_may_jump_and_even_go_back() {
    let mut client = Client::plain();
    client.open(FILE, "javascript", "");
    client.diagnostics(FILE, Some(1));
    for version in [2, 40, 41, 7, 7, -3, 1_000_000] {
        client.change(FILE, version, [0, 0, 0, 0], "let a; // squire: allow(some-rule)\n");
        assert!(!client.diagnostics(FILE, Some(version)).is_empty(), "{version}");
    }
    assert!(client.stop().success());
}

#[test]
fn a_client_that_always_sends_everything_is_served() {
    let mut client = Client::plain();
    client.open(FILE, "javascript", "");
    client.diagnostics(FILE, Some(1));
    for count in [1, 3, 0, 2] {
        let version = count + 10;
        client.replace(
            FILE,
            version,
            &"let a; // squire: allow(some-rule)\n".repeat(count.try_into().unwrap()),
        );
        assert_eq!(client.diagnostics(FILE, Some(version)).len(), usize::try_from(count).unwrap());
    }
}

/// Thirty edits a second for two seconds, each answered before the next two come.
#[test]
fn typing_fast_is_kept_up_with() {
    let mut client = Client::plain();
    let text = "function f(a) {\n  return g(a, \"b\") + 1;\n}\n".repeat(1000);
    client.open(FILE, "javascript", &text);
    client.diagnostics(FILE, Some(1));
    let mut sent = Vec::new();
    for version in 2..62 {
        client.change(FILE, version, [1501, 12, 1501, 12], "x");
        sent.push((version, Instant::now()));
        client.listen(Duration::from_millis(33));
    }
    client.diagnostics(FILE, Some(61));
    let last = Instant::now().duration_since(sent.last().unwrap().1);
    assert!(last < Duration::from_secs(2), "the last edit was answered after {last:?}");
}

/// A thousand edits at once cost a few analyses, not a thousand: the latest wins.
#[test]
fn a_burst_does_not_queue() {
    let mut client = Client::plain();
    let text = "function f(a) {\n  return g(a, \"b\") + 1;\n}\n".repeat(1000);
    client.open(FILE, "javascript", &text);
    client.diagnostics(FILE, Some(1));
    for version in 2..1002 {
        client.change(FILE, version, [1501, 12, 1501, 12], "x");
    }
    let message = client.wait_for("the last version", |json| json["params"]["version"] == 1001);
    assert_eq!(message.json["params"]["diagnostics"], json!([]));
    assert!(client.stop().success());
}
