//! From flags to what is analysed with what.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use squire_rules::{Language, RuleError, RuleSet};

use super::{Args, pattern};
use crate::cli::analysis::{Input, Problem, ProblemKind};
use crate::cli::git::{AddedLines, Repository};
use crate::cli::read::{Content, decode};
use crate::workspace::baseline::Baseline;
use crate::workspace::config::read_rule_files;
use crate::workspace::{Config, discover};

/// Everything a scan needs.
pub struct Setup {
    pub config: Config,
    pub rules: Arc<RuleSet>,
    pub inputs: Vec<Input>,
    pub added: Option<AddedLines>,
    pub problems: Vec<Problem>,
}

/// Reads configuration, rules and the list of files.
///
/// # Errors
/// What makes the whole scan pointless: a broken configuration or baseline, no rules, no such revision.
pub fn prepare(args: &Args) -> anyhow::Result<Setup> {
    let targets = targets(args);
    let config = configure(args, &targets)?;
    let mut problems = Vec::new();
    let rules = rules(args, &config, &mut problems)?;
    let added = match &args.diff {
        Some(revision) => Some(Repository::around(&folder_of(&targets[0]))?.added_since(revision)?),
        None => None,
    };
    let inputs = if args.stdin {
        vec![standard_input(args, &mut problems)?]
    } else {
        files(&targets, &config, &mut problems)
    };
    Ok(Setup { config, rules, inputs, added, problems })
}

fn targets(args: &Args) -> Vec<PathBuf> {
    if args.stdin {
        return vec![stdin_name(args)];
    }
    if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() }
}

fn configure(args: &Args, targets: &[PathBuf]) -> anyhow::Result<Config> {
    let mut config = if args.no_config { Config::none(Path::new(".")) } else { Config::find(&targets[0])? };
    if let Some(file) = &args.baseline {
        config.baseline = Baseline::read(file, &config.root)?;
    }
    if args.write_baseline.is_some() {
        // The new baseline lists everything that is there.
        config.baseline = Baseline::default();
    }
    if let Some(size) = args.max_file_size {
        config.settings.budget.max_file_size = size;
    }
    config.confidence = args.confidence.map(Into::into);
    config.threads = args.jobs.unwrap_or(0);
    Ok(config.naming(targets).exclude_also(&args.exclude)?)
}

fn rules(args: &Args, config: &Config, problems: &mut Vec<Problem>) -> anyhow::Result<Arc<RuleSet>> {
    let pattern = pattern::rule(args)?;
    let is_plain = pattern.is_none() && args.rules.is_empty() && !args.no_builtin;
    let (rules, errors) = if is_plain {
        config.load_rules()
    } else {
        let (mut sources, mut errors) = config.rule_sources();
        if pattern.is_some() {
            sources.rules.clear();
        }
        sources.builtin &= !args.no_builtin && pattern.is_none();
        for path in &args.rules {
            sources.rules.extend(read_rule_files(path, &mut errors));
        }
        let of_pattern = pattern.as_ref().map(|file| file.path.clone());
        sources.rules.extend(pattern);
        if !sources.builtin && sources.rules.is_empty() && errors.is_empty() {
            bail!("there are no rules to run: --no-builtin wants --rules or --pattern");
        }
        let (rules, more) = RuleSet::load(&sources);
        // A pattern has no lines of its own: those of the rule made for it would mislead.
        let (own, more): (Vec<_>, Vec<_>) =
            more.into_iter().partition(|error| Some(&error.path) == of_pattern.as_ref());
        problems.extend(
            own.into_iter().map(|error| Problem { message: error.message.clone(), ..rule_problem(error) }),
        );
        errors.extend(more);
        (rules, errors)
    };
    problems.extend(errors.into_iter().map(rule_problem));
    Ok(rules)
}

/// A rule that cannot be used, as an error of the report.
pub fn rule_problem(error: RuleError) -> Problem {
    let message = format!("{}:{}: {}", error.line, error.column, error.message);
    Problem { kind: ProblemKind::Rule, rule_id: error.rule_id, path: error.path, message }
}

fn files(targets: &[PathBuf], config: &Config, problems: &mut Vec<Problem>) -> Vec<Input> {
    let discovery = discover(targets, config);
    problems.extend(discovery.errors.into_iter().map(|(path, message)| {
        let kind = ProblemKind::MissingTarget;
        Problem { kind, rule_id: None, path, message }
    }));
    let input = |found: crate::workspace::discover::Found| Input {
        path: found.path,
        named: found.named,
        text: None,
        language: None,
    };
    discovery.files.into_iter().map(input).collect()
}

fn standard_input(args: &Args, problems: &mut Vec<Problem>) -> anyhow::Result<Input> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("standard input cannot be read")?;
    let path = stdin_name(args);
    let text = match decode(bytes) {
        Content::Text(text) => text,
        Content::Lossy(text, wrong) => {
            let message = format!("is not UTF-8; {wrong} byte(s) were read as `?`");
            problems.push(Problem { kind: ProblemKind::Note, rule_id: None, path: path.clone(), message });
            text
        }
        Content::Binary => bail!("standard input is binary"),
    };
    let language = match &args.lang {
        Some(name) => Some(name.parse::<Language>()?),
        None => None,
    };
    if language.is_none() && Language::of_name(&path).is_none() {
        bail!(
            "the language of standard input is not known: name it with --lang, or a file with --stdin-filename"
        );
    }
    Ok(Input { path, named: true, text: Some(text), language })
}

fn stdin_name(args: &Args) -> PathBuf {
    args.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("<stdin>"))
}

fn folder_of(target: &Path) -> PathBuf {
    if target.is_dir() { target.to_owned() } else { target.parent().unwrap_or(Path::new(".")).to_owned() }
}
