//! How a language states the roles of its grammar's node kinds.

use super::Language;
use crate::syntax::{Kind, Slot};

/// All that is known of one language. A new language is one file with one of these, a variant of
/// [`Language`](super::Language) and a line in `definition`.
pub(crate) struct Definition {
    /// The name used in rules, on the command line and in reports.
    pub name: &'static str,
    /// Other names of it, in rules and in editors (`languageId`).
    pub aliases: &'static [&'static str],
    /// Endings of file names, without the dot, in lower case.
    pub extensions: &'static [&'static str],
    /// Whole file names; `Dockerfile` is that of `Dockerfile.dev` too.
    pub file_names: &'static [&'static str],
    /// `None` where files have no tree: templates, and text of any kind.
    pub grammar: Option<fn() -> tree_sitter::Language>,
    /// How a comment begins and ends that Squire writes.
    pub comment: (&'static str, &'static str),
    pub spec: &'static Spec,
    pub writing: &'static Writing,
    pub imports: Imports,
}

/// What an import makes of the path that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imports {
    /// There are none, or they name no path.
    None,
    /// `import x from "m"`: the statement says each name.
    Script,
    /// `import a.b` binds `a`; `from a import b` binds `b`.
    Python,
    /// The last part of the path is bound, or an alias: `import a.b.C`, `use a::b::C as D`, `import "a/b/c"`.
    Last,
    /// The names below the path are in scope as they are: `using System.Data`.
    Namespace,
    /// Nothing is imported and nothing is in scope: what is named elsewhere is referred to by a path that says what it
    /// is, `var.x` and `local.x`.
    References,
}

/// How patterns of a language are written, and what has to be written around or instead of what only
/// patterns have, so that the grammar accepts them.
pub(crate) struct Writing {
    /// What a pattern may be part of, the most usual first.
    pub frames: &'static [Frame],
    /// A better first frame for texts that also parse as something that nobody means.
    pub first_frame: Option<fn(&str) -> Option<Frame>>,
    /// What a metavariable may be written as, the most usual first; `{}` is an identifier. The others are tried
    /// where the grammar does not accept the first.
    pub names: &'static [&'static str],
    /// The same for an ellipsis: a statement, a parameter with a type, a member.
    pub dots: &'static [&'static str],
    /// What an ellipsis among the members of a class is written as, where an identifier would not do. Else empty.
    pub member: &'static str,
    /// The same of an ellipsis that is a statement.
    pub statement: &'static str,
    /// The same of an ellipsis or a metavariable that is a parameter of a function being declared.
    pub parameter: &'static str,
    /// Every statement ends with a semicolon, the last one of a block too.
    pub semicolons: bool,
    /// Braces after `new T(…)` hold entries and not members.
    pub new_has_entries: bool,
    pub line_comments: &'static [&'static str],
    pub block_comments: &'static [(&'static str, &'static str)],
    /// What opens and closes a string, the longest first; a backslash escapes.
    pub quotes: &'static [&'static str],
    pub typed: Typed,
    /// What an ellipsis (or else a metavariable) is most likely to be written as between these two pieces of the
    /// pattern, if that is not the first of `dots` (`names`).
    pub between: Option<Between>,
    /// What stands before, behind the hole of, and after the inner part of `<... e ...>`.
    pub deep: (&'static str, &'static str, &'static str),
    /// Kinds of names that are the same name in upper and lower case.
    pub any_case: &'static [&'static str],
    /// Modifiers that hold where no other of their kind is written (`public`).
    pub implied: &'static [&'static str],
    /// Functions that make a constant of constants.
    pub pure_functions: &'static [&'static str],
    /// What opens an interpolation that ends with a bracket, and the quotes in which it does.
    pub interpolation: (&'static [&'static str], &'static [&'static str]),
    /// Whether words are strings, so that quotes only keep a text together.
    pub words: bool,
    /// Operators and methods that add to what stands before them.
    pub appends: &'static [&'static str],
    /// Whether `/…/` can be a regular expression.
    pub regex_literals: bool,
    /// Whether a call needs no parentheses: `f a, b`, and `f` where it is a statement.
    pub commands: bool,
    /// Whether a function returns its last expression.
    pub implicit_returns: bool,
}

/// How a hole is written: what stands before it, what stands after it, whether it is an ellipsis.
pub(crate) type Between = fn(&str, &str, bool) -> Option<&'static str>;

impl Writing {
    /// A language in which nothing needs more than an identifier.
    pub const PLAIN: Writing = Writing {
        frames: &[Frame::AS_IT_IS],
        first_frame: None,
        names: &["{}"],
        dots: &["{}"],
        member: "",
        statement: "",
        parameter: "",
        semicolons: false,
        new_has_entries: false,
        line_comments: &[],
        block_comments: &[],
        quotes: &["\"", "'"],
        typed: Typed::None,
        between: None,
        deep: ("", "(", ")"),
        any_case: &[],
        implied: &[],
        pure_functions: &[],
        interpolation: (&[], &[]),
        words: false,
        appends: &[],
        regex_literals: false,
        commands: false,
        implicit_returns: false,
    };
}

/// How a metavariable with a type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    None,
    /// `($X : T)`
    NameFirst,
    /// `(T $X)`
    TypeFirst,
}

/// Something to write around a pattern so that the grammar accepts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub before: &'static str,
    /// What completes the pattern; becomes part of it. `{}` in it is an ellipsis.
    pub completion: &'static str,
    pub after: &'static str,
}

impl Frame {
    /// Nothing but the end of the line.
    pub const AS_IT_IS: Frame = Frame::completed("");

    pub const fn inside(before: &'static str, after: &'static str) -> Frame {
        Frame { before, completion: "", after }
    }

    pub const fn completed(completion: &'static str) -> Frame {
        Frame { before: "", completion, after: "\n" }
    }
}

/// What becomes of a node of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It becomes a node of this kind, its children below it.
    Node(Kind),
    /// It becomes a node of this kind without children.
    Leaf(Kind),
    /// Its children take its place (parentheses, lists of arguments, expression statements).
    Inline,
    /// Its first child takes its place (`x as T`).
    First,
    /// Its last child's kind and children join its own (decorators with what they decorate).
    Merge,
    /// It becomes a node of this kind if it has more than one child, else the child takes its place
    /// (`a, b := f()` and `a := f()`).
    Several(Kind),
    /// A list of statements in a node of its own: its children take its place, and directly below the root each of
    /// them is a unit.
    Top,
    /// A sign that opens a node of this kind, which reaches to the end of the node that the sign is in.
    Opens(Kind),
    /// What follows an expression beside it and not below it (`.b` and `[0]` of `a.b[0]`): it becomes a node of this
    /// kind around what it follows, which is in [`Slot::Object`].
    Suffix(Kind),
    /// Code of another language: it becomes a block of that code's statements.
    Embedded(Language),
    /// An option as `name=value` in one piece: a [`Kind::Pair`] of the two, or only the name, in [`Slot::Decorator`].
    Split,
    /// A leaf of this kind, without the sign that it begins with (`:tag`).
    Marked(Kind),
    /// Text with `$name` and `${name}` in it: a [`Kind::Template`] where there are any, else a string; as a key a name.
    Interpolated,
    /// What the grammar does not take apart behind its first word: a node with that text as its only child.
    Spaced,
    /// A call that names its receiver and its method itself instead of a member: it becomes a [`Kind::Call`]
    /// whose callee is a [`Kind::Member`] of the children in [`Slot::Object`] and [`Slot::Property`]. Without a
    /// receiver the child in [`Slot::Property`] is the callee, without arguments it is only the member.
    MethodCall,
    /// A call of the word that it begins with (`echo $a, $b`).
    KeywordCall,
    /// Its children take its place, and what they then belong to becomes a node of this kind (the header of a loop).
    Turns(Kind),
    /// It becomes a leaf: a name, or the literal that the word `true`, `false` or `null` is.
    Name,
    /// It becomes a node of the first kind with one child of the second kind, which has all of its children
    /// (a declaration of one variable).
    Boxed(Kind, Kind),
    /// It becomes a node of this kind; its children in [`Slot::Body`] are put into a block.
    Statements(Kind),
    /// A token that is no node of the grammar (`this`) becomes a leaf of this kind.
    Word(Kind),
    /// Like [`Role::Inline`], and the words in it that are no nodes of the grammar become leaves of this kind
    /// (`public static`).
    Words(Kind),
    /// `:name`: a node of kind [`Kind::Other`] with the name in it, or only the name where it is a key.
    Symbol,
    /// A node of this kind of which the tokens between its children say what it does (`a | b`).
    Tokens(Kind),
    /// A literal of this kind, or a [`Kind::Template`] where something is interpolated.
    Quoted(Kind),
    /// It and everything below it is left out (comments).
    Skip,
}

/// One language: the roles of its node kinds and fields.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Named node kinds that are not listed become [`Kind::Other`].
    pub kinds: &'static [(&'static str, Role)],
    pub fields: &'static [(&'static str, Slot)],
    /// Where a field means something else in one kind of node. The name of a kind instead of a field's stands for
    /// children of that kind that no field names, and then an empty first name for parents of any kind.
    pub kind_fields: &'static [(&'static str, &'static str, Slot)],
    /// Slots of the children that neither a field nor their kind tells, in order; the last one repeats.
    pub positions: &'static [(&'static str, &'static [Slot])],
}

/// [`Spec`] with names resolved to the grammar's ids.
pub(crate) struct Table {
    roles: Vec<Role>,
    fields: Vec<Slot>,
    kind_fields: Vec<(u16, u16, Slot)>,
    has_kind_fields: Vec<bool>,
    /// By parent and child; the parent is 0 where it does not matter.
    kind_children: Vec<(u16, u16, Slot)>,
    is_kind_child: Vec<bool>,
    any_case: Vec<bool>,
    positions: Vec<&'static [Slot]>,
    /// `println!(…)`: the exclamation mark belongs to the name.
    macro_call: Option<u16>,
    macro_tokens: Option<u16>,
    has_suffixes: bool,
}

impl Table {
    pub fn new(spec: &'static Spec, writing: &Writing, grammar: &tree_sitter::Language) -> Table {
        let kinds = grammar.node_kind_count();
        let mut table = Table {
            roles: vec![Role::Node(Kind::Other); kinds],
            fields: vec![Slot::None; grammar.field_count() + 1],
            kind_fields: Vec::new(),
            has_kind_fields: vec![false; kinds],
            kind_children: Vec::new(),
            is_kind_child: vec![false; kinds],
            any_case: vec![false; kinds],
            positions: vec![&[]; kinds],
            macro_tokens: Some(grammar.id_for_node_kind("token_tree", true)).filter(|&id| id != 0),
            macro_call: Some(grammar.id_for_node_kind("macro_invocation", true)).filter(|&id| id != 0),
            has_suffixes: spec.kinds.iter().any(|(_, role)| matches!(role, Role::Suffix(_))),
        };
        let spec_kinds: rustc_hash::FxHashMap<&str, Role> = spec.kinds.iter().copied().collect();
        for id in 0..kinds as u16 {
            // One name can have several ids (aliases), so every id is asked for its name.
            let Some(name) = grammar.node_kind_for_id(id) else { continue };
            if let Some(role @ Role::Word(_)) = spec_kinds.get(name)
                && !grammar.node_kind_is_named(id)
            {
                table.roles[id as usize] = *role;
            }
            if grammar.node_kind_is_named(id) {
                table.any_case[id as usize] = writing.any_case.contains(&name);
                if let Some(role) = spec_kinds.get(name) {
                    table.roles[id as usize] = *role;
                }
                if let Some((_, slots)) = spec.positions.iter().find(|(kind, _)| *kind == name) {
                    table.positions[id as usize] = slots;
                }
                for (kind, field, slot) in spec.kind_fields {
                    if *kind == name
                        && let Some(field) = grammar.field_id_for_name(field)
                    {
                        table.kind_fields.push((id, field.get(), *slot));
                        table.has_kind_fields[id as usize] = true;
                    }
                }
            }
        }
        table.add_kind_children(spec, grammar);
        for (field, slot) in spec.fields {
            if let Some(id) = grammar.field_id_for_name(field) {
                table.fields[id.get() as usize] = *slot;
            }
        }
        table
    }

    fn add_kind_children(&mut self, spec: &'static Spec, grammar: &tree_sitter::Language) {
        let ids = |name: &'static str| {
            let named =
                move |&id: &u16| grammar.node_kind_is_named(id) && grammar.node_kind_for_id(id) == Some(name);
            (0..grammar.node_kind_count() as u16).filter(named)
        };
        for (parent, child, slot) in spec.kind_fields {
            if !parent.is_empty() && grammar.field_id_for_name(child).is_some() {
                continue;
            }
            for child in ids(child) {
                self.is_kind_child[child as usize] = true;
                if parent.is_empty() {
                    self.kind_children.push((0, child, *slot));
                }
                self.kind_children.extend(ids(parent).map(|parent| (parent, child, *slot)));
            }
        }
    }

    /// ERROR nodes have kind id 65535: what was recovered inside them takes their place.
    pub fn role(&self, kind: u16) -> Role {
        self.roles.get(kind as usize).copied().unwrap_or(Role::Inline)
    }

    /// Whether a node of the grammar holds what a macro is called with.
    pub fn is_macro_tokens(&self, kind: u16) -> bool {
        self.macro_tokens == Some(kind)
    }

    /// Whether a node of the grammar calls a macro.
    pub fn is_macro_call(&self, kind: u16) -> bool {
        self.macro_call == Some(kind)
    }

    /// The slot of a child by its kind, where no field names it.
    pub fn kind_child(&self, parent: u16, child: u16) -> Option<Slot> {
        if self.is_kind_child.get(child as usize) != Some(&true) {
            return None;
        }
        let mut known = self.kind_children.iter();
        known.find(|(p, c, _)| *c == child && (*p == parent || *p == 0)).map(|(_, _, slot)| *slot)
    }

    /// Whether what follows a node can belong around it.
    pub fn has_suffixes(&self) -> bool {
        self.has_suffixes
    }

    /// Whether names of that kind are the same in upper and lower case.
    pub fn any_case(&self, kind: u16) -> bool {
        self.any_case.get(kind as usize) == Some(&true)
    }

    /// The slot of a child by its field, else by its kind, or by its position among the children without a field.
    pub fn slot(&self, parent: u16, field: Option<u16>, child: u16, position: usize) -> Slot {
        let Some(field) = field else {
            if let Some(slot) = self.kind_child(parent, child) {
                return slot;
            }
            let slots = self.positions.get(parent as usize).copied().unwrap_or(&[]);
            return slots.get(position).or(slots.last()).copied().unwrap_or(Slot::None);
        };
        if self.has_kind_fields.get(parent as usize) == Some(&true)
            && let Some((_, _, slot)) = self.kind_fields.iter().find(|(k, f, _)| *k == parent && *f == field)
        {
            return *slot;
        }
        self.fields[field as usize]
    }
}
