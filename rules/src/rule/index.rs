//! Which patterns can possibly match a node: by what it is and by the name that stands out in it.
//!
//! One pass over a unit asks this table at every node, so a thousand rules cost about as much as one: nearly
//! all of them are about names that do not occur.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::CompiledRule;
use crate::analyze::Names;
use crate::language::Language;
use crate::pattern::{Pattern, Root};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text};

/// A pattern of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LeafRef {
    /// Index of the rule in its set.
    pub rule: u32,
    /// Index of the pattern in the rule.
    pub leaf: u32,
}

/// The table of one language.
#[derive(Debug, Default)]
pub(crate) struct Index {
    named: FxHashMap<(Kind, u64), Vec<LeafRef>>,
    unnamed: FxHashMap<Kind, Vec<LeafRef>>,
    anything: Vec<LeafRef>,
    /// Rules whose candidates come from regular expressions.
    pub text: Vec<u32>,
    language: Option<Language>,
}

impl Index {
    /// The table of the rules that read `language`.
    pub fn new(rules: &[CompiledRule], language: Language) -> Index {
        let mut index = Index { language: Some(language), ..Index::default() };
        for (rule, compiled) in rules.iter().enumerate() {
            if compiled.text || !compiled.rule.languages.contains(&language) {
                continue;
            }
            let mut generators = Vec::new();
            let mut needs_text = false;
            for formula in compiled.formulas() {
                formula.generators(&mut generators);
                needs_text |= formula.needs_text();
            }
            if needs_text {
                index.text.push(rule as u32);
            }
            generators.sort_unstable();
            generators.dedup();
            for leaf in generators {
                if let Some(pattern) = compiled.leaves[leaf].pattern(language) {
                    index.add(pattern, LeafRef { rule: rule as u32, leaf: leaf as u32 });
                }
            }
        }
        index
    }

    /// Whether no pattern starts here.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.unnamed.is_empty() && self.anything.is_empty() && self.text.is_empty()
    }

    fn add(&mut self, pattern: &Pattern, leaf: LeafRef) {
        let returns = pattern.language.definition().writing.implicit_returns;
        match anchor(pattern) {
            // Any expression may be the last one.
            Anchor::Kind(Kind::Return) if returns => self.anything.push(leaf),
            Anchor::Anything => self.anything.push(leaf),
            Anchor::Kind(kind) => self.unnamed.entry(kind).or_default().push(leaf),
            Anchor::Named(kind, name) => self.named.entry((kind, name)).or_default().push(leaf),
        }
    }

    /// The patterns that may match a node.
    pub fn candidates(&self, ast: &Ast, id: NodeId, names: &Names, mut visit: impl FnMut(LeafRef)) {
        let kind = ast.kind(id);
        for leaf in &self.anything {
            visit(*leaf);
        }
        let mut kinds: SmallVec<[Kind; 3]> = SmallVec::new();
        kinds.push(kind);
        let mut keys: SmallVec<[u64; 2]> = SmallVec::new();
        match kind {
            Kind::Call | Kind::New => {
                if let Some(callee) = ast.slot(id, Slot::Callee) {
                    self.name_keys(ast, callee, names, &mut keys);
                    if ast.kind(callee) == Kind::Str {
                        keys.push(ast.node(callee).hash);
                    }
                }
            }
            Kind::Ident => {
                self.name_keys(ast, id, names, &mut keys);
                kinds.push(Kind::Member);
                kinds.extend(self.commands().then_some(Kind::Call));
            }
            Kind::Member => {
                self.name_keys(ast, id, names, &mut keys);
                kinds.extend(self.commands().then_some(Kind::Call));
            }
            Kind::Assign => {
                if let Some(left) = ast.slot(id, Slot::Left) {
                    self.name_keys(ast, left, names, &mut keys);
                }
                if ast.slot(id, Slot::Right).is_some_and(|right| ast.kind(right) == Kind::Function) {
                    kinds.push(Kind::Function);
                }
            }
            Kind::Function | Kind::Class => {
                if let Some(name) = ast.slot(id, Slot::Name) {
                    keys.push(ast.node(name).hash);
                }
            }
            Kind::Binary | Kind::Compare | Kind::Unary | Kind::AugAssign | Kind::Str => {
                keys.push(ast.node(id).hash);
            }
            _ => {}
        }
        for kind in kinds {
            for leaf in self.unnamed.get(&kind).into_iter().flatten() {
                visit(*leaf);
            }
            for &key in &keys {
                for leaf in self.named.get(&(kind, key)).into_iter().flatten() {
                    visit(*leaf);
                }
            }
        }
    }
}

impl Index {
    /// Whether a name alone can be a call.
    fn commands(&self) -> bool {
        self.language.is_some_and(|language| language.definition().writing.commands)
    }

    /// The last name of `a.b.c`, and that of what an import makes it stand for.
    fn name_keys(&self, ast: &Ast, id: NodeId, names: &Names, out: &mut SmallVec<[u64; 2]>) {
        match ast.kind(id) {
            Kind::Ident => {
                let hash = ast.node(id).hash;
                out.push(hash);
                if let Some(full) = names.full(hash) {
                    let last = full.rsplit('.').next().unwrap_or(full);
                    let last =
                        self.language.map_or_else(|| hash_text(last), |language| language.name_hash(last));
                    if last != hash {
                        out.push(last);
                    }
                }
            }
            Kind::Member => {
                if let Some(property) = ast.slot(id, Slot::Property) {
                    out.push(ast.node(property).hash);
                }
            }
            // `List<String>`
            Kind::Type => {
                if let Some(name) = ast.slot(id, Slot::Value) {
                    self.name_keys(ast, name, names, out);
                }
            }
            Kind::Call => {
                // `require("m")(…)`
                if let Some(module) = crate::analyze::required_module(ast, id) {
                    out.push(hash_text(module.rsplit('.').next().unwrap_or(&module)));
                }
            }
            _ => {}
        }
    }
}

/// What every match of a pattern has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Anything,
    Kind(Kind),
    Named(Kind, u64),
}

fn anchor(pattern: &Pattern) -> Anchor {
    match &pattern.root {
        Root::Node(root) => anchor_of(pattern, *root),
        // A sequence starts with its first statement that is not dots. An expression may lie deep in its
        // statement, but it does occur.
        Root::Sequence(sequence) => match sequence.iter().find(|&&id| !pattern.is_dots(id)) {
            Some(&first) => match anchor_of(pattern, first) {
                // Declarations are written in several ways.
                Anchor::Kind(Kind::VarDecl | Kind::Import | Kind::Export | Kind::Class | Kind::Function) => {
                    Anchor::Anything
                }
                anchor => anchor,
            },
            None => Anchor::Anything,
        },
    }
}

fn anchor_of(pattern: &Pattern, id: NodeId) -> Anchor {
    let ast = &pattern.ast;
    let kind = ast.kind(id);
    let named = |id: Option<NodeId>| match id.and_then(|id| last_name(ast, id)) {
        Some(hash) => Anchor::Named(kind, hash),
        None => Anchor::Kind(kind),
    };
    match kind {
        Kind::Metavar
        | Kind::Ellipsis
        | Kind::MetavarEllipsis
        | Kind::Deep
        | Kind::Typed
        | Kind::StrPattern => Anchor::Anything,
        // A literal may be what a name or a computation stands for.
        Kind::Str | Kind::Num | Kind::Bool | Kind::Null | Kind::Shorthand => Anchor::Anything,
        Kind::Call | Kind::New => match ast.slot(id, Slot::Callee) {
            Some(callee) if ends_in_dots(ast, callee) => Anchor::Anything,
            Some(callee) if ast.kind(callee) == Kind::Str => Anchor::Named(kind, ast.node(callee).hash),
            callee => named(callee),
        },
        Kind::Member if ends_in_dots(ast, id) => Anchor::Anything,
        Kind::Member | Kind::Ident => named(Some(id)),
        Kind::Assign => named(ast.slot(id, Slot::Left)),
        Kind::Function | Kind::Class => named(ast.slot(id, Slot::Name)),
        Kind::Binary | Kind::Compare | Kind::Unary | Kind::AugAssign => {
            Anchor::Named(kind, ast.node(id).hash)
        }
        Kind::While if ast.slot(id, Slot::Cond).is_some_and(|cond| pattern.is_dots(cond)) => Anchor::Anything,
        Kind::VarDecl | Kind::Import | Kind::Pair | Kind::Tuple | Kind::Array | Kind::Object | Kind::For => {
            Anchor::Anything
        }
        Kind::Regex => Anchor::Anything,
        // The last expression of a function is returned without a word.
        Kind::Return if pattern.language == Language::Rust => Anchor::Anything,
        _ => Anchor::Kind(kind),
    }
}

/// The last name of a pattern's `a.b.c`, if that is no hole.
fn last_name(ast: &Ast, id: NodeId) -> Option<u64> {
    match ast.kind(id) {
        Kind::Ident => Some(ast.node(id).hash),
        Kind::Member => {
            let property = ast.slot(id, Slot::Property)?;
            (ast.kind(property) == Kind::Ident).then(|| ast.node(property).hash)
        }
        _ => None,
    }
}

/// `o. ...` can be anything that starts with `o`.
fn ends_in_dots(ast: &Ast, id: NodeId) -> bool {
    ast.kind(id) == Kind::Member
        && ast.slot(id, Slot::Property).is_some_and(|property| ast.kind(property) == Kind::Ellipsis)
}
