//! `squire fix`: applies proven fixes.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use similar::TextDiff;
use squire_rules::{Document, FileFacts, Fix, Language, ParseBudget, Project, RuleSet};

use super::Exit;
use super::analysis::{Analysis, Input, Problem};
use super::guard::guarded;
use super::in_order::{in_order, threads};
use super::output::{count, printable};
use super::read::{Content, read};
use crate::workspace::{Config, discover, report};

/// `squire fix`.
#[derive(clap::Args)]
pub struct Args {
    /// Files and folders; the current folder if none is named
    paths: Vec<PathBuf>,
    /// Only the findings of this rule; may be repeated
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Also apply fixes that change more than the weakness; their titles say what
    #[arg(long = "unsafe")]
    with_unsafe: bool,
    /// Print what would change and write nothing; the exit status is 1 if anything would
    #[arg(long)]
    diff: bool,
    /// Read no squire.toml, no .squire folder and no ignore files
    #[arg(long)]
    no_config: bool,
}

/// A fix may make another one possible; after so many rounds a file is left as it is.
const ROUNDS: usize = 10;

/// Repairs files, or says how.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let targets = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let config = if args.no_config { Config::none(Path::new(".")) } else { Config::find(&targets[0])? };
    let config = config.naming(&targets);
    let (rules, errors) = config.load_rules();
    for error in &errors {
        eprintln!("error: {error}");
    }
    if let Some(id) = args.rule.iter().find(|id| rules.get(id).is_none()) {
        anyhow::bail!("there is no rule `{id}`; `squire rules list` shows all");
    }
    let discovery = discover(&targets, &config);
    for (path, message) in &discovery.errors {
        eprintln!("error: {}: {message}", path.display());
    }
    let input = |found: crate::workspace::discover::Found| Input {
        path: found.path,
        named: found.named,
        text: None,
        language: None,
    };
    let analysis =
        Analysis { rules: &rules, config: &config, wanted: &|_, _, _| false, with_fixes: &|_| false };
    let inputs: Vec<Input> = discovery.files.into_iter().map(input).collect();
    let mut project = Project::default();
    let mut paths = Vec::new();
    let mut failed = false;
    in_order(
        threads(None),
        inputs.len(),
        &|index| survey(&analysis, &inputs[index]),
        &mut |index, survey| {
            let path = &inputs[index].path;
            if let Some(problem) = survey.problem {
                failed = true;
                eprintln!("error: {}: {}", problem.path.display(), problem.message);
            }
            if !survey.facts.is_empty() {
                paths.push(path);
            }
            for facts in survey.facts {
                project.insert(&config.absolute(path), facts);
            }
            Ok(())
        },
    )?;
    let repair = Repair { args, rules: &rules, config: &config, project: &project };
    let mut fixes = 0;
    let mut files = 0;
    let work = |index: usize| {
        guarded(|| repair.file(paths[index])).unwrap_or_else(|panic| Err(format!("internal error: {panic}")))
    };
    in_order(threads(None), paths.len(), &work, &mut |index, outcome| {
        match outcome {
            Ok(Some(repaired)) => {
                fixes += repaired.applied.len();
                files += 1;
                repaired.settle(paths[index], args.diff)?;
            }
            Ok(None) => {}
            Err(message) => {
                failed = true;
                eprintln!("error: {}: {message}", paths[index].display());
            }
        }
        Ok(())
    })?;
    let word = if args.diff { "would be applied" } else { "applied" };
    eprintln!("{} {word} in {}", fixes_in_words(fixes), count(files, "file"));
    Ok(match (errors.is_empty() && discovery.errors.is_empty(), failed, args.diff && fixes > 0) {
        (_, _, true) => Exit::Findings,
        (false, ..) => Exit::Usage,
        (_, true, _) => Exit::Internal,
        _ => Exit::Clean,
    })
}

fn fixes_in_words(number: usize) -> String {
    if number == 1 { "1 fix".to_owned() } else { format!("{number} fixes") }
}

/// What one file contributes to the project, and what is wrong with it.
struct Survey {
    facts: Vec<Arc<FileFacts>>,
    problem: Option<Problem>,
}

fn survey(analysis: &Analysis<'_>, input: &Input) -> Survey {
    let (documents, problem) = analysis.open(input);
    Survey { facts: documents.iter().map(|document| document.facts().clone()).collect(), problem }
}

struct Repair<'a> {
    args: &'a Args,
    rules: &'a RuleSet,
    config: &'a Config,
    project: &'a Project,
}

/// A file before and after.
struct Repaired {
    before: String,
    after: String,
    applied: Vec<Applied>,
}

struct Applied {
    rule_id: String,
    line: usize,
    title: String,
}

impl Repaired {
    fn settle(&self, path: &Path, diff: bool) -> anyhow::Result<()> {
        if diff {
            let name = path.to_string_lossy();
            let diff = TextDiff::from_lines(&self.before, &self.after);
            print!("{}", diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")));
            return Ok(());
        }
        super::replace::replace(path, self.after.as_bytes())?;
        for applied in &self.applied {
            let path = path.to_string_lossy();
            println!(
                "{}:{}: {} [{}]",
                printable(&path),
                applied.line,
                printable(&applied.title),
                applied.rule_id
            );
        }
        Ok(())
    }
}

/// A finding that is open, and the fix for it.
struct Candidate {
    rule_id: String,
    fingerprint: String,
    line: usize,
    fix: Fix,
}

/// One version of a file: how many findings of each rule it has, whether it parses, and what could be repaired.
struct Version {
    findings: BTreeMap<String, usize>,
    has_syntax_error: bool,
    candidates: Vec<Candidate>,
}

impl Version {
    /// Fixes are proven one by one; that several of them together keep their promise is checked here.
    fn is_worse_than(&self, other: &Version) -> bool {
        let more = |(id, number): (&String, &usize)| *number > other.findings.get(id).copied().unwrap_or(0);
        (self.has_syntax_error && !other.has_syntax_error) || self.findings.iter().any(more)
    }
}

impl Repair<'_> {
    fn file(&self, path: &Path) -> Result<Option<Repaired>, String> {
        let before = match read(path, 0)? {
            Content::Text(text) => text,
            Content::Lossy(..) => return Err("is not UTF-8 and is not changed".to_owned()),
            Content::Binary => return Ok(None),
        };
        let Some(language) = Language::of_file(path, &before) else { return Ok(None) };
        let mut text = before.clone();
        let mut version = self.version(path, language, &text)?;
        let mut applied = Vec::new();
        let mut given_up = HashSet::new();
        for _ in 0..ROUNDS {
            let all = chosen(&version.candidates, &given_up, usize::MAX);
            if all.is_empty() {
                break;
            }
            let mut chosen_now = all;
            let mut next_text = apply(&text, &chosen_now);
            let mut next = self.version(path, language, &next_text)?;
            if next.is_worse_than(&version) && chosen_now.len() > 1 {
                chosen_now = chosen(&version.candidates, &given_up, 1);
                next_text = apply(&text, &chosen_now);
                next = self.version(path, language, &next_text)?;
            }
            given_up.extend(chosen_now.iter().map(|candidate| candidate.fingerprint.clone()));
            if next.is_worse_than(&version) {
                continue;
            }
            applied.extend(chosen_now.into_iter().map(|candidate| Applied {
                rule_id: candidate.rule_id.clone(),
                line: candidate.line,
                title: candidate.fix.title.clone(),
            }));
            text = next_text;
            version = next;
        }
        Ok((text != before).then_some(Repaired { before, after: text, applied }))
    }

    fn version(&self, path: &Path, language: Language, text: &str) -> Result<Version, String> {
        let mut document =
            Document::new(&self.config.absolute(path), language, text).in_folder(&self.config.root);
        let time = Duration::from_millis(self.config.settings.budget.file_ms);
        let budget = ParseBudget { time, cancel: None };
        document.analyze(self.rules, budget).map_err(|interrupt| interrupt.to_string())?;
        let mut findings = BTreeMap::new();
        let mut candidates = Vec::new();
        for reported in report(&document, self.rules, self.project, self.config) {
            let finding = reported.finding;
            *findings.entry(finding.rule.id.clone()).or_default() += 1;
            let is_wanted = self.args.rule.is_empty() || self.args.rule.contains(&finding.rule.id);
            if reported.suppressed.is_some() || !is_wanted {
                continue;
            }
            let fixes = document.fixes(self.rules, self.project, &finding);
            let fix =
                fixes.into_iter().find(|fix| (fix.safe || self.args.with_unsafe) && !fix.edits.is_empty());
            candidates.extend(fix.map(|fix| Candidate {
                rule_id: finding.rule.id.clone(),
                fingerprint: finding.fingerprint.clone(),
                line: document.source().rope().byte_to_line(finding.range.start) + 1,
                fix,
            }));
        }
        let has_syntax_error = document.source().tree().is_some_and(|tree| tree.root_node().has_error());
        Ok(Version { findings, has_syntax_error, candidates })
    }
}

/// The first fixes that do not touch each other. Two that insert at one place (the same import, say) wait for
/// each other: in the next round the second one may not need it any more.
fn chosen<'c>(candidates: &'c [Candidate], given_up: &HashSet<String>, at_most: usize) -> Vec<&'c Candidate> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut chosen = Vec::new();
    for candidate in candidates.iter().filter(|candidate| !given_up.contains(&candidate.fingerprint)) {
        let ranges = || candidate.fix.edits.iter().map(|edit| edit.range.clone());
        let is_free = ranges()
            .all(|range| taken.iter().all(|other| range.end < other.start || other.end < range.start));
        if is_free && chosen.len() < at_most {
            taken.extend(ranges());
            chosen.push(candidate);
        }
    }
    chosen
}

fn apply(text: &str, chosen: &[&Candidate]) -> String {
    let mut edits: Vec<_> = chosen.iter().flat_map(|candidate| candidate.fix.edits.iter().cloned()).collect();
    edits.sort_by_key(|edit| edit.range.start);
    Fix { title: String::new(), safe: true, edits }.apply(text)
}

#[cfg(test)]
mod tests {
    use squire_rules::TextEdit;

    use super::*;

    fn candidate(fingerprint: &str, range: Range<usize>, text: &str) -> Candidate {
        let edits = vec![TextEdit { range, text: text.to_owned() }];
        let fix = Fix { title: String::new(), safe: true, edits };
        Candidate { rule_id: "r".into(), fingerprint: fingerprint.into(), line: 1, fix }
    }

    #[test]
    fn fixes_that_touch_wait_for_each_other() {
        let all = [candidate("a", 0..1, "A"), candidate("b", 1..2, "B"), candidate("c", 3..4, "D")];
        let first = chosen(&all, &HashSet::new(), usize::MAX);
        assert_eq!(apply("abcd", &first), "AbcD");
        let given_up = first.iter().map(|candidate| candidate.fingerprint.clone()).collect();
        assert_eq!(apply("AbcD", &chosen(&all, &given_up, usize::MAX)), "ABcD");
        assert_eq!(chosen(&all, &HashSet::new(), 1).len(), 1);
    }
}
