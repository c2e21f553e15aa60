//! Python's `%` and `.format`: the text first, then the values.

use super::{Escapes, Reader, content_range, literals_of};
use crate::analyze::At;
use crate::syntax::{Kind, Slot};

impl Reader<'_, '_> {
    /// `"… %s …" % x`, with a tuple, a dictionary or one value.
    pub(super) fn percent(&mut self, at: At) -> Option<()> {
        let code = self.code;
        let (text, values) = (code.child(at, Slot::Left)?, code.child(at, Slot::Right)?);
        let operands_of = |at: At| code.children(at);
        let (positional, named) = match code.kind(values) {
            Kind::Tuple => (operands_of(values), None),
            Kind::Object => (Vec::new(), Some(values)),
            Kind::Spread | Kind::Comprehension | Kind::Array => return None,
            _ => (vec![values], None),
        };
        let mut positional = positional.into_iter();
        for part in literals_of(code, text)? {
            let (content, _) = content_range(code, code.range(part))?;
            let mut holes = Vec::new();
            let mut offset = content.start;
            while let Some(found) = code.str(offset..content.end).find('%') {
                let start = offset + found;
                let rest = code.str(start + 1..content.end);
                if rest.starts_with('%') {
                    offset = start + 2;
                    continue;
                }
                let (name, conversion) = match rest.strip_prefix('(') {
                    Some(rest) => {
                        let (name, conversion) = rest.split_once(')')?;
                        (Some(name), conversion)
                    }
                    None => (None, rest),
                };
                if !conversion.starts_with(['s', 'd', 'i']) {
                    return None;
                }
                let end = content.end - conversion.len() + 1;
                let value = match (name, named) {
                    (Some(name), Some(named)) => code.property(named, name)?.1,
                    (None, None) => positional.next()?,
                    _ => return None,
                };
                holes.push((start..end, value, code.source(value).to_owned()));
                offset = end;
            }
            self.literal(part, Escapes::Percent, &mut holes.into_iter())?;
        }
        if positional.next().is_some() {
            return None;
        }
        // Parentheses around the text stay with the text.
        let gap = code.str(code.range(text).end..code.range(values).start);
        let percent = code.range(text).end + gap.rfind('%')?;
        let before = code.str(code.range(text).end..percent);
        let start = percent - (before.len() - before.trim_end().len());
        self.flat.formats.push(start..code.range(at).end);
        Some(())
    }

    /// `"… {} {0} {name} …".format(…)`.
    pub(super) fn format(&mut self, at: At) -> Option<()> {
        let code = self.code;
        let callee = code.child(at, Slot::Callee)?;
        let text = code.child(callee, Slot::Object)?;
        let args = code.args(at);
        if args.iter().any(|&arg| code.kind(arg) == Kind::Spread) {
            return None;
        }
        let positional: Vec<At> =
            args.iter().copied().filter(|&arg| code.kind(arg) != Kind::Keyword).collect();
        let mut next = 0;
        for part in literals_of(code, text)? {
            let (content, _) = content_range(code, code.range(part))?;
            let mut holes = Vec::new();
            let mut offset = content.start;
            while let Some(found) = code.str(offset..content.end).find('{') {
                let start = offset + found;
                if code.str(start + 1..content.end).starts_with('{') {
                    offset = start + 2;
                    continue;
                }
                let end = start + code.str(start..content.end).find('}')? + 1;
                let field = code.str(start + 1..end - 1);
                let value = if field.is_empty() {
                    next += 1;
                    positional.get(next - 1).copied()?
                } else if let Ok(index) = field.parse::<usize>() {
                    positional.get(index).copied()?
                } else {
                    code.keyword(at, field)?.1
                };
                holes.push((start..end, value, code.source(value).to_owned()));
                offset = end;
            }
            self.literal(part, Escapes::Braces, &mut holes.into_iter())?;
        }
        // From the dot on: parentheses around the text stay with the text.
        let gap = code.str(code.range(text).end..code.range(callee).end);
        let dot = code.range(text).end + gap.find('.')?;
        let before = code.str(code.range(text).end..dot);
        let start = dot - (before.len() - before.trim_end().len());
        self.flat.formats.push(start..code.range(at).end);
        Some(())
    }
}
