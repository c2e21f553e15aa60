//! Any edits of any text: no panic, and at a pause the findings of a fresh open.
//!
//! The input is read as: a byte for the language, then edits (where, how much, what) until it ends.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use squire_rules::{Document, Language, ParseBudget, Project, RuleSet};

fuzz_target!(|data: &[u8]| {
    let Some((&language, mut rest)) = data.split_first() else { return };
    let language = Language::ALL[language as usize % Language::ALL.len()];
    let rules = RuleSet::builtin();
    let path = Path::new("file");
    let mut document = Document::new(path, language, "");
    while rest.len() >= 5 {
        let (head, tail) = rest.split_at(5);
        let start = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let end = start + usize::from(head[2]);
        let length = usize::from(head[3]).min(tail.len());
        document.edit(start..end, &String::from_utf8_lossy(&tail[..length]));
        if head[4] % 2 == 0 {
            document.analyze(&rules, ParseBudget::default()).expect("the budget is large");
        }
        rest = &tail[length..];
    }
    document.settle(&rules, ParseBudget::default()).expect("the budget is large");
    let mut fresh = Document::new(path, language, &document.source().text());
    fresh.analyze(&rules, ParseBudget::default()).expect("the budget is large");
    let seen = |document: &Document| {
        let findings = document.findings(&Project::default());
        let line = |f: &squire_rules::Finding| (f.rule.id.clone(), f.range.clone(), f.message.clone());
        findings.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(seen(&document), seen(&fresh));
});
