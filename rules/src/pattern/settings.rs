//! The equivalences of patterns that a rule can switch.

/// The equivalences that a rule can switch off under `options`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// A variable known to hold a literal matches as the literal.
    pub constant_propagation: bool,
    /// `x = 1` also describes `const x = 1`.
    pub vardef_assign: bool,
    /// `function $F() {}` also describes `const f = () => {}`.
    pub arrow_is_function: bool,
    /// An object pattern need not name all entries.
    pub implicit_ellipsis: bool,
    /// A statement that is an expression also matches inside larger expressions.
    pub implicit_deep_exprstmt: bool,
    /// `...` between statements also skips into nested blocks.
    pub go_deeper_stmt: bool,
    /// `$A == $B` also describes `b == a` where that matters to a name already bound.
    pub symmetric_eq: bool,
    /// An expression also describes what a decorator calls.
    pub attr_expr: bool,
    /// Decorators stand in the order of the pattern.
    pub decorators_order_matters: bool,
    /// `x = 1` also describes the field of a class.
    pub flddef_assign: bool,
    /// `var x` also describes `let x` and `const x`.
    pub let_is_var: bool,
    /// An element of JSX may have attributes that the pattern does not name.
    pub xml_attrs_implicit_ellipsis: bool,
    /// `<a/>` also describes `<a>…</a>`.
    pub xml_singleton_loose_matching: bool,
    /// A variable with one assigned expression also matches as that expression.
    pub symbolic_propagation: bool,
    /// `$A && $B` also describes its operands in another order.
    pub commutative_boolop: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            constant_propagation: true,
            vardef_assign: true,
            arrow_is_function: true,
            implicit_ellipsis: true,
            implicit_deep_exprstmt: true,
            go_deeper_stmt: true,
            symmetric_eq: false,
            attr_expr: true,
            decorators_order_matters: false,
            flddef_assign: true,
            let_is_var: true,
            xml_attrs_implicit_ellipsis: true,
            xml_singleton_loose_matching: true,
            symbolic_propagation: false,
            commutative_boolop: false,
        }
    }
}
