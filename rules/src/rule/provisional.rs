//! Loads the rules that need no patterns, until the pattern language lands.

use std::path::Path;
use std::sync::Arc;

use super::{FixStatus, Rule, RuleError, RuleFile, RuleSet};
use crate::finding::{Confidence, Severity};
use crate::flow::{FlowRule, Models};

pub(super) fn load() -> (Arc<RuleSet>, Vec<RuleError>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut errors = Vec::new();
    let models = Models::compile(&read(&root.join("models")), &mut errors);
    let mut set = RuleSet { models, ..RuleSet::default() };
    for file in read(&root.join("packs")) {
        let Ok(value) = serde_saphyr::from_str::<serde_json::Value>(&file.text) else { continue };
        for rule in value["rules"].as_array().into_iter().flatten() {
            let text = |key: &str| rule[key].as_str().unwrap_or("").to_owned();
            let list = |key: &str| -> Vec<String> {
                rule["metadata"][key]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .collect()
            };
            let mut languages: Vec<crate::Language> = rule["languages"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|v| v.as_str()?.parse().ok())
                .collect();
            if languages.contains(&crate::Language::TypeScript) {
                languages.push(crate::Language::Tsx);
            }
            let model = text("model");
            let taint = rule["mode"].as_str() == Some("taint");
            if model.is_empty() && !taint {
                continue;
            }
            let id = text("id");
            if taint {
                let mask = |key: &str| {
                    rule[key]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|v| set.models.kind(v["model"].as_str()?))
                        .fold(0u64, |m, k| m | 1 << k)
                };
                let (sources, sinks) = (mask("pattern-sources"), mask("pattern-sinks"));
                for language in &languages {
                    set.flow.entry(*language).or_default().push(FlowRule {
                        rule: set.rules.len(),
                        sources,
                        sinks,
                    });
                }
            }
            set.model_of.insert(id.clone(), model);
            set.fixers.insert(id.clone(), rule["metadata"]["fixer"].as_str().unwrap_or("").to_owned());
            set.rules.push(Arc::new(Rule {
                id,
                languages,
                severity: if text("severity") == "ERROR" { Severity::Error } else { Severity::Warning },
                confidence: Confidence::High,
                message: text("message"),
                cwe: list("cwe"),
                owasp: list("owasp"),
                lesson: rule["metadata"]["lesson"].as_str().map(str::to_owned),
                technology: list("technology"),
                references: list("references"),
                fix_status: FixStatus::Safe,
                pack: String::new(),
                path: None,
            }));
        }
    }
    (Arc::new(set), errors)
}

fn read(root: &Path) -> Vec<RuleFile> {
    let mut out = Vec::new();
    for folder in std::fs::read_dir(root).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let path = file.path();
            if path.extension().is_some_and(|e| e == "yaml") {
                out.push(RuleFile { text: std::fs::read_to_string(&path).unwrap_or_default(), path });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
