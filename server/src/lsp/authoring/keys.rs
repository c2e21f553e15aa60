//! What the keys of rules and models mean: `keys.md`, a section a key, grouped by where the key stands.

use std::sync::LazyLock;

use squire_rules::Authored;

/// A key, as `keys.md` describes it.
pub struct Key {
    /// Where it stands: `rule`, `formula`, `taint`, `mark`, `metadata`, `options` or `models`.
    group: &'static str,
    /// As it is written.
    pub name: &'static str,
    /// Markdown: a sentence or two and an example.
    pub text: &'static str,
}

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = Vec::new();
    for group in include_str!("keys.md").split("\n# ") {
        let mut sections = group.split("\n## ");
        let group = sections.next().unwrap_or("").trim_start_matches("# ").trim();
        for section in sections {
            if let Some((name, text)) = section.split_once('\n') {
                keys.push(Key { group, name: name.trim(), text: text.trim() });
            }
        }
    }
    keys
});

/// What is said about the key at that place of the text (line and byte in it, from 0): its words and, in the line,
/// its bytes.
pub fn describe(
    kind: Authored,
    text: &str,
    line: usize,
    byte: usize,
) -> Option<(&'static Key, std::ops::Range<usize>)> {
    let lines: Vec<&str> = text.lines().collect();
    let here = lines.get(line)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let byte = byte.min(here.len());
    let start = here.get(..byte)?.rfind(|c| !is_part(c)).map_or(0, |at| at + 1);
    let end = here[byte..].find(|c| !is_part(c)).map_or(here.len(), |at| byte + at);
    // `- key:`, `key:` and `{ key: …, key: … }` are keys; a word elsewhere is not.
    if start >= end || !here[end..].trim_start().starts_with(':') {
        return None;
    }
    let before = here[..start].trim_start();
    if !before.trim_start_matches(['-', ' ']).is_empty() && !before.trim_end().ends_with(['{', ',', '[']) {
        return None;
    }
    let groups = groups(kind, &lines, line, start);
    let name = &here[start..end];
    let key =
        groups.iter().find_map(|group| KEYS.iter().find(|key| key.group == *group && key.name == name))?;
    Some((key, start..end))
}

/// The keys that can stand at that place.
pub fn complete(kind: Authored, text: &str, line: usize, byte: usize) -> Vec<&'static Key> {
    let lines: Vec<&str> = text.lines().collect();
    let here = lines.get(line).copied().unwrap_or("");
    let before = here.get(..byte.min(here.len())).unwrap_or("");
    let typed = before.trim_start().trim_start_matches(['-', ' ']);
    if typed.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
        return Vec::new();
    }
    let groups = groups(kind, &lines, line, before.len() - typed.len());
    KEYS.iter().filter(|key| groups.contains(&key.group)).collect()
}

/// Which keys a place can have, by the keys that it is indented below.
fn groups(kind: Authored, lines: &[&str], line: usize, start: usize) -> &'static [&'static str] {
    if kind == Authored::Models {
        return &["models"];
    }
    let mut indent = start;
    let mut parents = Vec::new();
    // In braces, the key before them is the parent.
    let inline =
        lines.get(line).and_then(|here| here.get(..start)).and_then(|before| before.rsplit_once('{'));
    if let Some((before, _)) = inline {
        parents.extend(before.trim_end().trim_end_matches([':', '[', ' ']).rsplit([' ', ',']).next());
        indent = lines[line].len() - lines[line].trim_start_matches([' ', '-']).len();
    }
    for above in lines[..line.min(lines.len())].iter().rev() {
        let content = above.trim_start_matches([' ', '-']);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let column = above.len() - content.len();
        if column < indent {
            indent = column;
            parents.extend(content.split(':').next());
        }
        if indent == 0 {
            break;
        }
    }
    match parents.iter().find(|parent| {
        matches!(**parent, "metadata" | "options" | "rules")
            || (parent.starts_with("pattern") && KEYS.iter().any(|key| key.name == **parent))
            || parent.starts_with("metavariable-")
    }) {
        Some(&"metadata") => &["metadata"],
        Some(&"options") => &["options"],
        Some(&("pattern-sources" | "pattern-sinks" | "pattern-sanitizers" | "pattern-propagators")) => {
            &["formula", "mark", "rule"]
        }
        Some(&"rules") | None => &["rule", "formula", "taint"],
        Some(_) => &["formula"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "rules:
  - id: a
    metadata:
      cwe: []
    options: { symmetric_eq: true }
    patterns:
      - pattern: eval($X)
      - pattern-inside: |
          id: 1
    pattern-sinks:
      - pattern: x
        exact: true
";

    fn at(line: usize, byte: usize) -> Option<&'static str> {
        describe(Authored::Rules, RULE, line, byte).map(|(key, _)| key.name)
    }

    #[test]
    fn keys_are_known_by_where_they_stand() {
        assert_eq!(at(1, 5), Some("id"));
        assert_eq!(at(3, 7), Some("cwe"));
        assert_eq!(at(4, 20), Some("symmetric_eq"));
        assert_eq!(at(6, 9), Some("pattern"));
        assert_eq!(at(6, 18), None, "code is no key");
        assert_eq!(at(11, 9), Some("exact"));
        let names = |line, byte| -> Vec<_> {
            complete(Authored::Rules, RULE, line, byte).iter().map(|key| key.name).collect()
        };
        assert!(names(3, 7).contains(&"owasp") && !names(3, 7).contains(&"pattern"));
        assert!(names(6, 10).contains(&"pattern-not") && !names(6, 10).contains(&"cwe"));
    }

    #[test]
    fn every_key_that_is_read_is_described() {
        for key in squire_rules::known_keys() {
            assert!(KEYS.iter().any(|known| known.name == key), "`{key}` is not in keys.md");
        }
        assert!(KEYS.iter().all(|key| key.text.contains("```yaml\n")), "each with an example");
    }
}
