//! The rules of one analysis, with everything that is computed once for all files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::index::Index;
use super::lint::{place_of, unknown_kind};
use super::read::read_file;
use super::{CompiledRule, MarkKind, Mode, Paths, Rule, RuleError, RuleFile};
use crate::finding::{Confidence, Severity};
use crate::flow::{FlowRule, Models};
use crate::language::Language;

/// The files that ship inside the binary, by path below the folder.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

pub(super) use self::embedded::{MODELS, PACK_TESTS, PACKS};

/// The rule files that ship inside the binary.
pub fn builtin_packs() -> Vec<RuleFile> {
    let file = |(name, text): &(&str, &str)| RuleFile {
        path: Path::new("packs").join(name),
        text: (*text).to_owned(),
    };
    PACKS.iter().map(file).collect()
}

/// The rules of one analysis, compiled, with the models they refer to. Immutable and shared.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Sorted by id; those of `compiled`, in the same order.
    rules: Vec<Arc<Rule>>,
    compiled: Vec<CompiledRule>,
    models: Models,
    /// By language.
    flow: [Vec<FlowRule>; Language::ALL.len()],
    /// Built for the languages that occur.
    indexes: [OnceLock<Index>; Language::ALL.len()],
}

/// What a rule set is made of.
#[derive(Clone, Debug, Default)]
pub struct RuleSources {
    /// Whether the built-in packs take part (`--no-builtin` says no). Built-in models always do.
    pub builtin: bool,
    /// Further rule files.
    pub rules: Vec<RuleFile>,
    /// Further model files (`.squire/models`).
    pub models: Vec<RuleFile>,
    /// Ids of built-in rules (or packs, by their name) that are switched off.
    pub disabled: Vec<String>,
    /// Severities that replace those of the rules, by rule id.
    pub severities: Vec<(String, Severity)>,
    /// Rules below this confidence are left out.
    pub confidence: Option<Confidence>,
}

impl RuleSet {
    /// The packs and models that ship inside the binary. Compiled once per process.
    pub fn builtin() -> Arc<RuleSet> {
        static BUILTIN: OnceLock<Arc<RuleSet>> = OnceLock::new();
        BUILTIN
            .get_or_init(|| RuleSet::load(&RuleSources { builtin: true, ..RuleSources::default() }).0)
            .clone()
    }

    /// Compiles a rule set. Rules with errors are left out and reported; the others are usable.
    pub fn load(sources: &RuleSources) -> (Arc<RuleSet>, Vec<RuleError>) {
        let (set, errors) = RuleSet::compile(sources);
        (Arc::new(set), errors)
    }

    /// The same without `paths:` filters, which files of tests seldom satisfy.
    pub(super) fn load_everywhere(sources: &RuleSources) -> (Arc<RuleSet>, Vec<RuleError>) {
        let (mut set, errors) = RuleSet::compile(sources);
        set.compiled.iter_mut().for_each(|rule| rule.paths = Paths::default());
        (Arc::new(set), errors)
    }

    fn compile(sources: &RuleSources) -> (RuleSet, Vec<RuleError>) {
        let mut errors = Vec::new();
        let mut compiled = Vec::new();
        if sources.builtin {
            for (name, text) in embedded::PACKS {
                let pack = name.trim_end_matches(".yaml");
                let file = RuleFile { path: Path::new("packs").join(name), text: (*text).to_owned() };
                let mut rules = read_file(&file, pack, true, &mut errors);
                rules.retain(|rule| !sources.disabled.iter().any(|off| off == pack || *off == rule.rule.id));
                compiled.append(&mut rules);
            }
        }
        for file in &sources.rules {
            compiled.append(&mut read_file(file, &file.path.display().to_string(), false, &mut errors));
        }
        let mut models: Vec<RuleFile> = embedded::MODELS
            .iter()
            .map(|(name, text)| RuleFile { path: Path::new("models").join(name), text: (*text).to_owned() })
            .collect();
        models.extend(sources.models.iter().cloned());
        let models = Models::compile(&models, &mut errors);
        let known = errors.len();
        let set = RuleSet::assemble(compiled, models, sources, &mut errors);
        // What shows only when all is put together has lost its place.
        for error in &mut errors[known..] {
            let file = sources.rules.iter().find(|file| file.path == error.path);
            let named = error.message.split('`').nth(1);
            if let Some(at) = file.zip(named).and_then(|(file, named)| place_of(&file.text, named)) {
                (error.line, error.column) = (at.line, at.column);
            }
        }
        (set, errors)
    }

    fn assemble(
        mut compiled: Vec<CompiledRule>,
        models: Models,
        sources: &RuleSources,
        errors: &mut Vec<RuleError>,
    ) -> RuleSet {
        compiled.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        // Of two rules with one id the built-in one stays.
        compiled.dedup_by(|second, first| {
            let twice = second.rule.id == first.rule.id;
            if twice {
                errors.push(RuleError {
                    rule_id: Some(second.rule.id.clone()),
                    path: second.rule.path.clone().unwrap_or_else(|| PathBuf::from(&second.rule.pack)),
                    line: 1,
                    column: 1,
                    message: format!("there is another rule with the id `{}`", second.rule.id),
                });
            }
            twice
        });
        if let Some(least) = sources.confidence {
            compiled.retain(|rule| rule.rule.confidence >= least);
        }
        for (id, severity) in &sources.severities {
            for compiled in compiled.iter_mut().filter(|compiled| compiled.rule.id == *id) {
                if let Some(rule) = Arc::get_mut(&mut compiled.rule) {
                    rule.severity = *severity;
                }
            }
        }
        let flow = flow_rules(&compiled, &models, errors);
        let rules = compiled.iter().map(|compiled| compiled.rule.clone()).collect();
        RuleSet { rules, compiled, models, flow, indexes: Default::default() }
    }

    /// What libraries mean.
    pub(crate) fn models(&self) -> &Models {
        &self.models
    }

    /// What the taint rules ask of the interpreter.
    pub(crate) fn flow_rules(&self, language: Language) -> &[FlowRule] {
        &self.flow[language as usize]
    }

    /// The compiled rule of that id.
    pub(crate) fn compiled_rule(&self, id: &str) -> Option<&CompiledRule> {
        let index = self.compiled.binary_search_by(|compiled| compiled.rule.id.as_str().cmp(id)).ok()?;
        Some(&self.compiled[index])
    }

    /// The rules of that language that an analysis in Rust answers, by the analysis's name.
    pub(crate) fn model_rules(&self, name: &str, language: Language) -> impl Iterator<Item = Arc<Rule>> {
        self.compiled
            .iter()
            .filter(move |compiled| compiled.rule.languages.contains(&language))
            .filter(move |compiled| matches!(&compiled.mode, Mode::Model(model) if model == name))
            .map(|compiled| compiled.rule.clone())
    }

    /// The compiled rules, in the order of [`RuleSet::rules`].
    pub(crate) fn compiled(&self) -> &[CompiledRule] {
        &self.compiled
    }

    /// Whether any rule is about elements of HTML.
    pub(crate) fn reads_elements(&self) -> bool {
        !self.index(Language::Html).is_empty()
    }

    /// Whether any rule looks at the text of files of that language.
    pub(crate) fn reads_text(&self, language: Language) -> bool {
        self.compiled.iter().any(|rule| rule.text && rule.rule.languages.contains(&language))
    }

    /// Which patterns may match which nodes of a language.
    pub(super) fn index(&self, language: Language) -> &Index {
        self.indexes[language as usize].get_or_init(|| Index::new(&self.compiled, language))
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok().map(|index| &self.rules[index])
    }
}

/// The taint rules as bits of the models' kinds; a kind that no model has is reported.
fn flow_rules(
    compiled: &[CompiledRule],
    models: &Models,
    errors: &mut Vec<RuleError>,
) -> [Vec<FlowRule>; Language::ALL.len()] {
    let mut out = [const { Vec::new() }; Language::ALL.len()];
    for (index, compiled) in compiled.iter().enumerate() {
        let Mode::Taint(spec) = &compiled.mode else { continue };
        let mut bits = |marks: &[super::Mark]| -> u64 {
            let mut bits = 0;
            for mark in marks {
                let MarkKind::Model(name) = &mark.kind else { continue };
                match models.kind(name) {
                    Some(kind) => bits |= 1 << kind,
                    None => errors.push(RuleError {
                        rule_id: Some(compiled.rule.id.clone()),
                        path: compiled
                            .rule
                            .path
                            .clone()
                            .unwrap_or_else(|| PathBuf::from(&compiled.rule.pack)),
                        line: 1,
                        column: 1,
                        message: unknown_kind(name, models),
                    }),
                }
            }
            bits
        };
        let (sources, sinks) = (bits(&spec.sources), bits(&spec.sinks));
        for language in &compiled.rule.languages {
            out[*language as usize].push(FlowRule { rule: index, sources, sinks });
        }
    }
    out
}
