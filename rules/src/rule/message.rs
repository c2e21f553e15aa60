//! Messages and fix templates with their metavariables filled in.

use std::borrow::Cow;

/// Replaces `$X`, `$...XS` and `$1` by what they stand for. What stands for nothing stays as it is written.
pub(crate) fn interpolate<'v>(template: &str, value: &dyn Fn(&str) -> Option<Cow<'v, str>>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let prefix = if rest.starts_with("$...") { "$...".len() } else { 1 };
        let name = rest[prefix..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len() - prefix);
        let mut end = prefix + name;
        // The longest known name wins: `$XS` may be `$X` with an s.
        let known = loop {
            if end == prefix {
                break None;
            }
            if let Some(text) = value(&rest[..end]) {
                break Some(text);
            }
            end -= 1;
        };
        match known {
            Some(text) => {
                out.push_str(&text);
                rest = &rest[end..];
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::interpolate;

    #[test]
    fn metavariables_are_filled_in() {
        let value = |name: &str| match name {
            "$X" => Some("a.b".into()),
            "$...ARGS" => Some("1, 2".into()),
            _ => None,
        };
        assert_eq!(
            interpolate("f($X, $...ARGS) costs $5, $Xs, $Y", &value),
            "f(a.b, 1, 2) costs $5, a.bs, $Y"
        );
    }
}
