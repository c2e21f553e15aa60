//! YAML with the place of every value, so that an error in a rule can say where it is.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

/// A value and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Yaml {
    pub at: Place,
    pub value: Value,
}

/// A position in a rule file, both 1-based, the column in Unicode scalar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

/// What YAML can say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A scalar; `plain` if it was written without quotes, so that `true` and `7` may be more than text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Yaml>),
    Map(Vec<(Yaml, Yaml)>),
}

/// Text that is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub at: Place,
    pub message: String,
}

/// Rule files nest a dozen levels; more than this is no rule file.
const MAX_DEPTH: usize = 64;
/// What aliases may multiply a file to.
const MAX_NODES: usize = 1_000_000;

/// Reads the first document of a text.
pub(crate) fn parse(text: &str) -> Result<Yaml, YamlError> {
    let mut parser = Parser::new_from_str(text);
    let mut reader = Reader::default();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| YamlError {
            at: Place { line: error.marker().line(), column: error.marker().col() + 1 },
            message: format!("this is not YAML: {error}"),
        })?;
        let at = Place { line: span.start.line(), column: span.start.col() + 1 };
        match event {
            Event::DocumentEnd => break,
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                reader.finish(Yaml { at, value }, anchor)?;
            }
            Event::SequenceStart(_, anchor, _) => reader.open(at, anchor, Value::List(Vec::new()))?,
            Event::MappingStart(_, anchor, _) => reader.open(at, anchor, Value::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => reader.close()?,
            Event::Alias(anchor) => {
                let known = reader.anchors.iter().find(|(id, _)| *id == anchor);
                let value = known
                    .map(|(_, yaml)| yaml.clone())
                    .ok_or_else(|| YamlError { at, message: "this alias refers to nothing".to_owned() })?;
                reader.finish(value, 0)?;
            }
            _ => {}
        }
    }
    let empty = Yaml { at: Place { line: 1, column: 1 }, value: Value::Map(Vec::new()) };
    Ok(reader.document.unwrap_or(empty))
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    anchors: Vec<(usize, Yaml)>,
    document: Option<Yaml>,
    nodes: usize,
}

struct Open {
    yaml: Yaml,
    anchor: usize,
    key: Option<Yaml>,
}

impl Reader {
    fn open(&mut self, at: Place, anchor: usize, value: Value) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError { at, message: "this is nested too deeply".to_owned() });
        }
        self.open.push(Open { yaml: Yaml { at, value }, anchor, key: None });
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.finish(open.yaml, open.anchor)
    }

    fn finish(&mut self, yaml: Yaml, anchor: usize) -> Result<(), YamlError> {
        self.nodes += yaml.count();
        if self.nodes > MAX_NODES {
            return Err(YamlError { at: yaml.at, message: "the file is too large".to_owned() });
        }
        if anchor != 0 {
            self.anchors.push((anchor, yaml.clone()));
        }
        let Some(open) = self.open.last_mut() else {
            self.document.get_or_insert(yaml);
            return Ok(());
        };
        match &mut open.yaml.value {
            Value::List(items) => items.push(yaml),
            Value::Map(entries) => match open.key.take() {
                None => open.key = Some(yaml),
                Some(key) => entries.push((key, yaml)),
            },
            Value::Scalar { .. } => {}
        }
        Ok(())
    }
}

impl Yaml {
    fn count(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(items) => 1 + items.iter().map(Yaml::count).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|(_, value)| 1 + value.count()).sum::<usize>(),
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[(Yaml, Yaml)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Yaml]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        self.entries()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// `true` or `false`, written plainly.
    pub fn bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, .. } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A scalar or a list of scalars, as texts.
    pub fn texts(&self) -> Option<Vec<String>> {
        match &self.value {
            Value::Scalar { text, .. } => Some(vec![text.clone()]),
            Value::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            Value::Map(_) => None,
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } => "a value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Where in a file the byte `offset` of a scalar's text stands, for a scalar that starts at `at`. Where the file
/// writes the text otherwise than it is (escapes, folded lines), the scalar's own place.
pub(crate) fn place_inside(file: &str, at: Place, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or("").chars().count();
    let lines: Vec<&str> = file.lines().collect();
    let Some(first) = at.line.checked_sub(1).and_then(|line| lines.get(line)) else { return at };
    let rest: String = first.chars().skip(at.column.saturating_sub(1)).collect();
    // A block starts where its text does; what makes it one stands at the end of the line above.
    let above = at.line.checked_sub(2).and_then(|line| lines.get(line)).map_or("", |line| line.trim_end());
    let is_block =
        above.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+')).ends_with('|');
    let found = if is_block {
        Place { line: at.line + line, column: at.column + column }
    } else if line == 0 {
        Place { line: at.line, column: at.column + usize::from(rest.starts_with(['"', '\''])) + column }
    } else {
        return at;
    };
    // Whatever was assumed, the text must stand there.
    let wanted: String = text[before.len()..].chars().take_while(|c| *c != '\n').take(8).collect();
    let there = lines.get(found.line - 1).map(|line| line.chars().skip(found.column - 1).collect::<String>());
    if there.is_some_and(|there| there.starts_with(&wanted)) { found } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let yaml = parse("rules:\n  - id: a\n    n: [x, 'y']\n").unwrap();
        let rule = &yaml.get("rules").unwrap().items().unwrap()[0];
        assert_eq!(rule.get("id").unwrap().at, Place { line: 2, column: 9 });
        assert_eq!(rule.get("n").unwrap().texts().unwrap(), ["x", "y"]);
    }

    #[test]
    fn what_stands_inside_a_scalar_has_a_place() {
        let file = "a: |\n  one\n  two(x)\nb: f(x)\nc: 'g(y)'\nd: \"\\u0061(z)\"\n";
        let yaml = parse(file).unwrap();
        let place = |key: &str, what: &str| {
            let value = yaml.get(key).unwrap();
            let text = value.text().unwrap();
            let place = place_inside(file, value.at, text, text.find(what).unwrap());
            (place.line, place.column)
        };
        assert_eq!(place("a", "x"), (3, 7));
        assert_eq!(place("b", "x"), (4, 6));
        assert_eq!(place("c", "y"), (5, 7));
        assert_eq!(place("d", "z"), (6, 4), "an escape: the scalar itself");
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let previous = level - 1;
            let aliases = vec![format!("*a{previous}"); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(parse(&text).unwrap_err().message, "the file is too large");
    }

    #[test]
    fn an_error_says_where() {
        assert_eq!(parse("a: [1,\nb: ]: x").unwrap_err().at.line, 2);
    }
}
