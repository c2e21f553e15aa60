//! What a scan costs beside only parsing the same files, in the same run.
//!
//! `cargo bench -p squire-tests --bench throughput [-- FOLDER…]` scans the folders (or a generated corpus)
//! with the release binary on one thread, parses the same files with tree-sitter alone, and prints the
//! CPU time of both by byte of source. It fails if the scan costs more than four times the parse.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use squire_rules::Language;
use squire_tests::binary::{Profile, built};

/// A scan may cost this many times the parse.
const LIMIT: f64 = 4.0;
/// The best of so many runs counts: whatever else the machine does only ever adds.
const RUNS: usize = 5;

fn main() -> ExitCode {
    let folders: Vec<PathBuf> =
        std::env::args_os().skip(1).filter(|argument| argument != "--bench").map(PathBuf::from).collect();
    let corpus = tempfile::tempdir().expect("a temporary folder");
    let folders = if folders.is_empty() {
        generate(corpus.path());
        vec![corpus.path().to_owned()]
    } else {
        folders
    };
    let squire = built(Profile::Release);
    let mut is_good = true;
    for folder in &folders {
        let scan =
            (0..RUNS).map(|_| scan(&squire, folder)).min_by(|a, b| a.by_byte().total_cmp(&b.by_byte()));
        let parse = (0..RUNS).map(|_| parse(folder)).min_by(|a, b| a.by_byte().total_cmp(&b.by_byte()));
        let (Some(scan), Some(parse)) = (scan, parse) else { continue };
        let ratio = scan.by_byte() / parse.by_byte();
        println!("{}", folder.display());
        println!("  scan   {scan}");
        println!("  parse  {parse}");
        println!("  ratio  {ratio:.2} (limit {LIMIT})");
        is_good &= ratio < LIMIT;
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Cost {
    files: u64,
    bytes: u64,
    time: Duration,
}

impl Cost {
    fn by_byte(&self) -> f64 {
        self.time.as_secs_f64() / self.bytes.max(1) as f64
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (milliseconds, megabytes) = (self.time.as_secs_f64() * 1e3, self.bytes as f64 / 1e6);
        let speed = 1e-6 / self.by_byte();
        write!(f, "{milliseconds:9.1} ms CPU  {megabytes:8.2} MB  {:6} files  {speed:6.1} MB/s", self.files)
    }
}

/// The whole command: start, rules, discovery, analysis, report.
fn scan(squire: &Path, folder: &Path) -> Cost {
    let before = cpu_time(libc::RUSAGE_CHILDREN);
    let output = Command::new(squire)
        .args(["scan", "--jobs", "1", "--no-config", "--format", "json"])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("squire starts");
    let time = cpu_time(libc::RUSAGE_CHILDREN) - before;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let number = |key: &str| report["stats"][key].as_u64().expect("statistics have numbers");
    Cost { files: number("files"), bytes: number("bytes"), time }
}

/// tree-sitter alone, on texts that are in memory already.
fn parse(folder: &Path) -> Cost {
    let mut texts = Vec::new();
    collect(folder, &mut texts);
    let before = cpu_time(libc::RUSAGE_SELF);
    let mut bytes = 0;
    for (language, text) in &texts {
        let mut parser = tree_sitter::Parser::new();
        let Some(grammar) = language.grammar() else { continue };
        parser.set_language(&grammar).expect("the grammars match");
        let tree = parser.parse(text, None).expect("no limit is set");
        std::hint::black_box(&tree);
        bytes += text.len() as u64;
    }
    Cost { files: texts.len() as u64, bytes, time: cpu_time(libc::RUSAGE_SELF) - before }
}

fn collect(folder: &Path, texts: &mut Vec<(Language, String)>) {
    let quiet = ["node_modules", "vendor", ".git", "tests", "test", "fixtures", "dist"];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !quiet.iter().any(|name| entry.file_name() == *name) {
                collect(&path, texts);
            }
        } else if let Ok(text) = fs::read_to_string(&path)
            && let Some(language) = Language::of_file(&path, &text)
        {
            texts.push((language, text));
        }
    }
}

/// User and system time of this process, or of its ended children.
fn cpu_time(who: libc::c_int) -> Duration {
    // SAFETY: `rusage` is plain numbers, for which zeros are valid, and the call fills in the one it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(who, &raw mut usage);
        usage
    };
    let duration = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

/// Applications as people write them: most routes are harmless, some are not.
fn generate(folder: &Path) {
    for file in 0..20 {
        let mut js = String::from(
            "const express = require('express');\nconst mysql = require('mysql');\nconst { exec } = require('child_process');\n\
             const app = express();\nconst db = mysql.createConnection(process.env.DATABASE_URL);\n",
        );
        let mut py = String::from(
            "import os\nimport sqlite3\nfrom flask import Flask, request, render_template\nfrom flask_login import login_required\n\n\
             app = Flask(__name__)\ndb = sqlite3.connect('app.db')\n\n",
        );
        for route in 0..150 {
            let _ = write!(
                js,
                "\napp.get('/items/{route}', async (req, res) => {{\n  const page = Number(req.query.page || 1);\n  const filters = {{ owner: req.user.id, kind: '{route}' }};\n  \
                 const rows = await db.query('SELECT * FROM items WHERE owner = ? LIMIT ?', [filters.owner, page * 20]);\n  \
                 const shown = rows.filter((row) => row.kind === filters.kind).map((row) => ({{ id: row.id, title: row.title.trim() }}));\n  \
                 if (shown.length === 0) {{\n    return res.status(404).json({{ error: 'nothing here' }});\n  }}\n  res.json({{ page, items: shown }});\n}});\n"
            );
            let _ = write!(
                py,
                "@app.route('/items/<int:item>/{route}')\n@login_required\ndef show_{route}(item):\n    page = int(request.args.get('page', 1))\n    \
                 rows = db.execute('SELECT * FROM items WHERE id = ? LIMIT ?', (item, page * 20)).fetchall()\n    \
                 shown = [{{'id': row[0], 'title': row[1].strip()}} for row in rows if row[2] == {route}]\n    \
                 if not shown:\n        return {{'error': 'nothing here'}}, 404\n    return render_template('items.html', items=shown, page=page)\n\n\n"
            );
            if route % 50 == 0 {
                let _ =
                    writeln!(js, "app.get('/ping/{route}', (req, res) => exec('ping ' + req.query.host));");
                let _ = writeln!(
                    py,
                    "def find_{route}():\n    return db.execute(\"SELECT * FROM t WHERE n = '\" + request.args['n'] + \"'\")\n\n"
                );
            }
        }
        fs::write(folder.join(format!("routes{file}.js")), js).expect("the folder is writable");
        fs::write(folder.join(format!("views{file}.py")), py).expect("the folder is writable");
    }
}
