//! What a condition teaches about the values it tests.
//!
//! Allowlists, full matches of a pattern and type checks are guards. Blocklists (`includes("'")`,
//! `"<" in x`) are not: they name what somebody thought of.

use super::env::Env;
use super::eval::Flow;
use super::value::{Known, Value};
use crate::syntax::{Kind, NodeId, Slot};

/// Predicates that only text without any special character satisfies.
const STRICT_PREDICATES: &[&str] = &[
    "isdigit",
    "isnumeric",
    "isdecimal",
    "isalnum",
    "isalpha",
    "isidentifier",
    "isInt",
    "isNumeric",
    "isInteger",
    "isSafeInteger",
    "isFinite",
    "isUUID",
    "isAlphanumeric",
    "isAlpha",
    "isHexadecimal",
    "isMongoId",
    "isIP",
];

impl Flow<'_> {
    /// Refines `env` by the condition `id` being `truth`.
    pub(super) fn refine(&mut self, id: NodeId, truth: bool, env: &mut Env) {
        let ast = self.ast;
        match ast.kind(id) {
            Kind::Unary if matches!(ast.operator(id), "!" | "not") => {
                if let Some(operand) = ast.children(id).next() {
                    self.refine(operand, !truth, env);
                }
            }
            Kind::Binary => self.refine_binary(id, truth, env),
            Kind::Compare => self.refine_comparison(id, truth, env),
            Kind::Call if truth => self.refine_call(id, env),
            _ => {}
        }
    }

    fn refine_binary(&mut self, id: NodeId, truth: bool, env: &mut Env) {
        let ast = self.ast;
        let mut children = ast.children(id);
        let (Some(left), Some(right)) = (children.next(), children.next()) else { return };
        match (ast.operator(id), truth) {
            // Both hold, or neither does.
            ("&&" | "and", true) | ("||" | "or", false) => {
                self.refine(left, truth, env);
                self.refine(right, truth, env);
            }
            _ => self.refine_comparison(id, truth, env),
        }
    }

    fn refine_comparison(&mut self, id: NodeId, truth: bool, env: &mut Env) {
        let ast = self.ast;
        let mut children = ast.children(id);
        let (Some(left), Some(right)) = (children.next(), children.next()) else { return };
        let equal = match ast.operator(id) {
            "===" | "==" | "is" => truth,
            "!==" | "!=" | "is not" => !truth,
            "in" if truth => return self.refine_membership(left, right, env),
            "not in" if !truth => return self.refine_membership(left, right, env),
            _ => return,
        };
        if !equal {
            return;
        }
        for (tested, other) in [(left, right), (right, left)] {
            // `typeof x === "number"`
            if ast.kind(tested) == Kind::Unary && ast.operator(tested) == "typeof" {
                let kind = ast.string_content(other);
                if matches!(kind, "number" | "boolean" | "bigint")
                    && let Some(operand) = ast.children(tested).next()
                {
                    self.clear(operand, Value::known(Known::Number), env);
                }
                continue;
            }
            // `indexOf(x) !== -1` is handled as a comparison with a number and teaches nothing of `x` itself.
            let constant = self.expression(other, env);
            if constant.constant_text().is_some() && constant.known != Known::Number {
                self.clear(tested, constant, env);
            }
        }
    }

    /// `x in ALLOWED`: safe if the collection is written in the code and `x` is an element, not a part of it.
    fn refine_membership(&mut self, tested: NodeId, collection: NodeId, env: &mut Env) {
        let value = self.expression(collection, env);
        let is_collection = value.known == Known::Literal && value.shape.is_none();
        let named_as_constant = self.is_constant_name(collection) && !value.is_tainted();
        if is_collection || named_as_constant {
            self.clear(tested, Value::default(), env);
        }
    }

    /// `ALLOWED_HOSTS`: a name in capitals is a constant by convention.
    fn is_constant_name(&self, id: NodeId) -> bool {
        let text = self.ast.text(id);
        let name = text.rsplit('.').next().unwrap_or(text);
        matches!(self.ast.kind(id), Kind::Ident | Kind::Member)
            && name.len() > 2
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    }

    fn refine_call(&mut self, id: NodeId, env: &mut Env) {
        let ast = self.ast;
        let Some(callee) = ast.slot(id, Slot::Callee) else { return };
        let first = ast.slot(id, Slot::Arg);
        if ast.kind(callee) != Kind::Member {
            // `isinstance(x, int)`
            if ast.text(callee) == "isinstance"
                && let Some(tested) = first
                && let Some(class) = ast.slots(id, Slot::Arg).nth(1)
                && matches!(ast.text(class), "int" | "float" | "bool" | "(int, float)")
            {
                self.clear(tested, Value::known(Known::Number), env);
            }
            return;
        }
        let (Some(object), Some(property)) =
            (ast.slot(callee, Slot::Object), ast.slot(callee, Slot::Property))
        else {
            return;
        };
        let name = ast.text(property);
        if STRICT_PREDICATES.contains(&name) {
            self.clear(first.unwrap_or(object), Value::default(), env);
            return;
        }
        match name {
            // `/^[a-z]+$/.test(x)`
            "test" => {
                if let Some(tested) = first
                    && ast.kind(object) == Kind::Regex
                    && is_strict_regex(ast.text(object), true)
                {
                    self.clear(tested, Value::default(), env);
                }
            }
            // `ALLOWED.includes(x)`, `allowed.has(x)`
            "includes" | "has" => {
                if let Some(tested) = first {
                    self.refine_membership(tested, object, env);
                }
            }
            // `re.fullmatch(r"[a-z]+", x)`
            "fullmatch" | "match" => {
                let mut arguments = ast.slots(id, Slot::Arg);
                if let (Some(pattern), Some(tested)) = (arguments.next(), arguments.next())
                    && ast.kind(pattern) == Kind::Str
                    && (name == "fullmatch" || is_strict_regex(ast.string_content(pattern), false))
                    && !accepts_anything(ast.string_content(pattern))
                {
                    self.clear(tested, Value::default(), env);
                } else if let Some(pattern) = first
                    && ast.kind(pattern) == Kind::Regex
                    && is_strict_regex(ast.text(pattern), true)
                {
                    // `x.match(/^[a-z]+$/)`
                    self.clear(object, Value::default(), env);
                }
            }
            _ => {}
        }
    }

    /// Replaces what is known of a variable (or of a member of one) by `value`.
    fn clear(&mut self, tested: NodeId, value: Value, env: &mut Env) {
        let ast = self.ast;
        match ast.kind(tested) {
            Kind::Ident => env.set(ast.node(tested).hash, value),
            Kind::Member => self.bind(tested, value, env),
            // `String(x)`, `x.trim()`
            Kind::Call => {
                let inner = ast.slot(tested, Slot::Arg).or_else(|| {
                    ast.slot(tested, Slot::Callee).and_then(|callee| ast.slot(callee, Slot::Object))
                });
                if let Some(inner) = inner {
                    self.clear(inner, value, env);
                }
            }
            _ => {}
        }
    }
}

/// Whether the pattern describes the whole text and nothing arbitrary.
fn is_strict_regex(text: &str, literal: bool) -> bool {
    let body = if literal {
        let Some(end) = text.rfind('/') else { return false };
        let flags = &text[end + 1..];
        // With `m` the anchors mean lines.
        if flags.contains('m') {
            return false;
        }
        text.get(1..end).unwrap_or("")
    } else {
        text
    };
    let anchored = body.starts_with('^') || body.starts_with("\\A") || !literal;
    let ends = body.ends_with('$') || body.ends_with("\\Z") || body.ends_with("\\z");
    anchored && ends && !accepts_anything(body)
}

/// `.`, `\S`, negated classes and the like admit special characters.
fn accepts_anything(pattern: &str) -> bool {
    let without_escaped_dots = pattern.replace("\\.", "");
    let mut in_class = false;
    for c in without_escaped_dots.chars() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            '.' if !in_class => return true,
            _ => {}
        }
    }
    ["[^", "\\S", "\\D", "\\W"].iter().any(|open| pattern.contains(open))
}
