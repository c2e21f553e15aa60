//! Expressions: which taints their values have.

use smallvec::SmallVec;

use super::Flow;
use super::shape::{Env, Key, Place, Shape, State, Taints, extend};
use crate::analyze::At;
use crate::pattern::type_of;
use crate::syntax::{Kind, NodeId, Slot, hash_text};

impl<'a> Flow<'a> {
    /// The value of an expression, with what the rule's marks say of it.
    pub(super) fn expression(&mut self, id: NodeId, env: &mut Env) -> Shape {
        if self.fuel == 0 {
            return Shape::default();
        }
        self.fuel -= 1;
        let mut inputs = Taints::new();
        let value = self.plain(id, env, &mut inputs);
        self.marked(id, value, &inputs, env)
    }

    /// The value by what the code says. `inputs` are the taints that go into it where it is a call.
    fn plain(&mut self, id: NodeId, env: &mut Env, inputs: &mut Taints) -> Shape {
        let ast = self.ast;
        match ast.kind(id) {
            Kind::Ident | Kind::Shorthand => env.variable(ast.node(id).hash),
            Kind::Str | Kind::StrPart | Kind::Num | Kind::Bool | Kind::Null | Kind::Regex => Shape::default(),
            Kind::Member => {
                let Some(object) = ast.slot(id, Slot::Object) else { return Shape::default() };
                let object = self.expression(object, env);
                self.part(id, &object)
            }
            Kind::Index => self.index(id, env),
            Kind::Call | Kind::New => self.call(id, env, inputs),
            Kind::Assign => self.assign(id, env),
            Kind::AugAssign => self.augmented(id, env),
            Kind::Binary | Kind::Compare | Kind::Unary => self.operation(id, env),
            Kind::Ternary => {
                if let Some(condition) = ast.slot(id, Slot::Cond) {
                    self.expression(condition, env);
                }
                let mut other = env.clone();
                let value = |flow: &mut Self, slot, env: &mut Env| {
                    ast.slot(id, slot).map(|node| flow.expression(node, env)).unwrap_or_default()
                };
                let then = value(self, Slot::Then, env);
                let or = value(self, Slot::Else, &mut other);
                env.join(&other);
                then.join(&or)
            }
            Kind::Await | Kind::Spread | Kind::Keyword | Kind::Pair | Kind::Default => {
                let value = ast.slot(id, Slot::Value).or_else(|| ast.slot(id, Slot::Right));
                value.map(|value| self.expression(value, env)).unwrap_or_default()
            }
            Kind::Sequence => {
                let mut last = Shape::default();
                for child in ast.children(id) {
                    last = self.expression(child, env);
                }
                last
            }
            Kind::Object | Kind::Array | Kind::Tuple | Kind::Set => self.collection(id, env),
            Kind::Comprehension => self.comprehension(id, env),
            Kind::Function => {
                self.function(id, env);
                Shape::default()
            }
            Kind::Class => {
                self.class(id, env);
                Shape::default()
            }
            Kind::VarDecl if ast.slot(id, Slot::Right).is_some() => self.assign(id, env),
            kind if is_statement(kind) => {
                self.statement(id, env);
                if self.view.language.definition().writing.implicit_returns {
                    return self.statement_value(id, env, 16);
                }
                Shape::default()
            }
            _ => {
                let mut taints = Taints::new();
                for child in ast.children(id) {
                    if !matches!(ast.node(child).slot, Slot::Type | Slot::Name) {
                        extend(&mut taints, &self.expression(child, env).all_taints());
                    }
                }
                self.derived(taints)
            }
        }
    }

    /// The taints of what is made of other values.
    fn derived(&self, taints: Taints) -> Shape {
        match self.spec.options.only_through_assignments {
            true => Shape::default(),
            false => Shape::tainted(taints),
        }
    }

    /// A member or element of a value.
    fn part(&self, id: NodeId, object: &Shape) -> Shape {
        let Some(key) = self.key(id) else { return object.clone() };
        match self.spec.options.only_through_assignments {
            true => object.field(key).unwrap_or_default(),
            false => object.part(key),
        }
    }

    /// What a member or index expression selects.
    fn key(&self, id: NodeId) -> Option<Key> {
        let ast = self.ast;
        match ast.kind(id) {
            Kind::Member => Some(Key::Name(ast.node(ast.slot(id, Slot::Property)?).hash)),
            Kind::Index => {
                let index = ast.slot(id, Slot::Index)?;
                Some(match ast.kind(index) {
                    Kind::Str => Key::Name(ast.node(index).hash),
                    Kind::Num => Key::Element(ast.node(index).hash),
                    // A symbol.
                    Kind::Other => match ast.slot(index, Slot::Name) {
                        Some(name) => Key::Name(ast.node(name).hash),
                        None => Key::Any,
                    },
                    _ => Key::Any,
                })
            }
            _ => None,
        }
    }

    /// The variable, or part of one, that an expression names.
    pub(super) fn place(&self, id: NodeId) -> Option<Place> {
        let ast = self.ast;
        let mut path: SmallVec<[Key; 4]> = SmallVec::new();
        let mut node = id;
        loop {
            match ast.kind(node) {
                Kind::Ident | Kind::Shorthand => {
                    path.reverse();
                    return Some(Place { name: ast.node(node).hash, path });
                }
                Kind::Member | Kind::Index => {
                    path.push(self.key(node)?);
                    node = ast.slot(node, Slot::Object)?;
                }
                Kind::Param => node = ast.slot(node, Slot::Name)?,
                Kind::Spread => node = ast.children(node).next()?,
                Kind::Default => node = ast.slot(node, Slot::Left)?,
                _ => return None,
            }
        }
    }

    fn index(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let Some(object) = ast.slot(id, Slot::Object) else { return Shape::default() };
        let object = self.expression(object, env);
        let mut value = self.part(id, &object);
        let indexes: SmallVec<[NodeId; 2]> =
            ast.children(id).filter(|&child| ast.node(child).slot != Slot::Object).collect();
        for index in indexes {
            let index = self.expression(index, env);
            let options = &self.spec.options;
            if !options.safe_indexes && !options.only_through_assignments {
                value.add(&index.all_taints());
            }
        }
        value
    }

    fn call(&mut self, id: NodeId, env: &mut Env, inputs: &mut Taints) -> Shape {
        let ast = self.ast;
        let arguments: SmallVec<[NodeId; 6]> = ast.slots(id, Slot::Arg).collect();
        // A callback may be handed what it is called on.
        let callback = arguments.iter().any(|&argument| ast.kind(argument) == Kind::Function);
        let receiver = ast.slot(id, Slot::Callee).and_then(|callee| ast.slot(callee, Slot::Object));
        if let Some(receiver) = receiver.filter(|_| callback) {
            self.expression(receiver, env);
        }
        for argument in arguments {
            let value = self.expression(argument, env);
            extend(inputs, &value.all_taints());
        }
        let callee_node = ast.slot(id, Slot::Callee);
        let callee = callee_node.map(|callee| self.expression(callee, env)).unwrap_or_default();
        self.append(callee_node, inputs, env);
        if let Some(block) = ast.slot(id, Slot::Body) {
            self.block_of_call(block, callee.taints(), env);
        }
        self.may_raise(env);
        let options = &self.spec.options;
        if options.only_through_assignments {
            return Shape::default();
        }
        let mut taints = if options.safe_functions { Taints::new() } else { inputs.clone() };
        extend(&mut taints, callee.taints());
        self.typed(id, taints)
    }

    /// What a method that adds to its receiver does to it.
    fn append(&mut self, callee: Option<NodeId>, added: &[super::shape::Taint], env: &mut Env) {
        let ast = self.ast;
        let appends = self.view.language.definition().writing.appends;
        let Some(callee) = callee.filter(|_| !appends.is_empty() && !added.is_empty()) else { return };
        let (Some(object), Some(method)) = (ast.slot(callee, Slot::Object), ast.slot(callee, Slot::Property))
        else {
            return;
        };
        if appends.contains(&ast.text(method))
            && !self.spec.options.only_through_assignments
            && let Some(place) = self.place(object)
        {
            env.taint(&place, added);
        }
    }

    /// The block of a call runs where it stands: it sees and changes the variables around it.
    fn block_of_call(&mut self, block: NodeId, receiver: &[super::shape::Taint], env: &mut Env) {
        let ast = self.ast;
        if ast.kind(block) != Kind::Function {
            self.expression(block, env);
            return;
        }
        let before = env.clone();
        let parameters: SmallVec<[NodeId; 4]> = ast.slots(block, Slot::Param).collect();
        for parameter in parameters {
            self.bind(parameter, Shape::tainted(receiver.into()), env);
        }
        if let Some(body) = ast.slot(block, Slot::Body) {
            self.statement(body, env);
        }
        env.join(&before);
    }

    /// The value of `if`, `case` or a block where it is an expression: that of the last expression in each branch.
    fn statement_value(&mut self, id: NodeId, env: &mut Env, depth: usize) -> Shape {
        let ast = self.ast;
        let mut value = Shape::default();
        if depth == 0 {
            return value;
        }
        let parts: SmallVec<[NodeId; 4]> = match ast.kind(id) {
            Kind::If => ast
                .children(id)
                .filter(|&child| matches!(ast.node(child).slot, Slot::Then | Slot::Else))
                .collect(),
            Kind::Switch => ast.children(id).filter(|&child| ast.node(child).slot != Slot::Value).collect(),
            Kind::Case => ast.slots(id, Slot::Body).last().into_iter().collect(),
            Kind::Block => ast.children(id).last().into_iter().collect(),
            kind if is_statement(kind) => SmallVec::new(),
            _ => return self.expression(id, env),
        };
        for part in parts {
            value = value.join(&self.statement_value(part, env, depth - 1));
        }
        value
    }

    /// Operators and comparisons.
    fn operation(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let mut taints = Taints::new();
        for child in ast.children(id) {
            extend(&mut taints, &self.expression(child, env).all_taints());
        }
        if self.view.language.definition().writing.appends.contains(&ast.operator(id))
            && let Some(place) = ast.slot(id, Slot::Left).and_then(|left| self.place(left))
            && !self.spec.options.only_through_assignments
        {
            env.taint(&place, &taints);
        }
        if self.spec.options.safe_comparisons && compares(ast.kind(id), ast.operator(id)) {
            return Shape::default();
        }
        self.typed(id, taints)
    }

    /// What is left of the taints in a value of that type.
    fn typed(&self, id: NodeId, taints: Taints) -> Shape {
        let options = &self.spec.options;
        if !taints.is_empty() && (options.safe_booleans || options.safe_numbers) {
            let ty = self.simple_type(id);
            if (options.safe_booleans && ty == Some(Simple::Boolean))
                || (options.safe_numbers && ty == Some(Simple::Number))
            {
                return Shape::default();
            }
        }
        self.derived(taints)
    }

    fn simple_type(&self, id: NodeId) -> Option<Simple> {
        let ast = self.ast;
        match ast.kind(id) {
            kind @ (Kind::Binary | Kind::Compare | Kind::Unary) => {
                let operator = ast.operator(id);
                if compares(kind, operator) || matches!(operator, "!" | "not") {
                    return Some(Simple::Boolean);
                }
                let mut parts = ast.children(id).map(|child| self.simple_type(child));
                match operator {
                    "-" | "*" | "/" | "%" | "**" | "//" | "+" => {
                        parts.any(|part| part == Some(Simple::Number)).then_some(Simple::Number)
                    }
                    _ => None,
                }
            }
            _ => {
                let read = std::cell::Cell::new(false);
                let ty = type_of(self.view, At { unit: self.unit, node: id }, &read)?;
                match ty.as_str() {
                    "int" | "float" | "number" | "long" | "short" | "double" | "Integer" | "Long" => {
                        Some(Simple::Number)
                    }
                    "bool" | "boolean" | "Boolean" => Some(Simple::Boolean),
                    _ => None,
                }
            }
        }
    }

    fn assign(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let left = ast.slot(id, Slot::Left);
        let right = ast.slot(id, Slot::Right);
        let mut value = right.map(|right| self.expression(right, env)).unwrap_or_default();
        let Some(left) = left else { return value };
        if right.is_none() && ast.kind(left) != Kind::Ident {
            // `x: int` in a class says nothing of a value.
            return value;
        }
        if let State::Tainted(taints) = &mut value.state {
            self.step(taints, left, "is assigned");
        }
        self.bind(left, value.clone(), env);
        value
    }

    fn augmented(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let (Some(left), Some(right)) = (ast.slot(id, Slot::Left), ast.slot(id, Slot::Right)) else {
            return Shape::default();
        };
        let mut value = self.expression(left, env);
        let added = self.expression(right, env).all_taints();
        if self.spec.options.only_through_assignments {
            value = Shape::default();
        } else {
            value.add(&added);
        }
        self.bind(left, value.clone(), env);
        value
    }

    /// What an assignment does to its left side.
    pub(super) fn bind(&mut self, target: NodeId, value: Shape, env: &mut Env) {
        let ast = self.ast;
        match ast.kind(target) {
            Kind::Object => {
                for property in ast.children(target) {
                    let (key, inner) = match ast.kind(property) {
                        Kind::Pair => (
                            ast.slot(property, Slot::Key),
                            ast.slot(property, Slot::Value).unwrap_or(property),
                        ),
                        Kind::Default => (ast.slot(property, Slot::Left), property),
                        Kind::Shorthand => (Some(property), property),
                        _ => (None, property),
                    };
                    let part = match key {
                        Some(key) => value.part(Key::Name(ast.node(key).hash)),
                        None => value.clone(),
                    };
                    self.bind(inner, part, env);
                }
            }
            Kind::Array | Kind::Tuple => {
                let value = self.marked(target, value, &[], env);
                for (index, element) in ast.children(target).enumerate() {
                    let part = match ast.kind(element) {
                        Kind::Spread => Shape::tainted(value.all_taints()),
                        _ => value.part(Key::Element(hash_text(&index.to_string()))),
                    };
                    self.bind(element, part, env);
                }
            }
            Kind::Default => {
                let mut value = value;
                if let Some(default) = ast.slot(target, Slot::Right) {
                    let default = self.expression(default, env);
                    value = value.join(&default);
                }
                if let Some(left) = ast.slot(target, Slot::Left) {
                    self.bind(left, value, env);
                }
            }
            Kind::Param => {
                if let Some(name) = ast.slot(target, Slot::Name) {
                    self.bind(name, value, env);
                }
            }
            Kind::Spread => {
                if let Some(name) = self.place(target).and_then(|_| ast.children(target).next()) {
                    self.bind(name, value, env);
                }
            }
            Kind::VarDecl => {
                if let Some(name) = ast.slot(target, Slot::Left).or_else(|| ast.children(target).next()) {
                    self.bind(name, value, env);
                }
            }
            // `*p = x`
            Kind::Unary => {
                if let Some(operand) = ast.slot(target, Slot::Value) {
                    self.bind(operand, value, env);
                }
            }
            // `Some(x)`, `Point { x, y }`, `a | b` take a value apart.
            Kind::Call | Kind::New | Kind::Other if ast.node(target).slot != Slot::Right => {
                let value = self.marked(target, value, &[], env);
                let parts: SmallVec<[NodeId; 4]> = ast
                    .children(target)
                    .filter(|&part| !matches!(ast.node(part).slot, Slot::Callee | Slot::Type))
                    .collect();
                for part in parts {
                    self.bind(part, Shape::tainted(value.all_taints()), env);
                }
            }
            Kind::Pair => {
                if let Some(part) = ast.slot(target, Slot::Value).or_else(|| ast.slot(target, Slot::Key)) {
                    self.bind(part, value, env);
                }
            }
            Kind::Assign => {
                if let Some(left) = ast.slot(target, Slot::Left) {
                    self.bind(left, value, env);
                }
            }
            _ => {
                let Some(place) = self.place(target) else {
                    self.expression(target, env);
                    return;
                };
                // What the place is reached through is read; the place itself is written.
                for part in ast.children(target).collect::<SmallVec<[NodeId; 2]>>() {
                    if ast.node(part).slot != Slot::Property {
                        self.expression(part, env);
                    }
                }
                let value = self.written(target, value, env);
                env.set(&place, value);
            }
        }
    }

    /// Lists and objects: any part of them may be read by another name, so they are tainted as a whole.
    fn collection(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let mut taints = Taints::new();
        for child in ast.children(id) {
            if ast.kind(child) == Kind::Pair
                && let Some(key) = ast.slot(child, Slot::Key)
                && ast.kind(key) != Kind::Ident
            {
                extend(&mut taints, &self.expression(key, env).all_taints());
            }
            extend(&mut taints, &self.expression(child, env).all_taints());
        }
        self.derived(taints)
    }

    fn comprehension(&mut self, id: NodeId, env: &mut Env) -> Shape {
        let ast = self.ast;
        let mut inner = env.clone();
        for clause in ast.children(id).filter(|&child| ast.kind(child) == Kind::ForClause) {
            let iterated = ast.slot(clause, Slot::Iter).map(|iter| self.expression(iter, &mut inner));
            if let (Some(left), Some(iterated)) = (ast.slot(clause, Slot::Left), iterated) {
                self.bind(left, iterated.element(), &mut inner);
            }
        }
        let mut taints = Taints::new();
        for child in ast.children(id).filter(|&child| ast.kind(child) != Kind::ForClause) {
            let value = self.expression(child, &mut inner);
            if ast.node(child).slot == Slot::Body {
                extend(&mut taints, &value.all_taints());
            }
        }
        self.derived(taints)
    }
}

/// A type that options can trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Simple {
    Boolean,
    Number,
}

fn compares(kind: Kind, operator: &str) -> bool {
    let word = operator.split_whitespace().next().unwrap_or("");
    kind == Kind::Compare
        || matches!(
            word,
            "==" | "==="
                | "!="
                | "!=="
                | "<"
                | ">"
                | "<="
                | ">="
                | "<=>"
                | "=~"
                | "!~"
                | "in"
                | "is"
                | "instanceof"
        )
}

pub(super) fn is_statement(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Module
            | Kind::Block
            | Kind::If
            | Kind::For
            | Kind::ForIn
            | Kind::While
            | Kind::Try
            | Kind::Switch
            | Kind::Return
            | Kind::VarDecl
            | Kind::With
            | Kind::Throw
            | Kind::Break
            | Kind::Continue
            | Kind::Import
            | Kind::Export
            | Kind::Global
    )
}
