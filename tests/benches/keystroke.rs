//! From a key to its diagnostics: how long the server takes, beside tree-sitter's own incremental reparse
//! of the same edits in the same run.
//!
//! ```sh
//! cargo bench -p squire-tests --bench keystroke                 # generated Python and JavaScript, 10,000 lines each
//! cargo bench -p squire-tests --bench keystroke -- some/file.py # a real file
//! ```
//!
//! Ends with 1 if the median over the generated files is five times that of the reparse or more.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ropey::Rope;
use serde_json::json;
use squire_tests::binary::{self, Profile};
use squire_tests::lsp::{Client, uri};
use tree_sitter::{InputEdit, Parser, Point, Tree};

const LINES: usize = 10_000;
const LIMIT: f64 = 5.0;
/// Typed in the middle of the file, with slips of the finger: `<` takes the last character back. A line of
/// code takes about half of it, the rest is what people do while they think.
const TYPED: &str = "value = compute(left, rigt<<ght) + 1<<<< - offset; result = normalise(value, 'plain')<<<<<<<'utf8'); \
total = total + wie<eght * value; check(total < limit<<<<<max, total); names = [first, second]; print(names[0])";

fn main() -> ExitCode {
    let files: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let binary = binary::built(Profile::Release);
    println!(
        "{:<28} {:>7} {:>6} {:>21} {:>21} {:>7}",
        "file", "lines", "edits", "reparse p50/p95 ms", "squire p50/p95 ms", "ratio"
    );
    let mut worst: f64 = 0.0;
    if files.is_empty() {
        for (name, text) in
            [("generated.py", generate::python(LINES)), ("generated.js", generate::javascript(LINES))]
        {
            worst = worst.max(measure(&binary, Path::new(name), &text));
        }
    }
    for file in &files {
        match std::fs::read_to_string(file) {
            Ok(text) => drop(measure(&binary, file, &text)),
            Err(error) => {
                eprintln!("{}: {error}", file.display());
                return ExitCode::from(2);
            }
        }
    }
    if worst >= LIMIT {
        eprintln!("the median is {worst:.2} times that of the reparse; the limit is {LIMIT}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One single-character edit.
struct Key {
    at: usize,
    removed: usize,
    text: &'static str,
}

/// The keys of [`TYPED`], on a new line in the middle of the file, at the indentation of the line above.
fn keys(rope: &Rope) -> (usize, String, Vec<Key>) {
    let mut line = rope.len_lines() / 2;
    // Inside a function: below a line that is indented and ends a statement.
    let is_inside = |line: usize| {
        let text = rope.line(line).to_string();
        text.starts_with("    ") && matches!(text.trim_end().chars().last(), Some(')' | ';' | ']'))
    };
    while line + 1 < rope.len_lines() && !is_inside(line) {
        line += 1;
    }
    let above = rope.line(line).to_string();
    let indent = &above[..above.len() - above.trim_start().len()];
    let start = rope.line_to_byte((line + 1).min(rope.len_lines()));
    let opening = format!("{}\n", indent.trim_end_matches('\n'));
    let mut at = start + opening.len() - 1;
    let mut keys = Vec::new();
    for (index, char) in TYPED.char_indices() {
        if char == '<' {
            at -= 1;
            keys.push(Key { at, removed: 1, text: "" });
        } else {
            keys.push(Key { at, removed: 0, text: &TYPED[index..=index] });
            at += 1;
        }
    }
    (start, opening, keys)
}

fn measure(binary: &Path, path: &Path, text: &str) -> f64 {
    let (grammar, language) = match path.extension().and_then(|extension| extension.to_str()) {
        Some("py" | "pyi") => (tree_sitter_python::LANGUAGE, "python"),
        _ => (tree_sitter_javascript::LANGUAGE, "javascript"),
    };
    let mut rope = Rope::from_str(text);
    let (start, opening, keys) = keys(&rope);
    rope.insert(rope.byte_to_char(start), &opening);
    let mut parser = Parser::new();
    parser.set_language(&grammar.into()).expect("the grammar fits the library");
    let mut tree = parse(&mut parser, &rope, None);

    let folder = tempfile::tempdir().expect("a temporary folder");
    let uri = uri(&folder.path().join(path.file_name().unwrap_or_default()));
    let mut client = Client::start_binary(binary);
    client.handshake(json!({ "general": { "positionEncodings": ["utf-8"] } }), None);
    client.open(&uri, language, &rope.to_string());
    let findings = client.diagnostics(&uri, Some(1)).len();

    let (mut reparse, mut server) = (Vec::new(), Vec::new());
    for (version, key) in (2..).zip(&keys) {
        let begin = point(&rope, key.at);
        let end = point(&rope, key.at + key.removed);
        let started = Instant::now();
        edit(&mut rope, &mut tree, key);
        tree = parse(&mut parser, &rope, Some(&tree));
        reparse.push(started.elapsed());

        let column = |point: Point| u32::try_from(point.column).expect("a short line");
        let line = u32::try_from(begin.row).expect("a short file");
        let started = Instant::now();
        client.change(&uri, version, [line, column(begin), line, column(end)], key.text);
        let answer = client.wait_for("diagnostics", |json| json["params"]["version"] == version);
        server.push(answer.at - started);
        // Nobody types faster than this; and the machine's clock goes down between keys for everybody.
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(client.stop().success());
    let ratio = percentile(&mut server, 50) / percentile(&mut reparse, 50);
    println!(
        "{:<28} {:>7} {:>6} {:>10.3} / {:>8.3} {:>10.3} / {:>8.3} {:>7.2}   {findings} findings",
        path.file_name().unwrap_or_default().to_string_lossy(),
        rope.len_lines(),
        keys.len(),
        percentile(&mut reparse, 50),
        percentile(&mut reparse, 95),
        percentile(&mut server, 50),
        percentile(&mut server, 95),
        ratio,
    );
    ratio
}

fn edit(rope: &mut Rope, tree: &mut Tree, key: &Key) {
    let old_end = key.at + key.removed;
    let (start_position, old_end_position) = (point(rope, key.at), point(rope, old_end));
    let (from, to) = (rope.byte_to_char(key.at), rope.byte_to_char(old_end));
    rope.remove(from..to);
    rope.insert(from, key.text);
    let new_end = key.at + key.text.len();
    tree.edit(&InputEdit {
        start_byte: key.at,
        old_end_byte: old_end,
        new_end_byte: new_end,
        start_position,
        old_end_position,
        new_end_position: point(rope, new_end),
    });
}

fn parse(parser: &mut Parser, rope: &Rope, old: Option<&Tree>) -> Tree {
    let mut read = |offset: usize, _| {
        if offset >= rope.len_bytes() {
            return &[][..];
        }
        let (chunk, start, ..) = rope.chunk_at_byte(offset);
        &chunk.as_bytes()[offset - start..]
    };
    parser.parse_with_options(&mut read, old, None).expect("nothing stops it")
}

fn point(rope: &Rope, offset: usize) -> Point {
    let row = rope.byte_to_line(offset);
    Point { row, column: offset - rope.line_to_byte(row) }
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}

/// Files that look like what people write: handlers, queries, loops, classes, helpers, in varying shapes.
mod generate {
    const NOUNS: [&str; 12] = [
        "patient", "order", "invoice", "session", "ticket", "report", "device", "booking", "message",
        "account", "sample", "shift",
    ];
    const VERBS: [&str; 10] =
        ["load", "store", "merge", "list", "count", "render", "export", "archive", "verify", "assign"];

    /// A small generator, so that every run measures the same text.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % sides
        }

        fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
            words[self.roll(words.len())]
        }
    }

    pub fn python(lines: usize) -> String {
        let mut text = "import os\nimport json\nimport sqlite3\n\nfrom flask import Flask, request, jsonify\n\napp = Flask(__name__)\n\n\n".to_owned();
        fill(&mut text, lines, |dice, index| {
            let (noun, verb, other) = (dice.pick(&NOUNS), dice.pick(&VERBS), dice.pick(&NOUNS));
            let limit = dice.roll(90) + 10;
            match dice.roll(5) {
                0 => format!(
                    "@app.route(\"/{noun}s/<int:{noun}_id>/{verb}{index}\", methods=[\"POST\"])\ndef {verb}_{noun}_{index}({noun}_id):\n    payload = request.get_json()\n    {other} = payload.get(\"{other}\", {limit})\n    if {noun}_id > {limit}:\n        return jsonify(error=\"too many {noun}s\"), 400\n    row = db.execute(\"SELECT id, {other} FROM {noun}s WHERE id = ?\", [{noun}_id]).fetchone()\n    return jsonify(row=row, {other}={other})\n\n\n"
                ),
                1 => format!(
                    "class {}{index}:\n    \"\"\"Keeps the {noun}s of one {other}.\"\"\"\n\n    limit = {limit}\n\n    def __init__(self, name, items=None):\n        self.name = name\n        self.items = list(items or [])\n\n    def {verb}(self, {noun}):\n        if len(self.items) >= self.limit:\n            raise ValueError(f\"{{self.name}} holds no more than {{self.limit}} {noun}s\")\n        self.items.append({noun})\n        return self\n\n    def total(self):\n        return sum(item.get(\"{other}\", 0) for item in self.items)\n\n\n",
                    capital(noun)
                ),
                2 => format!(
                    "def {verb}_{noun}s_{index}(rows, {other}=None):\n    result = {{}}\n    for number, row in enumerate(rows):\n        key = row.get(\"{noun}\") or str(number)\n        if {other} is not None and key == {other}:\n            continue\n        result.setdefault(key, []).append(row[\"value\"] * {limit})\n    return {{key: max(values) for key, values in result.items() if values}}\n\n\n"
                ),
                3 => format!(
                    "def {verb}_{noun}_file_{index}(folder, encoding=\"utf-8\"):\n    path = os.path.join(folder, \"{noun}-{limit}.json\")\n    try:\n        with open(path, encoding=encoding) as handle:\n            data = json.load(handle)\n    except (OSError, ValueError) as error:\n        app.logger.warning(\"no {noun}: %s\", error)\n        return None\n    return [entry for entry in data if entry[\"{other}\"] != \"{verb}\"]\n\n\n"
                ),
                _ => format!(
                    "async def {verb}_{noun}_{index}(client, {other}_ids):\n    answers = []\n    while {other}_ids:\n        batch, {other}_ids = {other}_ids[:{limit}], {other}_ids[{limit}:]\n        response = await client.post(\"/{noun}s\", json={{\"ids\": batch, \"{verb}\": True}})\n        answers.extend(response.json()[\"{noun}s\"])\n    return sorted(answers, key=lambda answer: (answer[\"{other}\"], -answer[\"id\"]))\n\n\n"
                ),
            }
        });
        text
    }

    pub fn javascript(lines: usize) -> String {
        let mut text = "const express = require('express');\nconst fs = require('fs');\nconst path = require('path');\nconst db = require('./db');\n\nconst app = express();\n\n".to_owned();
        fill(&mut text, lines, |dice, index| {
            let (noun, verb, other) = (dice.pick(&NOUNS), dice.pick(&VERBS), dice.pick(&NOUNS));
            let limit = dice.roll(90) + 10;
            match dice.roll(5) {
                0 => format!(
                    "app.post('/{noun}s/:id/{verb}{index}', async (req, res) => {{\n    const {{ {other} = {limit} }} = req.body;\n    if (Number(req.params.id) > {limit}) {{\n        return res.status(400).json({{ error: 'too many {noun}s' }});\n    }}\n    const rows = await db.query('SELECT id, {other} FROM {noun}s WHERE id = $1', [req.params.id]);\n    res.json({{ row: rows[0], {other} }});\n}});\n\n"
                ),
                1 => format!(
                    "class {}{index} {{\n    constructor(name, items = []) {{\n        this.name = name;\n        this.items = [...items];\n        this.limit = {limit};\n    }}\n\n    {verb}({noun}) {{\n        if (this.items.length >= this.limit) {{\n            throw new RangeError(`${{this.name}} holds no more than ${{this.limit}} {noun}s`);\n        }}\n        this.items.push({noun});\n        return this;\n    }}\n\n    get total() {{\n        return this.items.reduce((sum, item) => sum + (item.{other} ?? 0), 0);\n    }}\n}}\n\n",
                    capital(noun)
                ),
                2 => format!(
                    "function {verb}{}s{index}(rows, {other}) {{\n    const result = new Map();\n    for (const [number, row] of rows.entries()) {{\n        const key = row.{noun} || String(number);\n        if (key === {other}) continue;\n        const values = result.get(key) ?? [];\n        values.push(row.value * {limit});\n        result.set(key, values);\n    }}\n    return Object.fromEntries([...result].map(([key, values]) => [key, Math.max(...values)]));\n}}\n\n",
                    capital(noun)
                ),
                3 => format!(
                    "function {verb}{}File{index}(folder, encoding = 'utf8') {{\n    const file = path.join(folder, '{noun}-{limit}.json');\n    try {{\n        const data = JSON.parse(fs.readFileSync(file, encoding));\n        return data.filter((entry) => entry.{other} !== '{verb}');\n    }} catch (error) {{\n        console.warn('no {noun}', error.message);\n        return null;\n    }}\n}}\n\n",
                    capital(noun)
                ),
                _ => format!(
                    "const {verb}{}{index} = async (client, ids) => {{\n    const answers = [];\n    for (let start = 0; start < ids.length; start += {limit}) {{\n        const batch = ids.slice(start, start + {limit});\n        const response = await client.post('/{noun}s', {{ ids: batch, {verb}: true }});\n        answers.push(...response.data.{noun}s);\n    }}\n    return answers.sort((a, b) => a.{other} - b.{other} || b.id - a.id);\n}};\n\n",
                    capital(noun)
                ),
            }
        });
        text
    }

    fn fill(text: &mut String, lines: usize, mut one: impl FnMut(&mut Dice, usize) -> String) {
        let mut dice = Dice(20_260_101);
        let mut count = text.matches('\n').count();
        let mut index = 0;
        while count < lines {
            let next = one(&mut dice, index);
            count += next.matches('\n').count();
            text.push_str(&next);
            index += 1;
        }
    }

    fn capital(word: &str) -> String {
        word[..1].to_uppercase() + &word[1..]
    }
}
