//! Compiles pattern text to a tree with holes.

use regex::Regex;
use rustc_hash::FxHashMap;

use super::holes::{Hole, fill, hole_index, is_script};
use crate::language::{Language, template};
use crate::source::{ParseBudget, Source};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text, lower};

/// A compiled pattern of one language.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub ast: Ast,
    pub root: Root,
    /// What the nodes of the kinds that only patterns have stand for; their `hash` is the index.
    pub holes: Vec<PatternHole>,
    /// `a.b.c` of the names without holes, to compare with imported names.
    pub dotted: FxHashMap<NodeId, String>,
    /// Where the pattern is a statement or a member: one that ends the tree around it.
    pub language: Language,
}

/// What a pattern is a pattern of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// One node.
    Node(NodeId),
    /// Statements (or members, entries) that follow each other.
    Sequence(Vec<NodeId>),
}

/// What a node of a pattern-only kind stands for.
#[derive(Clone, Debug)]
pub(crate) enum PatternHole {
    Metavar(String),
    Anything,
    Ellipsis,
    Metavars(String),
    Deep,
    Typed(String, String),
    /// `"..."`
    AnyString,
    /// `` `...` `` and `f"..."`: with or without interpolation, but of that kind.
    AnyTemplate,
    /// `"$X"`
    StringMetavar(String),
    /// `"=~/re/"`
    StringRegex(Regex),
    /// `/.../`
    AnyRegex,
    /// `/$X/`
    RegexMetavar(String),
}

/// Why a pattern cannot be used, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line} of the pattern)")]
pub(crate) struct PatternError {
    pub message: String,
    /// 1-based, in the pattern.
    pub line: usize,
}

/// Something to write around a pattern so that the grammar accepts it.
#[derive(Clone, Copy)]
struct Frame {
    before: &'static str,
    /// What completes the pattern; becomes part of it.
    completion: &'static str,
    after: &'static str,
}

const fn inside(before: &'static str, after: &'static str) -> Frame {
    Frame { before, completion: "", after }
}

const fn completed(completion: &'static str) -> Frame {
    Frame { before: "", completion, after: "\n" }
}

const AS_IT_IS: Frame = completed("");
const IN_PARENTHESES: Frame = inside("(", "\n)");
/// The hole is an ellipsis.
const WITH_BODY: Frame = completed(" { squire_hole_0 }");
const ENTRY: Frame = inside("({\n", "\n})");
const HANDLER: Frame = inside("try {} ", "\n");
const AFTER_IF: Frame = inside("if (squire_value) {} ", "\n");

/// What JavaScript patterns are parts of, the most usual first.
const SCRIPT_FRAMES: &[Frame] = &[
    AS_IT_IS,
    IN_PARENTHESES,
    inside("class squire_class {\n", "\n}"),
    WITH_BODY,
    Frame { before: "class squire_class {\n", completion: " { squire_hole_0 }", after: "\n}" },
    ENTRY,
    inside("switch (squire_value) {\n", "\n}"),
    HANDLER,
    AFTER_IF,
    inside("function squire_function(", ") {}"),
    inside("", "\nclass squire_class {}"),
    inside("(squire_function(", "\n))"),
];

const PYTHON_FRAMES: &[Frame] = &[
    AS_IT_IS,
    IN_PARENTHESES,
    inside("", "\ndef squire_function(): pass\n"),
    completed("\n    squire_hole_0\n"),
    completed(":\n    squire_hole_0\n"),
    inside("try:\n    pass\n", "\n"),
    inside("{", "\n}"),
    inside("squire_function(", "\n)"),
    inside("def squire_function(", "): pass\n"),
    inside("match squire_value:\n", "\n"),
    inside("if squire_value:\n    pass\n", "\n"),
];

const MARKUP_FRAMES: &[Frame] = &[AS_IT_IS];

/// The frames in which a pattern is tried. Some texts parse as something that nobody means, so they are read
/// in another frame first: `{ a: 1 }` is no block with a label, `catch (e) {}` no call.
fn frames(text: &str, language: Language) -> Vec<Frame> {
    let usual = match language {
        language if is_script(language) => SCRIPT_FRAMES,
        Language::Python => PYTHON_FRAMES,
        _ => MARKUP_FRAMES,
    };
    let mut frames = Vec::with_capacity(usual.len() + 1);
    if is_script(language) {
        frames.extend(first_frame(text));
    }
    frames.extend(usual);
    frames
}

fn first_frame(text: &str) -> Option<Frame> {
    let text = text.trim();
    let word_end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let rest = rest.trim_start();
    let is_block = text.ends_with('}') || text.ends_with(';');
    match word {
        "" if text.starts_with('{') => Some(IN_PARENTHESES),
        "async" if rest.starts_with("function") => first_frame(rest),
        "function" if rest.trim_start_matches('*').trim_start().starts_with('(') => Some(IN_PARENTHESES),
        "class" if rest.starts_with('{') => Some(IN_PARENTHESES),
        "catch" | "finally" => Some(HANDLER),
        "else" => Some(AFTER_IF),
        "function" | "class" | "if" | "while" | "for" | "switch" | "try" if !is_block => Some(WITH_BODY),
        "default" | "case" => None,
        "" => match text.strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((_, rest)) if rest.trim_start().starts_with(':') => Some(ENTRY),
            _ => None,
        },
        _ if rest.starts_with(':') => Some(ENTRY),
        _ => None,
    }
}

impl Pattern {
    /// Compiles pattern text as code of `language`.
    pub fn compile(text: &str, language: Language) -> Result<Pattern, PatternError> {
        let text = dedent(text);
        let text = text.trim_end();
        if text.trim().is_empty() {
            return Err(PatternError { message: "the pattern is empty".to_owned(), line: 1 });
        }
        if let Some((code, inside)) = template::pattern_code(language, text) {
            // Only the code in the tag has holes; the markup around it is an example of where it stands.
            let filled = fill(&text[code.clone()], inside);
            let whole = format!("{}{}{}", &text[..code.start], filled.text, &text[code.end..]);
            let ast = template::lower_text(language, &whole);
            if !ast.is_empty() {
                return finish(ast, Root::Node(Ast::ROOT), filled.holes, language);
            }
        }
        let filled = fill(text, language);
        let mut line = None;
        for text in [Some(filled.text.clone()), attributes(&filled.text, language)].into_iter().flatten() {
            for frame in frames(&text, language) {
                let mut holes = filled.holes.clone();
                let completion = complete(frame.completion, &mut holes);
                let inner = frame.before.len()..frame.before.len() + text.len() + completion.len();
                let whole = format!("{}{text}{completion}{}", frame.before, frame.after);
                match parse(&whole, language) {
                    Ok(ast) => {
                        if let Some(root) = root_of(&ast, &frame, inner) {
                            return finish(ast, root, holes, language);
                        }
                    }
                    Err(error) => line = line.or(Some(error)),
                }
            }
        }
        let line = line.unwrap_or(1).min(text.lines().count().max(1));
        let near = text.lines().nth(line - 1).unwrap_or("").trim();
        let message = format!("the pattern does not parse as {language}, near `{near}`");
        Err(PatternError { message, line })
    }

    pub fn hole(&self, id: NodeId) -> &PatternHole {
        &self.holes[self.ast.node(id).hash as usize]
    }

    /// Whether the node stands for any number of siblings.
    pub fn is_dots(&self, id: NodeId) -> bool {
        matches!(self.ast.kind(id), Kind::Ellipsis | Kind::MetavarEllipsis)
    }

    /// The names that the pattern can bind.
    pub fn metavars(&self) -> impl Iterator<Item = &str> {
        self.holes.iter().filter_map(|hole| match hole {
            PatternHole::Metavar(name)
            | PatternHole::Metavars(name)
            | PatternHole::Typed(name, _)
            | PatternHole::StringMetavar(name)
            | PatternHole::RegexMetavar(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// Removes the indentation that all lines share, so that a block of YAML reads like a file of Python.
fn dedent(text: &str) -> String {
    let indent = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or("")).collect();
    lines.join("\n").trim_start_matches('\n').to_owned()
}

/// The completion with its own hole, an ellipsis.
fn complete(completion: &str, holes: &mut Vec<Hole>) -> String {
    if !completion.contains("squire_hole_0") {
        return completion.to_owned();
    }
    holes.push(Hole::Ellipsis);
    completion.replace("squire_hole_0", &format!("squire_hole_{}", holes.len() - 1))
}

/// `<a href=$X>`: the grammar wants braces around the value.
fn attributes(text: &str, language: Language) -> Option<String> {
    if !is_script(language) || !text.contains("=squire_hole_") {
        return None;
    }
    let mut pieces = text.split("=squire_hole_");
    let mut out = pieces.next()?.to_owned();
    for piece in pieces {
        let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        out.push_str(&format!("={{squire_hole_{}}}{}", &piece[..digits], &piece[digits..]));
    }
    Some(out)
}

/// Parses and lowers; the error is the 1-based line of the first syntax error.
fn parse(text: &str, language: Language) -> Result<Ast, usize> {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).map_err(|_| 1usize)?;
    let tree = source.tree().ok_or(1usize)?;
    let root = tree.root_node();
    if root.has_error() {
        return Err(first_error(root));
    }
    Ok(lower(root, source.rope(), language.table()))
}

fn first_error(root: tree_sitter::Node<'_>) -> usize {
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return node.start_position().row + 1;
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return 1;
            }
        }
    }
}

/// The topmost nodes of what was the pattern's text.
fn root_of(ast: &Ast, frame: &Frame, inner: std::ops::Range<usize>) -> Option<Root> {
    if ast.is_empty() {
        return None;
    }
    let mut nodes = Vec::new();
    if frame.before.is_empty() && frame.after == AS_IT_IS.after {
        nodes.extend(ast.children(Ast::ROOT));
    } else {
        let mut open = vec![Ast::ROOT];
        while let Some(id) = open.pop() {
            let range = ast.range(id);
            if id != Ast::ROOT && inner.start <= range.start && range.end <= inner.end {
                nodes.push(id);
            } else {
                open.extend(ast.children(id).collect::<Vec<_>>().into_iter().rev());
            }
        }
    }
    match nodes.as_slice() {
        [] => None,
        [only] => Some(Root::Node(*only)),
        _ => Some(Root::Sequence(nodes)),
    }
}

fn finish(mut ast: Ast, root: Root, holes: Vec<Hole>, language: Language) -> Result<Pattern, PatternError> {
    let mut marker = Marker {
        holes: holes
            .into_iter()
            .map(|hole| match hole {
                Hole::Metavar(name) => PatternHole::Metavar(name),
                Hole::Anything => PatternHole::Anything,
                Hole::Ellipsis => PatternHole::Ellipsis,
                Hole::Metavars(name) => PatternHole::Metavars(name),
                Hole::Deep => PatternHole::Deep,
                Hole::Typed(name, ty) => PatternHole::Typed(name, ty),
            })
            .collect(),
    };
    for id in 0..ast.nodes.len() as NodeId {
        marker.mark(&mut ast, id)?;
    }
    // Boxes around dots are dots. From the leaves up, since boxes can be in boxes.
    for id in (0..ast.nodes.len() as NodeId).rev() {
        unbox(&mut ast, id);
    }
    let dotted = dotted_names(&ast);
    Ok(Pattern { ast, root, holes: marker.holes, dotted, language })
}

struct Marker {
    holes: Vec<PatternHole>,
}

impl Marker {
    fn mark(&mut self, ast: &mut Ast, id: NodeId) -> Result<(), PatternError> {
        match ast.kind(id) {
            Kind::Ident | Kind::Shorthand | Kind::StrPart => self.mark_name(ast, id),
            Kind::Call => {
                if let Some(callee) = ast.slot(id, Slot::Callee)
                    && let Some(index) = hole_index(ast.text(callee))
                    && matches!(self.holes.get(index), Some(PatternHole::Deep))
                {
                    set(ast, id, Kind::Deep, index);
                }
            }
            Kind::Str => return self.mark_string(ast, id),
            Kind::Regex => self.mark_regex(ast, id),
            _ => {}
        }
        Ok(())
    }

    fn mark_name(&mut self, ast: &mut Ast, id: NodeId) {
        let text = ast.text(id);
        if ast.kind(id) == Kind::StrPart {
            let text = text.trim();
            if text == "..." {
                self.push(ast, id, Kind::Ellipsis, PatternHole::Ellipsis);
                return;
            }
            if text.strip_prefix("$...").is_some_and(|name| !name.is_empty() && !name.contains(' ')) {
                let hole = PatternHole::Metavars(text.to_owned());
                self.push(ast, id, Kind::MetavarEllipsis, hole);
                return;
            }
            if super::metavar_name(text).is_some_and(|name| name.len() + 1 == text.len()) {
                let hole = PatternHole::Metavar(text.to_owned());
                self.push(ast, id, Kind::Metavar, hole);
                return;
            }
        }
        let Some(index) = hole_index(text) else { return };
        let kind = match self.holes.get(index) {
            Some(PatternHole::Metavar(_) | PatternHole::Anything) => Kind::Metavar,
            Some(PatternHole::Ellipsis) => Kind::Ellipsis,
            Some(PatternHole::Metavars(_)) => Kind::MetavarEllipsis,
            Some(PatternHole::Typed(..)) => Kind::Typed,
            _ => return,
        };
        set(ast, id, kind, index);
    }

    fn mark_string(&mut self, ast: &mut Ast, id: NodeId) -> Result<(), PatternError> {
        let content = ast.string_content(id);
        let hole = if content == "..." && is_template(ast.text(id)) {
            PatternHole::AnyTemplate
        } else if content == "..." {
            PatternHole::AnyString
        } else if super::metavar_name(content).is_some_and(|name| name.len() + 1 == content.len()) {
            PatternHole::StringMetavar(content.to_owned())
        } else if let Some(name) = content.strip_prefix("$...").filter(|name| !name.is_empty()) {
            PatternHole::StringMetavar(format!("$...{name}"))
        } else if let Some(regex) = content.strip_prefix("=~/") {
            let (body, flags) = regex.rsplit_once('/').unwrap_or((regex, ""));
            let flags: String = flags.chars().filter(|c| "imsx".contains(*c)).collect();
            let body = if flags.is_empty() { body.to_owned() } else { format!("(?{flags}){body}") };
            let line = ast.text[..ast.range(id).start].lines().count().max(1);
            let regex = Regex::new(&body)
                .map_err(|error| PatternError { message: format!("in `{content}`: {error}"), line })?;
            PatternHole::StringRegex(regex)
        } else {
            return Ok(());
        };
        self.push(ast, id, Kind::StrPattern, hole);
        Ok(())
    }

    fn mark_regex(&mut self, ast: &mut Ast, id: NodeId) {
        let text = ast.text(id);
        let Some(content) =
            text.strip_prefix('/').and_then(|text| text.rsplit_once('/')).map(|(body, _)| body)
        else {
            return;
        };
        if content == "..." {
            self.push(ast, id, Kind::StrPattern, PatternHole::AnyRegex);
        } else if super::metavar_name(content).is_some_and(|name| name.len() + 1 == content.len()) {
            let hole = PatternHole::RegexMetavar(content.to_owned());
            self.push(ast, id, Kind::StrPattern, hole);
        }
    }

    fn push(&mut self, ast: &mut Ast, id: NodeId, kind: Kind, hole: PatternHole) {
        self.holes.push(hole);
        set(ast, id, kind, self.holes.len() - 1);
    }
}

/// Whether a string is written so that it can interpolate.
pub(super) fn is_template(text: &str) -> bool {
    let prefix = text.split(['"', '\'', '`']).next().unwrap_or("");
    text.starts_with('`') || prefix.contains(['f', 'F', 't', 'T'])
}

fn set(ast: &mut Ast, id: NodeId, kind: Kind, index: usize) {
    let node = &mut ast.nodes[id as usize];
    node.kind = kind;
    node.hash = index as u64;
}

/// `**...` among entries, `...;` among members, `...` as a parameter with its box or an attribute of JSX
/// stand for any number of what their box is.
fn unbox(ast: &mut Ast, id: NodeId) {
    let boxes = matches!(
        ast.kind(id),
        Kind::Type
            | Kind::Spread
            | Kind::Assign
            | Kind::Param
            | Kind::JsxAttr
            | Kind::Attribute
            | Kind::ImportName
    );
    if !boxes {
        return;
    }
    let mut children = ast.children(id);
    let (Some(only), None) = (children.next(), children.next()) else { return };
    let dots = matches!(ast.kind(only), Kind::Ellipsis)
        || (ast.kind(only) == Kind::MetavarEllipsis && !matches!(ast.kind(id), Kind::Assign | Kind::Type));
    if dots {
        let node = *ast.node(only);
        let target = &mut ast.nodes[id as usize];
        target.kind = node.kind;
        target.hash = node.hash;
    }
}

fn dotted_names(ast: &Ast) -> FxHashMap<NodeId, String> {
    let mut dotted = FxHashMap::default();
    for id in 0..ast.nodes.len() as NodeId {
        if matches!(ast.kind(id), Kind::Ident | Kind::Member)
            && let Some(name) = ast.dotted(id).filter(|_| no_holes(ast, id))
        {
            dotted.insert(id, name);
        }
    }
    dotted
}

fn no_holes(ast: &Ast, id: NodeId) -> bool {
    ast.subtree(id).all(|id| matches!(ast.kind(id), Kind::Ident | Kind::Member))
}

/// The hash by which a name of a pattern finds its candidates.
pub(crate) fn last_name_hash(dotted: &str) -> u64 {
    hash_text(dotted.rsplit('.').next().unwrap_or(dotted))
}
