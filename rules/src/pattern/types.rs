//! Types as far as the code states them: by an annotation, a constructor or a literal, and in typed languages by
//! fields, operators and a few methods that everybody knows.

use std::cell::Cell;

use smallvec::SmallVec;

use super::bindings::Binding;
use super::constant::{DEPTH, value_of};
use super::metavar_name;
use super::reaching::enclosing_function;
use crate::analyze::{At, FileView};
use crate::language::Language;
use crate::syntax::{Ast, Kind, NodeId, Slot};

/// The languages in which every variable has a stated type, and names of types mean the same.
pub(super) fn is_typed(language: Language) -> bool {
    matches!(language, Language::Java | Language::Kotlin | Language::CSharp)
}

/// The type that the code states for an expression: by an annotation, a constructor or a literal.
pub(crate) fn type_of(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    stated_type(view, at, read_module, DEPTH)
}

fn stated_type(view: &FileView<'_>, at: At, read_module: &Cell<bool>, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let ast = view.ast(at.unit);
    let python = view.language == Language::Python;
    match ast.kind(at.node) {
        Kind::Str | Kind::Template if matches!(view.language, Language::C | Language::Cpp) => {
            Some("char *".to_owned())
        }
        Kind::Str | Kind::Template => Some(if python { "str" } else { "string" }.to_owned()),
        Kind::Num if ast.text(at.node).starts_with('\'') => Some("char".to_owned()),
        Kind::Num if matches!(view.language, Language::C | Language::Cpp) => {
            let real = ast.text(at.node).contains('.');
            Some(if real { "double" } else { "int" }.to_owned())
        }
        Kind::Num if !python => Some("number".to_owned()),
        Kind::Num if ast.text(at.node).contains('.') => Some("float".to_owned()),
        Kind::Num => Some("int".to_owned()),
        Kind::Binary | Kind::Compare | Kind::Unary
            if matches!(
                ast.operator(at.node),
                "==" | "!=" | "<" | ">" | "<=" | ">=" | "===" | "!==" | "!" | "not" | "in" | "is"
            ) =>
        {
            Some(if view.language.is_script() { "boolean" } else { "bool" }.to_owned())
        }
        Kind::Bool => Some(if view.language.is_script() { "boolean" } else { "bool" }.to_owned()),
        Kind::New => {
            let class = ast.slot(at.node, Slot::Callee)?;
            ast.dotted(class).or_else(|| Some(ast.text(class).to_owned()))
        }
        Kind::Call if python => ast.dotted(ast.slot(at.node, Slot::Callee)?),
        // Kotlin makes objects without `new`.
        Kind::Call if view.language == Language::Kotlin => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            let class = ast.kind(callee) == Kind::Ident
                && ast.text(callee).starts_with(|c: char| c.is_ascii_uppercase());
            if class { ast.dotted(callee) } else { of_expression(view, at, read_module) }
        }
        Kind::Call if view.language == Language::Go => {
            let callee = ast.slot(at.node, Slot::Callee)?;
            let made = || ast.slot(at.node, Slot::Arg).map(|ty| ast.text(ty));
            match ast.text(callee) {
                "new" => Some(format!("*{}", made()?)),
                "make" => Some(made()?.to_owned()),
                "string" => Some("string".to_owned()),
                // `[]byte(x)` converts.
                ty if ast.kind(callee) == Kind::Other => Some(ty.to_owned()),
                _ => None,
            }
        }
        // `&x` and `*p`
        Kind::Unary => {
            let operand = At { unit: at.unit, node: ast.slot(at.node, Slot::Value)? };
            match ast.text(at.node).as_bytes().first()? {
                b'&' => Some(format!("*{}", stated_type(view, operand, read_module, depth)?)),
                b'*' => {
                    let pointer = stated_type(view, operand, read_module, depth)?;
                    Some(pointer.strip_prefix('*').or_else(|| pointer.strip_suffix('*'))?.trim().to_owned())
                }
                _ => of_expression(view, at, read_module),
            }
        }
        // `x as T`, `(T) x`, `x.(T)`
        Kind::Other if ast.slot(at.node, Slot::Value).is_some() => {
            Some(ast.text(ast.slot(at.node, Slot::Type)?).to_owned())
        }
        Kind::Ident => match annotation(ast, at.node) {
            Some(Annotation { node, marks }) => {
                Some(format!("{}{marks}", ast.text(node).trim_start_matches([':', ' '])))
            }
            None => match value_of(view, at, read_module) {
                Some(value) => stated_type(view, value, read_module, depth),
                None => module_annotation(view, at, read_module).or_else(|| class_named(view, ast, at.node)),
            },
        },
        _ => of_expression(view, at, read_module),
    }
}

/// What the code states of a variable's type.
pub(super) struct Annotation {
    pub node: NodeId,
    /// `*`, `&` and `[]` that belong to the variable: `int a, *b, c[3]`.
    pub marks: String,
}

/// The annotation of a parameter or variable of that name in the enclosing functions.
pub(super) fn annotation(ast: &Ast, id: NodeId) -> Option<Annotation> {
    let name = ast.node(id).hash;
    let mut scope = enclosing_function(ast, id);
    loop {
        for node in ast.subtree(scope.unwrap_or(Ast::ROOT)) {
            let elsewhere = ast.kind(node) == Kind::Param
                && enclosing_function(ast, node).is_some_and(|own| !ast.subtree(own).contains(&id));
            let declares = matches!(ast.kind(node), Kind::Param | Kind::Assign | Kind::VarDecl | Kind::ForIn);
            if !declares || elsewhere {
                continue;
            }
            let named = ast.slots(node, Slot::Name).chain(ast.slots(node, Slot::Left)).find_map(|named| {
                let declared = declared_name(ast, named);
                (ast.node(declared).hash == name && ast.kind(declared) == Kind::Ident)
                    .then_some((named, declared))
            });
            if let Some((whole, named)) = named
                && let Some(ty) = ast.slot(node, Slot::Type).or_else(|| declared_type(ast, node))
                && !matches!(ast.text(ty), "var" | "val" | "auto")
            {
                return Some(Annotation { node: ty, marks: declarator_marks(ast, ty, whole, named) });
            }
        }
        scope = enclosing_function(ast, scope?);
    }
}

/// `name` of `name[3]`.
fn declared_name(ast: &Ast, id: NodeId) -> NodeId {
    let mut id = id;
    while ast.kind(id) == Kind::Index
        && let Some(object) = ast.slot(id, Slot::Object)
    {
        id = object;
    }
    id
}

/// The `**` of `char **name` and the `[3]` of `char name[3]`.
fn declarator_marks(ast: &Ast, ty: NodeId, whole: NodeId, name: NodeId) -> String {
    let between = ast.node(ty).end as usize..ast.node(name).start as usize;
    let text = ast.text.get(between).unwrap_or("");
    let written = text.trim_end();
    let start = written.trim_end_matches(['*', '&', ' ']).len();
    let after = ast.text.get(ast.node(name).end as usize..ast.node(whole).end as usize).unwrap_or("");
    format!("{}{}", written[start..].trim(), after.trim())
}

/// The type that a declaration at the top level of the file states.
fn module_annotation(view: &FileView<'_>, at: At, read_module: &Cell<bool>) -> Option<String> {
    if !is_typed(view.language) {
        return None;
    }
    read_module.set(true);
    let name = view.ast(at.unit).node(at.node).hash;
    view.units.iter().find_map(|unit| {
        let ast = &unit.ast;
        if ast.is_empty() || matches!(ast.kind(Ast::ROOT), Kind::Function | Kind::Class | Kind::Import) {
            return None;
        }
        let root = match ast.kind(Ast::ROOT) {
            Kind::Module => ast.children(Ast::ROOT).next()?,
            _ => Ast::ROOT,
        };
        if ast.kind(root) != Kind::VarDecl {
            return None;
        }
        let declares =
            |&id: &NodeId| ast.slot(id, Slot::Left).is_some_and(|left| ast.node(left).hash == name);
        let declarator = ast.children(root).find(declares)?;
        let ty = ast.slot(declarator, Slot::Type).or_else(|| ast.slot(root, Slot::Type))?;
        Some(ast.text(ty).to_owned()).filter(|ty| ty != "var")
    })
}

/// A class is written like what it makes: `Digest.instance()`.
fn class_named(view: &FileView<'_>, ast: &Ast, id: NodeId) -> Option<String> {
    let text = ast.text(id);
    let class =
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.contains(|c: char| c.is_ascii_lowercase());
    (class && view.language == Language::Java).then(|| text.to_owned())
}

/// `int a = 1, b`: the declaration says the type of all its variables.
fn declared_type(ast: &Ast, declarator: NodeId) -> Option<NodeId> {
    let declaration = ast.parent(declarator).filter(|&parent| ast.kind(parent) == Kind::VarDecl)?;
    ast.slot(declaration, Slot::Type)
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
