//! Rules are tested by files beside them that say, line by line, what is to be found.
//!
//! `sql.yaml` is tested by `sql.js`, `sql.py` …: a comment `ruleid: some-rule` wants a finding on the next line,
//! `ok: some-rule` wants none; `todoruleid:` and `todook:` state known mistakes, where either answer passes. What
//! is found on a line without a mark is a mistake too. `sql.fixed.js` is `sql.js` after all fixes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::lint::place_of;
use super::set::{PACK_TESTS, PACKS};
use super::{Rule, RuleFile, RuleSet, RuleSources};
use crate::analyze::{Document, Project};
use crate::finding::{Finding, TextEdit};
use crate::language::Language;
use crate::source::ParseBudget;

/// One rule file tested against the sibling files with its marks.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// Checks that held: one per rule and target file, and one per `.fixed` file.
    pub passed: usize,
    /// What did not, each with file and line.
    pub failures: Vec<TestFailure>,
}

/// One thing that is not as the tests of a rule say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct TestFailure {
    /// The test file, or the rule file where it is about the rule itself.
    pub path: PathBuf,
    /// 1-based.
    pub line: usize,
    /// The rule, where it is about one.
    pub rule_id: Option<String>,
    /// In words for the author.
    pub message: String,
}

/// Runs the tests beside every rule file under `path` (or the built-in packs where `path` is `None`). `models` are
/// the team's own.
pub fn test_rules(path: Option<&Path>, models: &[RuleFile]) -> TestReport {
    match path {
        None => test_rule_files(&embedded(), models),
        Some(path) => match files_to_test(path) {
            Ok(files) => test_rule_files(&files, models),
            Err(error) => TestReport { passed: 0, failures: vec![failure(path, 1, None, error.to_string())] },
        },
    }
}

/// The same for rule files and test files that may be on no disk.
pub fn test_rule_files(files: &[RuleFile], models: &[RuleFile]) -> TestReport {
    let mut report = TestReport::default();
    for file in files.iter().filter(|file| is_rule_file(file)) {
        test_file(file, files, models, &mut report);
    }
    report
}

fn failure(path: &Path, line: usize, rule_id: Option<&str>, message: String) -> TestFailure {
    TestFailure { path: path.to_owned(), line, rule_id: rule_id.map(str::to_owned), message }
}

fn embedded() -> Vec<RuleFile> {
    let files = PACKS.iter().chain(PACK_TESTS);
    files.map(|(name, text)| RuleFile { path: PathBuf::from(name), text: (*text).to_owned() }).collect()
}

/// The rule files and test files under a folder, or a rule file with those beside it.
///
/// # Errors
/// A folder cannot be read.
pub fn files_to_test(path: &Path) -> std::io::Result<Vec<RuleFile>> {
    let mut out = Vec::new();
    if path.is_file() {
        let stem = stem(path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        gather_into(
            folder,
            // By name: `./a.yaml` and `a.yaml` are one file, and both lie in this folder.
            &|file| file.file_name() == path.file_name() || (!is_yaml(file) && self::stem(file) == stem),
            false,
            &mut out,
        )?;
        return Ok(out);
    }
    gather_into(path, &|_| true, true, &mut out)?;
    Ok(out)
}

fn gather_into(
    folder: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    deep: bool,
    out: &mut Vec<RuleFile>,
) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        let link = fs::symlink_metadata(&path)?.is_symlink();
        if path.is_dir() {
            // A link to a folder could lead back here.
            if deep && !link {
                gather_into(&path, wanted, deep, out)?;
            }
        } else if (is_yaml(&path) || Language::of_name(&path).is_some())
            && wanted(&path)
            && let Ok(text) = fs::read_to_string(&path)
        {
            out.push(RuleFile { path, text });
        }
    }
    Ok(())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn is_rule_file(file: &RuleFile) -> bool {
    is_yaml(&file.path)
        && file.text.lines().any(|line| line.trim_end() == "rules:" || line.starts_with("rules:"))
}

/// `sql` of `sql.yaml`, `sql.js` and `sql.fixed.js`.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn is_fixed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.contains(".fixed.") || name.ends_with(".fixed")
}

fn test_file(file: &RuleFile, files: &[RuleFile], models: &[RuleFile], report: &mut TestReport) {
    let sources =
        RuleSources { rules: vec![file.clone()], models: models.to_vec(), ..RuleSources::default() };
    let (set, errors) = RuleSet::load_everywhere(&sources);
    report.failures.extend(errors.into_iter().map(|error| TestFailure {
        path: error.path,
        line: error.line,
        rule_id: error.rule_id,
        message: error.message,
    }));
    let siblings: Vec<&RuleFile> = files
        .iter()
        .filter(|other| other.path.parent() == file.path.parent() && stem(&other.path) == stem(&file.path))
        .filter(|other| !is_yaml(&other.path))
        .collect();
    let mut tested = BTreeSet::new();
    for target in siblings.iter().filter(|target| !is_fixed(&target.path)) {
        let Some(language) = Language::of_file(&target.path, &target.text) else { continue };
        let fixed = siblings
            .iter()
            .find(|other| is_fixed(&other.path) && other.path.extension() == target.path.extension());
        let document = match analyzed(&set, target, language) {
            Ok(document) => document,
            Err(error) => {
                report.failures.push(failure(&target.path, 1, None, error));
                continue;
            }
        };
        let mut project = Project::default();
        project.insert(&target.path, document.facts().clone());
        let findings = document.findings(&project);
        let marks = Marks::read(&target.text);
        for rule in set.rules().iter().filter(|rule| rule.languages.contains(&language)) {
            if marks.speak_of(&rule.id) {
                tested.insert(rule.id.clone());
            }
            compare(rule, target, &findings, &marks, report);
        }
        if let Some(fixed) = fixed {
            compare_fixed(&set, &document, &project, &findings, target, fixed, report);
        }
    }
    for rule in set.rules().iter().filter(|rule| !tested.contains(&rule.id)) {
        let line = place_of(&file.text, &rule.id).map_or(1, |at| at.line);
        let message = format!("the rule `{}` has no test beside it", rule.id);
        report.failures.push(failure(&file.path, line, Some(&rule.id), message));
    }
}

fn analyzed(set: &RuleSet, target: &RuleFile, language: Language) -> Result<Document, String> {
    let mut document = Document::new(&target.path, language, &target.text);
    document
        .analyze(set, ParseBudget::default())
        .map_err(|interrupt| format!("not analysed: {interrupt:?}"))?;
    Ok(document)
}

fn compare(rule: &Rule, target: &RuleFile, findings: &[Finding], marks: &Marks, report: &mut TestReport) {
    let found: BTreeSet<usize> = findings
        .iter()
        .filter(|finding| finding.rule.id == rule.id)
        .map(|finding| line_of(&target.text, finding.range.start))
        .collect();
    let lines = |marks: &BTreeMap<usize, BTreeSet<String>>| -> BTreeSet<usize> {
        marks.iter().filter(|(_, ids)| ids.contains(&rule.id)).map(|(line, _)| *line).collect()
    };
    let (wanted, open) = (lines(&marks.wanted), lines(&marks.open));
    let failures = report.failures.len();
    let mut fail = |line: usize, what: &str| {
        let message = format!("`{}` {what} this line", rule.id);
        report.failures.push(failure(&target.path, line, Some(&rule.id), message));
    };
    for line in wanted.difference(&found) {
        fail(*line, "does not report");
    }
    for line in found.iter().filter(|line| !wanted.contains(line) && !open.contains(line)) {
        fail(*line, "reports");
    }
    if report.failures.len() == failures {
        report.passed += 1;
    }
}

/// Applies the preferred fix of every finding and compares.
fn compare_fixed(
    set: &RuleSet,
    document: &Document,
    project: &Project,
    findings: &[Finding],
    target: &RuleFile,
    fixed: &RuleFile,
    report: &mut TestReport,
) {
    let mut edits: Vec<TextEdit> = Vec::new();
    for finding in findings {
        let Some(fix) = document.fixes(set, project, finding).into_iter().next() else { continue };
        let overlaps = |edit: &TextEdit| {
            edits.iter().any(|known| {
                known != edit && known.range.start < edit.range.end && edit.range.start < known.range.end
            })
        };
        if !fix.edits.iter().any(overlaps) {
            edits.extend(fix.edits);
        }
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    let text = crate::finding::Fix { title: String::new(), safe: true, edits }.apply(&target.text);
    if text == fixed.text {
        report.passed += 1;
        return;
    }
    let differs = text.lines().zip(fixed.text.lines()).position(|(own, wanted)| own != wanted);
    let line = differs.unwrap_or_else(|| text.lines().count().min(fixed.text.lines().count()));
    let name = target.path.file_name().unwrap_or_default().to_string_lossy();
    let given = text.lines().nth(line).unwrap_or("").trim();
    let message = format!("the fixes of {name} give `{given}` here");
    report.failures.push(failure(&fixed.path, line + 1, None, message));
}

/// 1-based.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// What the comments of a test file say, by the line (1-based) that they speak of.
#[derive(Debug, Default)]
struct Marks {
    wanted: BTreeMap<usize, BTreeSet<String>>,
    clean: BTreeMap<usize, BTreeSet<String>>,
    /// Either answer passes.
    open: BTreeMap<usize, BTreeSet<String>>,
}

const COMMENTS: &[&str] = &["#", "//", "/*", "<!--", "{#", "{{!--", "<%#"];

impl Marks {
    fn read(text: &str) -> Marks {
        let mut marks = Marks::default();
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some((word, ids)) = mark(line) else { continue };
            // Marks can stand above each other.
            let next =
                (index + 1..lines.len()).find(|&next| mark(lines[next]).is_none()).unwrap_or(index + 1);
            let list = match word {
                "ruleid" => &mut marks.wanted,
                "ok" => &mut marks.clean,
                _ => &mut marks.open,
            };
            list.entry(next + 1).or_default().extend(ids);
        }
        marks
    }

    fn speak_of(&self, id: &str) -> bool {
        [&self.wanted, &self.clean, &self.open]
            .into_iter()
            .any(|list| list.values().any(|ids| ids.contains(id)))
    }
}

/// `// ruleid: a, b` → `ruleid` and the ids.
fn mark(line: &str) -> Option<(&'static str, Vec<String>)> {
    for word in ["todoruleid", "todook", "ruleid", "ok"] {
        for (at, _) in line.match_indices(word) {
            let before = line[..at].trim_end();
            let Some(rest) = line[at + word.len()..].trim_start().strip_prefix(':') else { continue };
            if !COMMENTS.iter().any(|comment| before.ends_with(comment)) {
                continue;
            }
            let ids = rest.split(',').filter_map(|id| {
                let id = id.trim();
                let end = id.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(id.len());
                Some(id[..end].trim_end_matches('-').to_owned()).filter(|id| !id.is_empty())
            });
            return Some((word, ids.collect()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> RuleFile {
        RuleFile { path: path.into(), text: text.to_owned() }
    }

    const RULE: &str = "
rules:
  - id: no-eval
    languages: [javascript]
    severity: ERROR
    message: This runs text.
    pattern: eval(...)
";

    fn failures(target: &str) -> Vec<String> {
        let files = [file("a.yaml", RULE), file("a.js", target)];
        let mut report = TestReport::default();
        test_file(&files[0], &files, &[], &mut report);
        report.failures.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn marks_speak_of_the_next_line() {
        assert_eq!(failures("// ruleid: no-eval\neval(a)\n// ok: no-eval\nrun(a)\n"), [""; 0]);
        assert_eq!(failures("/* ruleid: no-eval */\neval(a)\n// todook: no-eval\neval(b)\n"), [""; 0]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        assert_eq!(
            failures("// ruleid: no-eval\nrun(a)\neval(b)\n"),
            ["a.js:2: `no-eval` does not report this line", "a.js:3: `no-eval` reports this line"]
        );
    }

    #[test]
    fn a_rule_without_a_test_fails() {
        assert_eq!(failures("run(a)\n"), ["a.yaml:3: the rule `no-eval` has no test beside it"]);
    }

    #[test]
    fn marks_are_read_in_the_comments_of_all_languages() {
        for line in [
            "# ruleid: x",
            "  // ruleid:x",
            "<!-- ruleid: x -->",
            "{# ruleid: x #}",
            "{{!-- ruleid: x --}}",
            "<%# ruleid: x %>",
        ] {
            assert_eq!(mark(line), Some(("ruleid", vec!["x".to_owned()])), "{line}");
        }
        assert_eq!(mark("let ok: string"), None);
    }
}
