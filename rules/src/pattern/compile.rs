//! Compiles pattern text to a tree with holes.

use regex::Regex;
use rustc_hash::FxHashMap;

use super::holes::{Hole, fill, hole_index, is_script};
use crate::language::Language;
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
struct Frame {
    before: &'static str,
    after: &'static str,
    /// Whether the pattern is everything that was written (it was only completed), or what lies inside.
    completes: bool,
}

const fn inside(before: &'static str, after: &'static str) -> Frame {
    Frame { before, after, completes: false }
}

const fn completed(after: &'static str) -> Frame {
    Frame { before: "", after, completes: true }
}

const AS_IT_IS: Frame = completed("\n");

/// What JavaScript patterns are parts of, the most usual first.
const SCRIPT_FRAMES: &[Frame] = &[
    AS_IT_IS,
    inside("(", "\n)"),
    inside("class squire_class {\n", "\n}"),
    completed(" { squire_hole_0 }"),
    inside("({\n", "\n})"),
    inside("switch (squire_value) {\n", "\n}"),
    inside("try {} ", "\n"),
    inside("function squire_function(", ") {}"),
    inside("", "\nclass squire_class {}"),
    inside("(squire_function(", "\n))"),
];

/// `{ … }` and `function (…) { … }` are expressions, whatever a statement could make of them.
const SCRIPT_EXPRESSION_FRAMES: &[Frame] = &[inside("(", "\n)"), AS_IT_IS];

const PYTHON_FRAMES: &[Frame] = &[
    AS_IT_IS,
    inside("(", "\n)"),
    inside("", "\ndef squire_function(): pass\n"),
    completed("\n    squire_hole_0\n"),
    inside("try:\n    pass\n", "\n"),
    inside("{", "\n}"),
    inside("squire_function(", "\n)"),
    inside("def squire_function(", "): pass\n"),
    inside("match squire_value:\n", "\n"),
];

const MARKUP_FRAMES: &[Frame] = &[AS_IT_IS];

impl Pattern {
    /// Compiles pattern text as code of `language`.
    pub fn compile(text: &str, language: Language) -> Result<Pattern, PatternError> {
        let text = dedent(text);
        let text = text.trim_end();
        if text.trim().is_empty() {
            return Err(PatternError { message: "the pattern is empty".to_owned(), line: 1 });
        }
        let filled = fill(text, language);
        let mut failure = None;
        for frame in frames(&filled.text, language) {
            let mut holes = filled.holes.clone();
            let before = frame.before.to_owned();
            let after = complete(frame, &mut holes);
            let whole = format!("{before}{}{after}", filled.text);
            match parse(&whole, language) {
                Ok(ast) => {
                    let inner = before.len()..before.len() + filled.text.len();
                    if let Some(root) = root_of(&ast, frame, inner) {
                        return finish(ast, root, holes, language);
                    }
                }
                Err(line) if failure.is_none() => failure = Some(line),
                Err(_) => {}
            }
        }
        let line = failure.unwrap_or(1);
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

fn frames(text: &str, language: Language) -> &'static [Frame] {
    match language {
        language if is_script(language) => {
            let head = text.trim_start().trim_start_matches("async").trim_start();
            let anonymous = head
                .strip_prefix("function")
                .is_some_and(|rest| rest.trim_start().trim_start_matches('*').trim_start().starts_with('('));
            let anonymous_class =
                head.strip_prefix("class").is_some_and(|rest| rest.trim_start().starts_with('{'));
            if text.starts_with('{') || anonymous || anonymous_class {
                SCRIPT_EXPRESSION_FRAMES
            } else {
                SCRIPT_FRAMES
            }
        }
        Language::Python => PYTHON_FRAMES,
        _ => MARKUP_FRAMES,
    }
}

/// The text after the pattern; the hole in it, if any, becomes an ellipsis of its own.
fn complete(frame: &Frame, holes: &mut Vec<Hole>) -> String {
    if !frame.after.contains("squire_hole_0") {
        return frame.after.to_owned();
    }
    holes.push(Hole::Ellipsis);
    frame.after.replace("squire_hole_0", &format!("squire_hole_{}", holes.len() - 1))
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
    if frame.completes {
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
        if ast.kind(id) == Kind::StrPart && text.trim() == "..." {
            self.push(ast, id, Kind::Ellipsis, PatternHole::Ellipsis);
            return;
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
        let hole = if content == "..." {
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
        Kind::Spread | Kind::Assign | Kind::Param | Kind::JsxAttr | Kind::Attribute | Kind::ImportName
    );
    if !boxes {
        return;
    }
    let mut children = ast.children(id);
    let (Some(only), None) = (children.next(), children.next()) else { return };
    let dots = matches!(ast.kind(only), Kind::Ellipsis)
        || (ast.kind(only) == Kind::MetavarEllipsis && ast.kind(id) != Kind::Assign);
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
