//! `--pattern`: one pattern as a rule set.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;
use squire_rules::RuleFile;

use super::Args;

/// The rule for `--pattern` or `--pattern-file`, if one was given. Its id is `-`, as with other tools.
///
/// # Errors
/// The file with the pattern cannot be read.
pub fn rule(args: &Args) -> anyhow::Result<Option<RuleFile>> {
    let (path, pattern) = match (&args.pattern, &args.pattern_file) {
        (Some(pattern), _) => (PathBuf::from("--pattern"), pattern.clone()),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            (file.clone(), text)
        }
        (None, None) => return Ok(None),
    };
    let language = args.lang.as_deref().unwrap_or_default();
    // JSON is YAML, and quotes whatever the pattern holds.
    let rule = json!({"rules": [{
        "id": "-",
        "languages": [language],
        "severity": "ERROR",
        "message": pattern.trim(),
        "pattern": pattern,
    }]});
    Ok(Some(RuleFile { path, text: rule.to_string() }))
}
