//! Whether two pieces of code are the same but for layout.

use crate::analyze::{At, FileView};
use crate::syntax::{Ast, Kind};

/// Compares two subtrees node by node. Strings are compared by content, so the kind of quotes does not matter.
pub(crate) fn alike(view: &FileView<'_>, a: At, b: At) -> bool {
    a == b || alike_in(view.ast(a.unit), a.node, view.ast(b.unit), b.node)
}

/// The same over two trees.
pub(crate) fn alike_in(left: &Ast, a: u32, right: &Ast, b: u32) -> bool {
    let (first, second) = (left.node(a), right.node(b));
    if first.size != second.size {
        return false;
    }
    (0..first.size).all(|offset| {
        let (x, y) = (left.node(a + offset), right.node(b + offset));
        let kinds = x.kind == y.kind || (is_name(x.kind) && is_name(y.kind));
        // What a node is to its own parent does not matter at the top.
        let slots = offset == 0 || x.slot == y.slot;
        let same = kinds && slots && x.hash == y.hash && x.size == y.size;
        let leaf = x.size == 1 && x.hash == 0;
        same && (x.kind != Kind::Other || x.raw == y.raw)
            && (!leaf || left.text(a + offset) == right.text(b + offset))
            && (x.kind != Kind::Str || is_bytes(left.text(a + offset)) == is_bytes(right.text(b + offset)))
    })
}

/// `{ a }` names `a` as `a` does.
fn is_name(kind: Kind) -> bool {
    matches!(kind, Kind::Ident | Kind::Shorthand)
}

/// `b"x"` is another value than `"x"`.
fn is_bytes(text: &str) -> bool {
    text.split(['"', '\'']).next().unwrap_or("").contains(['b', 'B'])
}
