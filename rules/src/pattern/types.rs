//! Types as programs of typed languages state them: of fields, operators and a few methods that everybody knows.

use std::cell::Cell;

use smallvec::SmallVec;

use super::bindings::Binding;
use super::constant::{annotation, type_of};
use super::metavar_name;
use crate::analyze::{At, FileView};
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// The languages in which every variable has a stated type, and names of types mean the same.
pub(super) fn is_typed(language: Language) -> bool {
    matches!(language, Language::Java | Language::Kotlin | Language::CSharp)
}

/// Where the type of a variable or a field of this object is stated.
pub(super) fn stated(ast: &Ast, id: NodeId) -> Option<NodeId> {
    match ast.kind(id) {
        Kind::Ident => annotation(ast, id).map(|annotation| annotation.node),
        Kind::Member => field_type(ast, id),
        _ => None,
    }
}

/// The type of `this.name`.
fn field_type(ast: &Ast, member: NodeId) -> Option<NodeId> {
    let object = ast.slot(member, Slot::Object)?;
    if ast.text(object) != "this" {
        return None;
    }
    let declarator = field(ast, member, ast.slot(member, Slot::Property)?)?;
    let declaration = ast.parent(declarator)?;
    ast.slot(declarator, Slot::Type).or_else(|| ast.slot(declaration, Slot::Type))
}

/// The declaration of a field of the class around `site`.
pub(super) fn field(ast: &Ast, site: NodeId, name: NodeId) -> Option<NodeId> {
    let name = ast.node(name).hash;
    let class = ast.ancestors(site).find(|&id| ast.kind(id) == Kind::Class)?;
    let body = ast.slot(class, Slot::Body)?;
    let declares = |id: &NodeId| {
        ast.kind(*id) == Kind::Assign
            && ast.slot(*id, Slot::Left).is_some_and(|left| ast.node(left).hash == name)
    };
    ast.children(body).find_map(|member| match ast.kind(member) {
        Kind::VarDecl => ast.children(member).find(declares),
        _ => Some(member).filter(declares),
    })
}

/// The type of an expression that is no name and no literal.
pub(super) fn of_expression(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    if !is_typed(view.language) {
        return None;
    }
    let ast = view.ast(at.unit);
    let of = |node| type_of(view, At { unit: at.unit, node }, read_module);
    let boolean = || Some("boolean".to_owned());
    match ast.kind(at.node) {
        Kind::Unary if ast.text(at.node).starts_with('!') => boolean(),
        Kind::Unary => of(ast.slot(at.node, Slot::Value)?),
        Kind::Binary => {
            let (left, right) = (ast.slot(at.node, Slot::Left)?, ast.slot(at.node, Slot::Right)?);
            let is = |node, wanted: &str| of(node).is_some_and(|ty| canonical(&ty) == wanted);
            match ast.operator(at.node) {
                "==" | "!=" | "===" | "!==" | "<" | "<=" | ">" | ">=" | "&&" | "||" | "is" | "in" => {
                    boolean()
                }
                "&" | "|" | "^" if is(left, "boolean") || is(right, "boolean") => boolean(),
                "+" if is(left, "string") || is(right, "string") => Some("string".to_owned()),
                "+" | "-" => {
                    let (left, right) = (of(left)?, of(right)?);
                    let number = |ty: &str| is_number(&canonical(ty));
                    (number(&left) && number(&right)).then_some(if left == "number" { right } else { left })
                }
                _ => None,
            }
        }
        Kind::Ternary => {
            let side = |slot| of(ast.slot(at.node, slot)?);
            side(Slot::Then).or_else(|| side(Slot::Else))
        }
        Kind::Index => of(ast.slot(at.node, Slot::Object)?)?.strip_suffix("[]").map(str::to_owned),
        Kind::Member => Some(ast.text(field_type(ast, at.node)?).to_owned()),
        Kind::Call => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            let (object, method) = (ast.slot(callee, Slot::Object)?, ast.slot(callee, Slot::Property)?);
            match ast.text(method) {
                "equals" | "equalsIgnoreCase" | "matches" | "isEmpty" | "isBlank" | "contains"
                | "containsKey" | "containsValue" | "startsWith" | "endsWith" | "hasNext" => boolean(),
                "size" | "length" | "indexOf" | "lastIndexOf" | "hashCode" | "compareTo" => {
                    Some("int".to_owned())
                }
                "toString" | "substring" | "trim" | "toLowerCase" | "toUpperCase" => {
                    Some("string".to_owned())
                }
                // The last argument of `List<T>` and `Map<K, V>` is what is in them.
                "get" => {
                    let ty = of(object)?;
                    let (_, arguments) = ty.strip_suffix('>')?.split_once('<')?;
                    Some(arguments.rsplit(',').next()?.trim().to_owned())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// One name for the types that are spelt in several ways.
fn canonical(ty: &str) -> String {
    let ty = ty.trim().trim_end_matches('?');
    let name = ["java.lang.", "kotlin.", "System."]
        .iter()
        .find_map(|package| ty.strip_prefix(package))
        .unwrap_or(ty);
    let name = match name {
        "String" => "string",
        "Boolean" | "bool" | "Bool" => "boolean",
        "Integer" | "Int" | "Int32" => "int",
        "Long" | "Int64" => "long",
        "Double" => "double",
        "Float" => "float",
        "Short" => "short",
        "Byte" => "byte",
        "Character" | "Char" => "char",
        "Object" | "Any" => "object",
        other => other,
    };
    name.to_owned()
}

fn is_number(canonical: &str) -> bool {
    matches!(canonical, "number" | "int" | "long" | "double" | "float" | "short" | "byte" | "decimal")
}

/// Whether two types are the same: boxed or not, with or without the package, with arguments where both state them.
pub(super) fn same(view: &FileView<'_>, written: &str, wanted: &str) -> bool {
    let ty = written;
    if !is_typed(view.language) {
        return false;
    }
    let (ty, wanted) =
        (canonical(ty), if wanted.contains('.') { wanted.to_owned() } else { canonical(wanted) });
    let plain = |ty: &str| ty.split('<').next().unwrap_or("").to_owned();
    let (ty, wanted) = if wanted.contains('<') { (ty, wanted) } else { (plain(&ty), wanted) };
    let unspaced = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (ty, wanted) = (unspaced(&ty), unspaced(&wanted));
    ty == wanted
        || (ty == "number" && is_number(&wanted))
        // What is written in full is the same as its last name where only one of both is.
        || (!wanted.contains('.') && ty.rsplit('.').next() == Some(&wanted))
        || view.names.may_be(&ty, &wanted)
        || written.trim() == wanted
}

/// What the metavariables of a wanted type (`List<$T>`, `$P.Context`) stand for in the type that the code states.
pub(super) fn described<'w>(
    view: &FileView<'_>,
    at: At,
    wanted: &'w str,
) -> Option<SmallVec<[(&'w str, Binding); 2]>> {
    let ast = view.ast(at.unit);
    let node = stated(ast, at.node)?;
    let start = ast.node(node).start as usize;
    let end = ast.node(node).end as usize;
    let skip = ast.text(node).len() - ast.text(node).trim_start_matches([':', ' ']).len();
    let mut from = start + skip;
    let text = |range: std::ops::Range<usize>| ast.text.get(range).unwrap_or("");
    let mut bound = SmallVec::new();
    let mut rest = wanted.trim();
    while let Some(dollar) = rest.find('$') {
        let before = rest[..dollar].trim();
        let given = text(from..end);
        from += given.len() - given.strip_prefix(before)?.trim_start().len();
        let length = 1 + metavar_name(&rest[dollar..])?.len();
        let name = &rest[dollar..dollar + length];
        rest = rest[dollar + length..].trim_start();
        let given = text(from..end);
        let literal = rest.split('$').next().unwrap_or("").trim();
        let taken = match literal {
            "" => given.len(),
            // The rest of the type, so that what the metavariable stands for is as long as can be.
            _ if literal.len() == rest.len() => {
                given.len() - given.strip_suffix(literal).map(|_| literal.len())?
            }
            _ => given.find(literal)?,
        };
        if taken == 0 {
            return None;
        }
        let binding = Binding::Text { unit: at.unit, start: from as u32, end: (from + taken) as u32 };
        bound.push((name, binding));
        from += taken;
    }
    (text(from..end).trim() == rest).then_some(bound)
}
