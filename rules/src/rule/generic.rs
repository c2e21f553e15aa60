//! Patterns of text that has no grammar (`languages: [generic]`), as regular expressions: words and signs in
//! order, whatever white space lies between them.

/// More lines than this are not skipped by one `...`.
const MAX_LINES: usize = 10;

/// The regular expression that a pattern of text means.
pub(super) fn regex_of(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern.trim();
    let mut bound: Vec<&str> = Vec::new();
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let space = rest.len() - rest.trim_start().len();
        if space > 0 {
            rest = &rest[space..];
            continue;
        }
        let after_word = out.ends_with("\\b");
        if !first && !out.ends_with("*?") {
            out.push_str("\\s*");
        }
        first = false;
        if let Some(after) = rest.strip_prefix("...") {
            out.push_str(&format!("(?:[^\\n]*\\n?){{0,{MAX_LINES}}}?[^\\n]*?"));
            rest = after;
        } else if let Some(name) = crate::pattern::metavar_name(rest) {
            match bound.contains(&name) {
                // A group can only be defined once; a second occurrence is not compared.
                true => out.push_str("\\w+"),
                false => out.push_str(&format!("(?P<{name}>\\w+)")),
            }
            bound.push(name);
            rest = &rest[1 + name.len()..];
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if !after_word {
                out.push_str("\\b");
            }
            out.push_str(&rest[..end]);
            out.push_str("\\b");
            rest = &rest[end..];
        } else {
            out.push_str(&regex::escape(&c.to_string()));
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::regex_of;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(
            regex::Regex::new(&regex_of(pattern)).unwrap().is_match(text),
            expected,
            "{pattern} on {text}"
        );
    }

    #[test]
    fn text_is_matched_word_by_word() {
        check("<$TAG ...", "a <b c", true);
        check("<$TAG ...", "a < 1", true);
        check("<$TAG", "a <", false);
        check("a b", "a\n  b", true);
        check("ab", "xab", false);
        check("http:// ... .com", "http://x.y.com", true);
        check("server { ... }", "server {\n listen 80;\n}", true);
    }
}
