//! Compiles pattern text to a tree with holes.

use std::ops::Range;

use regex::Regex;
use rustc_hash::FxHashMap;

use super::holes::{Hole, PREFIX, fill, hole_index, hole_name};
use super::rendering::{Accepted, Renderer};
use crate::language::{Frame, Language, template};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text, strip_quotes};

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
                return finish(ast, Root::Node(Ast::ROOT), filled.holes, &[], language);
            }
        }
        let filled = fill(text, language);
        let mut line = None;
        for text in [Some(filled.text.clone()), attributes(&filled.text, language)].into_iter().flatten() {
            let found = Renderer::new(language, &text, &filled).find(|accepted| {
                let root = root_of(&accepted.ast, &accepted.frame, accepted.inner.clone(), language)?;
                Some((accepted, root))
            });
            match found {
                Ok((accepted, root)) => {
                    let Accepted { ast, holes, boxes, .. } = accepted;
                    return finish(ast, root, holes, &boxes, language);
                }
                Err(error) => line = line.or(Some(error)),
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

/// `<a href=$X>`: the grammar wants braces around the value.
fn attributes(text: &str, language: Language) -> Option<String> {
    if language == Language::Json {
        return without_last_commas(text);
    }
    if !language.is_script() || !text.contains("=squire_hole_") {
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

/// `[1, 2,]` is a list to those who write patterns and none to the grammar.
fn without_last_commas(text: &str) -> Option<String> {
    let comma = Regex::new(r",(\s*(?:[}\]]|$))").ok()?;
    let cleaned = comma.replace_all(text, "$1");
    (cleaned != text).then(|| cleaned.into_owned())
}

/// The topmost nodes of what was the pattern's text.
fn root_of(ast: &Ast, frame: &Frame, inner: Range<usize>, language: Language) -> Option<Root> {
    if ast.is_empty() {
        return None;
    }
    let mut nodes = Vec::new();
    if frame.before.is_empty() && frame.after == Frame::AS_IT_IS.after {
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
        // The frame has made statements of a program in another language.
        [only]
            if ast.kind(*only) == Kind::Block
                && !frame.before.is_empty()
                && language == Language::Dockerfile =>
        {
            let statements: Vec<NodeId> = ast.children(*only).collect();
            match statements.as_slice() {
                [] => None,
                [statement] => Some(Root::Node(*statement)),
                _ => Some(Root::Sequence(statements)),
            }
        }
        [only] if language == Language::Yaml => Some(Root::Node(entry(ast, *only))),
        [only] => Some(Root::Node(*only)),
        _ => Some(Root::Sequence(nodes)),
    }
}

/// A mapping with one pair, or a list with one item that is written with a dash, describes that entry wherever it
/// stands.
fn entry(ast: &Ast, id: NodeId) -> NodeId {
    let mut children = ast.children(id);
    match (ast.kind(id), children.next(), children.next()) {
        (Kind::Object, Some(only), None) if ast.kind(only) == Kind::Pair => only,
        (Kind::Array, Some(only), None) if !ast.text(id).starts_with('[') => only,
        _ => id,
    }
}

fn finish(
    mut ast: Ast,
    mut root: Root,
    holes: Vec<Hole>,
    boxes: &[(Range<usize>, usize)],
    language: Language,
) -> Result<Pattern, PatternError> {
    for (range, hole) in boxes {
        open_box(&mut ast, &mut root, range, *hole);
    }
    let words = language.definition().writing.words;
    if words {
        close_commands(&mut ast, &mut root);
    } else {
        close_strings(&mut ast, &mut root);
    }
    let mut marker = Marker {
        words,
        holes: holes
            .into_iter()
            .map(|hole| {
                Ok(match hole {
                    Hole::Metavar(name) => PatternHole::Metavar(name),
                    Hole::Anything => PatternHole::Anything,
                    Hole::Ellipsis => PatternHole::Ellipsis,
                    Hole::Metavars(name) => PatternHole::Metavars(name),
                    Hole::Deep => PatternHole::Deep,
                    Hole::Typed(name, ty) => PatternHole::Typed(name, ty),
                    // The string says one backslash with two.
                    Hole::Regex(regex) => return regex_hole(&regex.replace("\\\\", "\\")),
                })
            })
            .collect::<Result<_, _>>()?,
    };
    for id in 0..ast.nodes.len() as NodeId {
        marker.mark(&mut ast, id)?;
    }
    // Boxes around dots are dots. From the leaves up, since boxes can be in boxes.
    for id in (0..ast.nodes.len() as NodeId).rev() {
        unbox(&mut ast, id);
    }
    close_chains(&mut ast, &mut root);
    let dotted = dotted_names(&ast);
    Ok(Pattern { ast, root, holes: marker.holes, dotted, language })
}

/// `o. ...` is no statement in some languages, but `o. ...()` is: the call is taken away again.
fn close_chains(ast: &mut Ast, root: &mut Root) {
    let mut id = 0;
    while (id as usize) < ast.nodes.len() {
        let callee = ast.slot(id, Slot::Callee).filter(|&callee| ast.kind(callee) == Kind::Member);
        let property = callee.and_then(|callee| ast.slot(callee, Slot::Property));
        let dots = property.is_some_and(|property| ast.kind(property) == Kind::Ellipsis);
        if ast.kind(id) == Kind::Call && dots && ast.children(id).count() == 1 {
            hoist(ast, root, id);
        }
        id += 1;
    }
}

/// Puts the only child of a node into its place.
fn hoist(ast: &mut Ast, root: &mut Root, id: NodeId) {
    let outer = *ast.node(id);
    let mut up = ast.parent(id);
    while let Some(node) = up {
        ast.nodes[node as usize].size -= 1;
        up = ast.parent(node);
    }
    ast.nodes.remove(id as usize);
    ast.nodes[id as usize].slot = outer.slot;
    for (index, node) in ast.nodes.iter_mut().enumerate().skip(id as usize) {
        if index == id as usize {
            node.parent = if outer.parent == id { id } else { outer.parent };
        } else if node.parent > id {
            node.parent -= 1;
        }
    }
    let moved = |node: &mut NodeId| {
        if *node > id {
            *node -= 1;
        }
    };
    match root {
        Root::Node(node) => moved(node),
        Root::Sequence(nodes) => nodes.iter_mut().for_each(moved),
    }
}

/// What a hole was written as becomes one identifier again.
fn open_box(ast: &mut Ast, root: &mut Root, range: &Range<usize>, hole: usize) {
    let inside = |id: &NodeId| {
        let own = ast.range(*id);
        *id != Ast::ROOT && range.start <= own.start && own.end <= range.end
    };
    let Some(id) = (0..ast.nodes.len() as NodeId).find(inside) else { return };
    prune(ast, root, id);
    let node = &mut ast.nodes[id as usize];
    node.kind = Kind::Ident;
    let name = hole_name(hole);
    // The name is inside of what it is written as.
    if let Some(at) = ast.text.get(range.clone()).and_then(|text| text.find(&name)) {
        let start = (range.start + at) as u32;
        let node = &mut ast.nodes[id as usize];
        (node.start, node.end) = (start, start + name.len() as u32);
    }
}

/// Where strings interpolate variables, `"$X"` has one that no program has.
fn close_strings(ast: &mut Ast, root: &mut Root) {
    let mut id = 0;
    while (id as usize) < ast.nodes.len() {
        let content = ast.string_content(id);
        if ast.kind(id) == Kind::Template
            && super::metavar_name(content).is_some_and(|name| name.len() + 1 == content.len())
        {
            prune(ast, root, id);
            ast.nodes[id as usize].kind = Kind::Str;
        }
        id += 1;
    }
}

/// Removes what is below a node.
fn prune(ast: &mut Ast, root: &mut Root, id: NodeId) {
    let removed = ast.node(id).size - 1;
    ast.prune(id);
    let moved = |node: &mut NodeId| {
        if *node > id {
            *node -= removed;
        }
    };
    match root {
        Root::Node(node) => moved(node),
        Root::Sequence(nodes) => nodes.iter_mut().for_each(moved),
    }
}

/// A word alone stands for any such word, as a command or elsewhere; a hole alone is a command of any kind.
fn close_commands(ast: &mut Ast, root: &mut Root) {
    if let Root::Node(id) = *root
        && ast.kind(id) == Kind::Call
        && ast.node(id).size > 1
        && ast.children(id).nth(1).is_none()
        && !ast.text.trim_end().ends_with(';')
    {
        *root = Root::Node(id + 1);
    }
    let mut id = 0;
    while (id as usize) < ast.nodes.len() {
        let text = ast.text(id);
        if ast.kind(id) == Kind::Unary
            && ast.kind(ast.node(id).parent) == Kind::Template
            && super::metavar_name(text).is_some_and(|name| name.len() + 1 == text.len())
        {
            // `"$X"` describes what is expanded in the string.
            prune(ast, root, id);
            ast.nodes[id as usize].kind = Kind::Ident;
        }
        let only = ast.children(id).next().filter(|_| ast.children(id).nth(1).is_none());
        if ast.kind(id) == Kind::Call
            && *root != Root::Node(id + 1)
            && let Some(callee) = only
            && ast.kind(callee) == Kind::Str
            && hole_index(ast.text(callee)).is_some()
        {
            prune(ast, root, id);
            ast.nodes[id as usize].kind = Kind::Ident;
        }
        id += 1;
    }
}

struct Marker {
    words: bool,
    holes: Vec<PatternHole>,
}

impl Marker {
    fn mark(&mut self, ast: &mut Ast, id: NodeId) -> Result<(), PatternError> {
        match ast.kind(id) {
            Kind::Ident | Kind::Shorthand | Kind::StrPart | Kind::Type => self.mark_name(ast, id),
            // Where there are no calls, the brackets of a list stand for `<... ...>`.
            Kind::Array => {
                let children: Vec<NodeId> = ast.children(id).take(2).collect();
                if let [hole, inner] = children[..]
                    && let Some(index) = hole_index(ast.text(hole).trim_matches('"'))
                    && matches!(self.holes.get(index), Some(PatternHole::Deep))
                {
                    set(ast, id, Kind::Deep, index);
                    ast.nodes[hole as usize].slot = Slot::Callee;
                    ast.nodes[inner as usize].slot = Slot::Arg;
                }
            }
            // What an instruction of a Dockerfile runs, as one hole.
            Kind::Block
                if ast.parent(id).is_some_and(|parent| ast.kind(parent) == Kind::Other)
                    && hole_index(ast.text(id)).is_some() =>
            {
                self.mark_name(ast, id);
            }
            // A scalar without quotes.
            Kind::Str if hole_index(ast.text(id)).is_some() => self.mark_name(ast, id),
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
            let marked = ast.text.get(..ast.range(id).start).is_some_and(|before| before.ends_with('$'));
            if self.words && marked && text.strip_prefix("...").is_some_and(|name| !name.is_empty()) {
                let hole = PatternHole::Metavars(format!("${text}"));
                self.push(ast, id, Kind::MetavarEllipsis, hole);
                return;
            }
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
        let in_template = || ast.parent(id).is_some_and(|parent| ast.kind(parent) == Kind::Template);
        if super::metavar_name(text).is_some_and(|name| name.len() + 1 == text.len()) && in_template() {
            let hole = PatternHole::Metavar(text.to_owned());
            self.push(ast, id, Kind::Metavar, hole);
            return;
        }
        let Some(index) = hole_index(text) else { return };
        let kind = match self.holes.get(index) {
            Some(PatternHole::Metavar(_) | PatternHole::Anything) => Kind::Metavar,
            // `#{...}` is one expression, whichever.
            Some(PatternHole::Ellipsis) if is_interpolated(ast, id) => {
                self.push(ast, id, Kind::Metavar, PatternHole::Anything);
                return;
            }
            Some(PatternHole::Ellipsis) => Kind::Ellipsis,
            Some(PatternHole::Metavars(_)) => Kind::MetavarEllipsis,
            Some(PatternHole::Typed(..)) => Kind::Typed,
            Some(PatternHole::StringRegex(_)) => Kind::StrPattern,
            _ => return,
        };
        set(ast, id, kind, index);
    }

    fn mark_string(&mut self, ast: &mut Ast, id: NodeId) -> Result<(), PatternError> {
        let content = ast.string_content(id);
        if self.words && hole_index(ast.text(id)).is_some() {
            self.mark_name(ast, id);
            return Ok(());
        }
        if self.words && (content == "..." || content.starts_with("$...")) && ast.text(id).starts_with('"') {
            // A text without expansions is a word, with or without quotes.
            self.push(ast, id, Kind::StrPattern, PatternHole::AnyTemplate);
            return Ok(());
        }
        let hole = if content == "..." && interpolates(ast.text(id)) {
            PatternHole::AnyTemplate
        } else if content == "..." {
            PatternHole::AnyString
        } else if super::metavar_name(content).is_some_and(|name| name.len() + 1 == content.len()) {
            PatternHole::StringMetavar(content.to_owned())
        } else if let Some(name) = content.strip_prefix("$...").filter(|name| !name.is_empty()) {
            PatternHole::StringMetavar(format!("$...{name}"))
        } else if let Some(regex) = content.strip_prefix("=~/") {
            let line = ast.text[..ast.range(id).start].lines().count().max(1);
            regex_hole(regex).map_err(|error| PatternError { line, ..error })?
        } else if let Some(name) = self.block_content(content) {
            PatternHole::StringMetavar(name)
        } else {
            self.restore(ast, id);
            return Ok(());
        };
        self.push(ast, id, Kind::StrPattern, hole);
        Ok(())
    }

    /// A block of YAML whose text is nothing but a metavariable.
    fn block_content(&self, content: &str) -> Option<String> {
        match self.holes.get(hole_index(content)?)? {
            PatternHole::Metavar(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// What looks like a hole inside of a scalar without quotes is part of its text.
    fn restore(&mut self, ast: &mut Ast, id: NodeId) {
        let text = ast.text(id);
        if !text.contains(PREFIX) {
            return;
        }
        let mut written = text.to_owned();
        for index in (0..self.holes.len()).rev() {
            let name = match &self.holes[index] {
                PatternHole::Metavar(name) | PatternHole::Metavars(name) => name,
                PatternHole::Anything => "$_",
                PatternHole::Ellipsis => "...",
                _ => continue,
            };
            written = written.replace(&hole_name(index), name);
        }
        ast.nodes[id as usize].hash = hash_text(strip_quotes(&written));
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

/// What `"=~/re/flags"` describes, without its first part.
fn regex_hole(regex: &str) -> Result<PatternHole, PatternError> {
    let (body, flags) = regex.rsplit_once('/').unwrap_or((regex, ""));
    let flags: String = flags.chars().filter(|c| "imsx".contains(*c)).collect();
    let body = if flags.is_empty() { body.to_owned() } else { format!("(?{flags}){body}") };
    match Regex::new(&body) {
        Ok(regex) => Ok(PatternHole::StringRegex(regex)),
        Err(error) => Err(PatternError { message: format!("in `=~/{regex}`: {error}"), line: 1 }),
    }
}

/// Whether a string is written so that it can interpolate.
pub(super) fn interpolates(text: &str) -> bool {
    let prefix = text.split(['"', '\'', '`']).next().unwrap_or("");
    text.starts_with('`') || prefix.contains(['f', 'F', 't', 'T', '$'])
}

/// Whether a node fills the braces of an interpolation.
pub(super) fn is_interpolated(ast: &Ast, id: NodeId) -> bool {
    let node = ast.node(id);
    let parent = matches!(ast.kind(node.parent), Kind::Template | Kind::Other);
    let before = ast.text.get(..node.start as usize).unwrap_or("").trim_end();
    parent && (before.ends_with("#{") || before.ends_with("${"))
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
            | Kind::Case
    );
    if !boxes {
        return;
    }
    // `..., $X T` reads like two names of one type.
    let name = ast.slot(id, Slot::Name).filter(|&name| {
        ast.kind(id) == Kind::Param && matches!(ast.kind(name), Kind::Ellipsis | Kind::MetavarEllipsis)
    });
    let mut children = ast.children(id);
    let only = match (name, children.next(), children.next()) {
        (Some(name), ..) => name,
        (None, Some(only), None) => only,
        _ => return,
    };
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
