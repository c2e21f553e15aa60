//! What a node is, and what it is to its parent.

/// What a node is, in any language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Something without a kind of its own; told apart by tree-sitter's kind id.
    Other,
    /// Nested deeper than is followed.
    Opaque,
    /// The root of a file or a pattern of several statements.
    Module,

    // Leaves.
    Ident,
    Str,
    Num,
    Bool,
    Null,
    Regex,
    /// Literal text between the holes of a [`Kind::Template`], or between JSX tags.
    StrPart,
    /// `{ a }` for `{ a: a }`.
    Shorthand,

    // Expressions.
    /// An interpolated string: parts and expressions in order.
    Template,
    Call,
    New,
    Member,
    Index,
    Slice,
    Binary,
    Compare,
    Unary,
    Ternary,
    Assign,
    AugAssign,
    /// A function, method, arrow function or lambda.
    Function,
    Object,
    Pair,
    Array,
    Tuple,
    Set,
    Spread,
    Keyword,
    Comprehension,
    ForClause,
    Await,
    Yield,
    Sequence,
    Default,
    Jsx,
    /// A value with a tag or a name to refer to it: `!Ref x`, `&x value`.
    Tagged,
    JsxAttr,

    // Statements and declarations.
    VarDecl,
    Class,
    Param,
    Decorator,
    /// A word before a declaration: `public`, `static`, `async`.
    Modifier,
    Type,
    Block,
    If,
    While,
    For,
    ForIn,
    Try,
    Catch,
    Finally,
    With,
    WithItem,
    Switch,
    Case,
    Return,
    Throw,
    Break,
    Continue,
    Import,
    ImportName,
    Export,
    Delete,
    Assert,
    Global,

    // Template languages.
    /// A tag that outputs an expression, escaped.
    Output,
    /// A tag that outputs an expression as it is.
    RawOutput,
    /// An element or text of HTML.
    Markup,
    /// An attribute of an element.
    Attribute,

    // Patterns only.
    /// `$X`.
    Metavar,
    /// `...`.
    Ellipsis,
    /// `$...XS`.
    MetavarEllipsis,
    /// `<... e ...>`.
    Deep,
    /// `($X : T)`.
    Typed,
    /// `"$X"`, `"..."`, `"=~/re/"`: a string literal described by its content.
    StrPattern,
}

/// What a node is to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Slot {
    None,
    Callee,
    Arg,
    Object,
    Property,
    Index,
    Left,
    Right,
    Cond,
    Then,
    Else,
    Body,
    Name,
    Value,
    Key,
    Param,
    Type,
    Decorator,
    Iter,
    Handler,
    Finally,
    Init,
    Update,
    Super,
    /// What a class implements, where that is not said with what it extends.
    Interface,
    Source,
    Alias,
    /// Fields that only say what tokens say.
    Ignored,
    /// The token that names a unary, binary or comparing operation.
    Operator,
}
