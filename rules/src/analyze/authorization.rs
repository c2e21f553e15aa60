//! Missing authorisation: routes that change data and never ask who is calling.
//!
//! Whether that is a mistake depends on the project: a project without any login has nothing to forget. So a
//! unit yields candidates, every file yields the guards that it uses, and a candidate becomes a finding only
//! where the file or the workspace shows how it authenticates — which is also what the fix inserts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::unit::FileView;
use crate::flow::{Globals, Model};
use crate::syntax::{Ast, Kind, NodeId, Slot, hash_text};

/// A route that changes data and is not guarded by anything in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What to underline and to guard: the registering call, or the decorated function.
    pub node: NodeId,
    /// The decorator or call that declares it.
    pub declared: NodeId,
    /// `POST /recordings/<id>/delete`.
    pub route: String,
}

/// How a guard is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Style {
    Decorator,
    Middleware,
    Statement,
    /// The library is imported, but no use is in sight.
    Mechanism,
}

/// One guard in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Guard {
    pub style: Style,
    /// As written, without `@`.
    pub text: String,
    /// The line that imports it, where that line means the same in every file.
    pub import: Option<String>,
}

/// What one unit says about authorisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    pub candidates: Vec<Candidate>,
    pub guards: Vec<Guard>,
    /// It guards everything (`app.use(requireAuth)`).
    pub guards_all: bool,
}

/// Routes and guards of one unit.
pub(super) fn find(view: &FileView<'_>, unit: u32, model: &Model, globals: &Globals) -> Routes {
    let ast = view.ast(unit);
    let mut routes = Routes::default();
    if ast.is_empty() || model.guards().is_none() {
        return routes;
    }
    let finder = Finder { view, ast, model, globals };
    for id in ast.subtree(Ast::ROOT) {
        match ast.kind(id) {
            Kind::Call => finder.call(id, &mut routes),
            Kind::Function => finder.function(id, &mut routes),
            _ => {}
        }
    }
    routes
}

/// The guards that the imports of a file promise.
pub(super) fn mechanisms(view: &FileView<'_>, model: &Model) -> Vec<Guard> {
    let mut out = Vec::new();
    for mechanism in model.guards().iter().flat_map(|guards| &guards.mechanisms) {
        if view.names.imported().any(|name| crate::flow::has_head(name, &mechanism.import)) {
            let text = mechanism.decorator.clone().or_else(|| mechanism.middleware.clone());
            let style = match (&mechanism.decorator, &mechanism.middleware) {
                (Some(_), _) => Style::Decorator,
                (None, Some(_)) => Style::Middleware,
                (None, None) => Style::Mechanism,
            };
            let text = text.unwrap_or_else(|| mechanism.import.clone());
            out.push(Guard { style, text, import: mechanism.line.clone() });
        }
    }
    out
}

/// For the fixer: how `guard` is inserted.
pub(super) fn hints(guard: &Guard) -> BTreeMap<String, String> {
    let key = match guard.style {
        Style::Decorator => "decorator",
        Style::Middleware => "middleware",
        Style::Statement => "statement",
        Style::Mechanism => return BTreeMap::new(),
    };
    let mut hints = BTreeMap::from([(key.to_owned(), guard.text.clone())]);
    if let Some(import) = &guard.import {
        hints.insert("import".to_owned(), import.clone());
    }
    hints
}

struct Finder<'a> {
    view: &'a FileView<'a>,
    ast: &'a Ast,
    model: &'a Model,
    globals: &'a Globals,
}

impl Finder<'_> {
    /// `app.post("/x", guard, handler)`, `router.route("/x").delete(handler)`, `app.use(guard)`.
    fn call(&self, id: NodeId, routes: &mut Routes) {
        let ast = self.ast;
        let Some(callee) = ast.slot(id, Slot::Callee).filter(|&callee| ast.kind(callee) == Kind::Member)
        else {
            return;
        };
        let (Some(object), Some(property)) =
            (ast.slot(callee, Slot::Object), ast.slot(callee, Slot::Property))
        else {
            return;
        };
        let verb = ast.text(property);
        if !matches!(
            verb,
            "get"
                | "post"
                | "put"
                | "patch"
                | "delete"
                | "del"
                | "all"
                | "use"
                | "addHook"
                | "before_request"
        ) {
            return;
        }
        let chained = self.chained_path(object);
        let (receiver, path_node) = match chained {
            Some((receiver, path)) => (receiver, Some(path)),
            None => (object, ast.slot(id, Slot::Arg).filter(|&arg| is_path(ast, arg))),
        };
        if !self.declares_routes(receiver) {
            return;
        }
        let arguments: Vec<NodeId> = ast.slots(id, Slot::Arg).filter(|&arg| Some(arg) != path_node).collect();
        let guard = arguments.iter().find_map(|&arg| self.guard_in(arg));
        if matches!(verb, "use" | "addHook" | "before_request") {
            routes.guards_all |= guard.is_some();
            routes.guards.extend(guard);
            return;
        }
        let Some(path_node) = path_node else { return };
        if let Some(guard) = guard {
            routes.guards.push(guard);
            return;
        }
        let Some(&handler) = arguments.last() else { return };
        if self.checks(handler) {
            return;
        }
        let path = crate::syntax::strip_quotes(ast.text(path_node));
        if self.is_open_by_design(path) || !(is_changing_verb(verb) || says_change(path)) {
            return;
        }
        let route = format!("{} {path}", verb.to_uppercase());
        routes.candidates.push(Candidate { node: id, declared: callee, route });
    }

    /// `router.route("/x").get(…)` → (`router`, `"/x"`).
    fn chained_path(&self, mut object: NodeId) -> Option<(NodeId, NodeId)> {
        let ast = self.ast;
        for _ in 0..8 {
            if ast.kind(object) != Kind::Call {
                return None;
            }
            let callee = ast.slot(object, Slot::Callee)?;
            let receiver = ast.slot(callee, Slot::Object)?;
            if ast.text(ast.slot(callee, Slot::Property)?) == "route" {
                return Some((receiver, ast.slot(object, Slot::Arg).filter(|&arg| is_path(ast, arg))?));
            }
            object = receiver;
        }
        None
    }

    fn declares_routes(&self, receiver: NodeId) -> bool {
        let ast = self.ast;
        match ast.kind(receiver) {
            Kind::Ident => {
                let place = self.globals.place(ast.node(receiver).hash).unwrap_or(0);
                let known = ["post", "route", "get"]
                    .iter()
                    .any(|verb| self.model.is_route(self.model.member(place, hash_text(verb))));
                known || (place == 0 && self.model.is_route_receiver(ast.text(receiver)))
            }
            Kind::Member => ast
                .slot(receiver, Slot::Property)
                .is_some_and(|name| self.model.is_route_receiver(ast.text(name))),
            _ => false,
        }
    }

    /// `@app.route("/x", methods=["POST"]) def f(): …`
    fn function(&self, id: NodeId, routes: &mut Routes) {
        let ast = self.ast;
        let decorators: Vec<NodeId> = ast.slots(id, Slot::Decorator).collect();
        let mut declared = None;
        let mut guard = None;
        for &decorator in &decorators {
            let Some(value) = ast.slot(decorator, Slot::Value) else { continue };
            match self.declared_route(value) {
                Some(route) if self.is_guard(ast.text(value)) => {
                    // `dependencies=[Depends(current_user)]`
                    declared = Some((decorator, route));
                    guard = Some(None);
                }
                Some(route) => declared = Some((decorator, route)),
                None if self.is_before_request(value) => {
                    routes.guards_all |= self.checks(id);
                    return;
                }
                None if self.is_guard(ast.text(value)) => {
                    let import = self.import_line(value);
                    guard = Some(Some(Guard {
                        style: Style::Decorator,
                        text: ast.text(value).to_owned(),
                        import,
                    }));
                }
                None => {}
            }
        }
        if let Some(Some(guard)) = &guard {
            routes.guards.push(guard.clone());
        }
        let name = ast.slot(id, Slot::Name).map_or("", |name| ast.text(name));
        let (declared, route) = match declared {
            Some((decorator, route)) => (decorator, route),
            None if self.is_view(id) => {
                let Some(name) = ast.slot(id, Slot::Name) else { return };
                (
                    name,
                    Route {
                        path: ast.text(name).to_owned(),
                        changes: self.view_changes(id),
                        verb: "view".into(),
                    },
                )
            }
            None => return,
        };
        if guard.is_some() {
            return;
        }
        if ast
            .slots(id, Slot::Param)
            .any(|parameter| self.is_guard(ast.text(parameter)) && ast.node(parameter).size > 1)
        {
            return;
        }
        if self.checks(id) {
            routes.guards.extend(self.statement_guard(id));
            return;
        }
        if self.is_open_by_design(&route.path) || self.is_open_by_design(name) {
            return;
        }
        if route.changes || says_change(&route.path) || says_change(name) {
            let route = format!("{} {}", route.verb, route.path);
            routes.candidates.push(Candidate { node: id, declared, route });
        }
    }

    fn declared_route(&self, value: NodeId) -> Option<Route> {
        let ast = self.ast;
        if ast.kind(value) != Kind::Call {
            return None;
        }
        let callee = ast.slot(value, Slot::Callee).filter(|&callee| ast.kind(callee) == Kind::Member)?;
        let verb = ast.text(ast.slot(callee, Slot::Property)?);
        if !matches!(verb, "route" | "get" | "post" | "put" | "patch" | "delete" | "api_route") {
            return None;
        }
        if !self.declares_routes(ast.slot(callee, Slot::Object)?) {
            return None;
        }
        let path = ast.slot(value, Slot::Arg).filter(|&arg| is_path(ast, arg))?;
        let path = crate::syntax::strip_quotes(ast.text(path)).to_owned();
        let methods = ast.slots(value, Slot::Arg).find(|&arg| {
            ast.kind(arg) == Kind::Keyword
                && ast.slot(arg, Slot::Name).is_some_and(|name| ast.text(name) == "methods")
        });
        let methods =
            methods.and_then(|arg| ast.slot(arg, Slot::Value)).map(|list| ast.text(list).to_uppercase());
        let changing = methods.as_deref().and_then(|methods| {
            ["DELETE", "PUT", "PATCH", "POST"].into_iter().find(|method| methods.contains(method))
        });
        // A page that is shown and submitted by one function is judged by what it says of itself.
        let only_changing = methods.as_deref().is_some_and(|methods| !methods.contains("GET"));
        let changes = is_changing_verb(verb) || (changing.is_some() && only_changing);
        let verb = if verb == "route" { changing.unwrap_or("GET").to_owned() } else { verb.to_uppercase() };
        Some(Route { path, changes, verb })
    }

    fn is_before_request(&self, value: NodeId) -> bool {
        let text = self.ast.text(value);
        text.ends_with(".before_request")
            || text.ends_with(".before_app_request")
            || text.ends_with(".middleware(\"http\")")
    }

    /// A Django view: a top-level function whose first parameter is `request`.
    fn is_view(&self, id: NodeId) -> bool {
        let ast = self.ast;
        id == Ast::ROOT
            && self.model.has_views(self.view.names.imported())
            && ast.slots(id, Slot::Param).next().is_some_and(|first| ast.text(first) == "request")
    }

    fn view_changes(&self, id: NodeId) -> bool {
        static CHANGES: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"\.delete\(\)|\.objects\.(create|update|bulk_create)\(|\.save\(\)")
                .expect("the expression is constant")
        });
        self.ast.slot(id, Slot::Body).is_some_and(|body| CHANGES.is_match(self.ast.text(body)))
    }

    fn is_guard(&self, text: &str) -> bool {
        self.model.guards().is_some_and(|guards| guards.names.is_match(text))
    }

    fn is_open_by_design(&self, text: &str) -> bool {
        self.model.guards().is_some_and(|guards| guards.public.is_match(text))
    }

    /// A middleware that guards, or a handler wrapped in one.
    fn guard_in(&self, argument: NodeId) -> Option<Guard> {
        let ast = self.ast;
        match ast.kind(argument) {
            Kind::Ident | Kind::Member => {
                let text = ast.text(argument);
                let import = self.import_line(argument);
                self.is_guard(text).then(|| Guard { style: Style::Middleware, text: text.to_owned(), import })
            }
            Kind::Call => {
                let callee = ast.slot(argument, Slot::Callee)?;
                let wraps = ast.slots(argument, Slot::Arg).any(|arg| ast.kind(arg) == Kind::Function);
                let text = ast.text(argument);
                let is_guard = if wraps { self.is_guard(ast.text(callee)) } else { self.is_guard(text) };
                let style = if wraps { Style::Mechanism } else { Style::Middleware };
                let import = self.import_line(callee);
                is_guard.then(|| Guard { style, text: text.to_owned(), import })
            }
            Kind::Array => ast.children(argument).find_map(|element| self.guard_in(element)),
            // Middleware written in place.
            Kind::Function if self.is_middleware(argument) && self.checks(argument) => {
                Some(Guard { style: Style::Mechanism, text: String::new(), import: None })
            }
            _ => None,
        }
    }

    fn is_middleware(&self, function: NodeId) -> bool {
        let last = self.ast.slots(function, Slot::Param).last();
        last.is_some_and(|last| matches!(self.ast.text(last), "next" | "done"))
    }

    /// Whether code asks who is calling.
    fn checks(&self, id: NodeId) -> bool {
        let ast = self.ast;
        let body = if ast.kind(id) == Kind::Function { ast.slot(id, Slot::Body).unwrap_or(id) } else { id };
        self.model.guards().is_some_and(|guards| guards.checks.is_match(ast.text(body)))
    }

    /// `if not current_user.has_role("admin"): abort(403)` at the start of a body.
    fn statement_guard(&self, function: NodeId) -> Option<Guard> {
        let ast = self.ast;
        let body = ast.slot(function, Slot::Body)?;
        let first = ast.children(body).find(|&child| !matches!(ast.kind(child), Kind::Str))?;
        if ast.kind(first) != Kind::If || ast.node(first).size > 40 {
            return None;
        }
        let text = ast.text(first);
        if !self.checks(first) || text.lines().count() != 2 {
            return None;
        }
        Some(Guard { style: Style::Statement, text: dedent(text), import: None })
    }

    /// The line that imports the guard, if it means the same in every file.
    fn import_line(&self, node: NodeId) -> Option<String> {
        let ast = self.ast;
        let head = match ast.kind(node) {
            Kind::Call => ast.slot(node, Slot::Callee)?,
            _ => node,
        };
        let mut head = head;
        while ast.kind(head) == Kind::Member {
            head = ast.slot(head, Slot::Object)?;
        }
        let name = ast.text(head);
        let full = self.view.names.full(ast.node(head).hash)?;
        let (module, imported) = full.rsplit_once('.')?;
        let portable = !module.starts_with('.') && !module.is_empty() && imported == name;
        let is_python = self.view.language == crate::language::Language::Python;
        (portable && is_python).then(|| format!("from {module} import {name}"))
    }
}

struct Route {
    path: String,
    changes: bool,
    verb: String,
}

fn is_path(ast: &Ast, id: NodeId) -> bool {
    match ast.kind(id) {
        Kind::Str => ast.string_content(id).starts_with(['/', '*', ':']) || ast.string_content(id).is_empty(),
        Kind::Template => ast.text(id).contains('/'),
        _ => false,
    }
}

fn is_changing_verb(verb: &str) -> bool {
    matches!(verb, "post" | "put" | "patch" | "delete" | "del")
}

/// Whether a path or name says that something is changed.
fn says_change(text: &str) -> bool {
    static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(^|[/_.-]|[a-z])(delete|remove|destroy|update|edit|create|insert|purge|wipe|approve|revoke|grant|promote|transfer)([/_.<:{-]|[A-Z]|$)")
            .expect("the expression is constant")
    });
    CHANGE.is_match(text)
}

/// Lines after the first one without the indentation that the first one had.
fn dedent(text: &str) -> String {
    let indents = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let least = indents.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        if index == 0 {
            out.push_str(line);
        } else {
            out.push_str("\n    ");
            out.push_str(line.get(least..).unwrap_or(line.trim_start()));
        }
    }
    out
}
