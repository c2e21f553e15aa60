//! Fingerprints: the same weakness keeps its name while the file changes around it.

use crate::finding::Finding;
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// Of the rule, the code without layout and comments, and the functions and classes around it. Hex digits.
pub(super) fn fingerprint(rule: &str, ast: &Ast, node: NodeId) -> String {
    let mut code = String::new();
    for id in ast.subtree(node) {
        let leaf = ast.node(id);
        if leaf.size == 1 {
            code.push_str(ast.text(id));
            code.push('\u{1f}');
        }
    }
    fingerprint_of(&[rule, &code, &scope_path(ast, node)])
}

/// Of the parts, by FNV-1a: the value is stored in baselines, so it must not change with a library.
pub(super) fn fingerprint_of(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// `Clinic.delete` for code in the method `delete` of the class `Clinic`.
pub(super) fn scope_path(ast: &Ast, node: NodeId) -> String {
    let scopes = ast.ancestors(node).filter(|&id| matches!(ast.kind(id), Kind::Function | Kind::Class));
    let names = scopes.filter_map(|id| ast.slot(id, Slot::Name)).map(|name| ast.text(name));
    let mut names: Vec<&str> = names.collect();
    names.reverse();
    names.join(".")
}

/// Tells equal findings of one file apart by their order.
pub(super) fn number_repeats(findings: &mut [Finding]) {
    let mut seen = rustc_hash::FxHashMap::<String, usize>::default();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{}-{count}", finding.fingerprint);
        }
    }
}
