//! What the names of a file stand for: imports and `require`, resolved to full dotted names.

use rustc_hash::FxHashMap;

use super::unit::Unit;
use crate::language::{Imports, Language};
use crate::syntax::{Ast, Kind, NodeId, Slot, dotted_path, hash_text, strip_quotes};

/// The alias of an import that names nothing but a place: `import a.b.*`, `using A.B`.
const EVERYTHING: &str = "*";

/// The imported names of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    aliases: FxHashMap<u64, String>,
    /// What is below these is in scope by its own name.
    namespaces: Vec<String>,
}

impl Names {
    /// The imports of a file given as its units.
    pub fn gather<'a>(units: impl Iterator<Item = &'a Unit>) -> Names {
        let imported: Vec<_> = units.map(|unit| imports(&unit.ast, unit.language)).collect();
        Names::merge(imported.iter().map(Vec::as_slice))
    }

    /// Merges what the units import, in order.
    pub fn merge<'a>(units: impl Iterator<Item = &'a [(String, String)]>) -> Names {
        let mut names = Names::default();
        for (alias, path) in units.flatten() {
            if alias == EVERYTHING {
                names.namespaces.push(path.clone());
            } else {
                names.aliases.insert(hash_text(alias), path.clone());
            }
        }
        names
    }

    /// The full name behind an imported name, by the hash of its text: `cp` → `child_process`.
    pub fn full(&self, hash: u64) -> Option<&str> {
        self.aliases.get(&hash).map(String::as_str)
    }

    /// The same with the package's own name for its path: `j.Parse` → `jwt.Parse` after `import j "example.org/jwt-go"`.
    /// `None` where no path is imported.
    pub fn by_package(&self, ast: &Ast, id: NodeId) -> Option<String> {
        match ast.kind(id) {
            Kind::Ident => {
                let full = self.full(ast.node(id).hash).filter(|full| full.contains('/'))?;
                Some(package_name(full).to_owned())
            }
            Kind::Member => {
                let mut object = self.by_package(ast, ast.slot(id, Slot::Object)?)?;
                object.push('.');
                object.push_str(ast.text(ast.slot(id, Slot::Property)?));
                Some(object)
            }
            _ => None,
        }
    }

    /// Whether the file brings everything below a path into scope.
    pub fn has_namespaces(&self) -> bool {
        !self.namespaces.is_empty()
    }

    /// Whether a dotted name may be the full name `full` by what the file imports.
    pub fn may_be(&self, name: &str, full: &str) -> bool {
        let (head, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
        let by_alias = self.full(hash_text(head)).is_some_and(|path| full.strip_prefix(path) == Some(rest));
        by_alias
            || self.namespaces.iter().any(|space| {
                full.strip_suffix(name).and_then(|before| before.strip_suffix('.')) == Some(space.as_str())
            })
    }

    /// All full names that the file imports.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        self.aliases.values().chain(&self.namespaces).map(String::as_str)
    }

    /// `a.b.c` with an imported head written out: `cp.exec` → `child_process.exec`. `None` for anything
    /// but names and members of names.
    pub fn qualified(&self, ast: &Ast, id: NodeId) -> Option<String> {
        match ast.kind(id) {
            Kind::Ident => {
                let text = || dotted_path(ast.text(id));
                Some(self.full(ast.node(id).hash).map_or_else(text, str::to_owned))
            }
            Kind::Member => {
                let mut object = self.qualified(ast, ast.slot(id, Slot::Object)?)?;
                object.push('.');
                object.push_str(ast.text(ast.slot(id, Slot::Property)?));
                Some(object)
            }
            // `require("child_process").exec`
            Kind::Call => required_module(ast, id),
            _ => None,
        }
    }
}

/// The names that one top-level unit imports, with what they stand for.
pub(crate) fn imports(ast: &Ast, language: Language) -> Vec<(String, String)> {
    let mut names = imported_names(ast, language);
    if !language.definition().writing.any_case.is_empty() {
        names.iter_mut().for_each(|(alias, _)| alias.make_ascii_lowercase());
    }
    names
}

fn imported_names(ast: &Ast, language: Language) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let style = language.definition().imports;
    if ast.is_empty() || matches!(style, Imports::None | Imports::References) {
        return out;
    }
    if matches!(style, Imports::Last | Imports::Namespace) {
        for id in ast.subtree(Ast::ROOT) {
            if ast.kind(id) == Kind::Import {
                last_parts(ast, id, "", style, &mut out);
            }
        }
        return out;
    }
    for id in ast.subtree(Ast::ROOT) {
        match ast.kind(id) {
            Kind::Import => import_statement(ast, id, &mut out),
            Kind::Assign => require_assignment(ast, id, &mut out),
            _ => {}
        }
    }
    out
}

/// `import x, {y as z} from "m"`, `import * as n from "m"`, `import a.b as c`, `from a import b as c`.
fn import_statement(ast: &Ast, id: NodeId, out: &mut Vec<(String, String)>) {
    let source = ast.slot(id, Slot::Source).map(|source| module_path(ast.text(source)));
    for child in ast.children(id) {
        let text = ast.text(child);
        match (ast.kind(child), ast.node(child).slot, &source) {
            (_, Slot::Source, _) => {}
            (Kind::ImportName, _, _) => {
                let Some(name) = ast.slot(child, Slot::Name).map(|name| ast.text(name)) else { continue };
                let alias = ast.slot(child, Slot::Alias).map_or(name, |alias| ast.text(alias));
                let path = source.as_ref().map_or_else(|| name.to_owned(), |module| join(module, name));
                out.push((alias.to_owned(), path));
            }
            // `import * as fs from "fs"`
            (Kind::Spread, _, Some(module)) => {
                if let Some(alias) = ast.children(child).next() {
                    out.push((ast.text(alias).to_owned(), module.clone()));
                }
            }
            // `import express from "express"`, `import fs = require("fs")`: the default export is the module.
            (Kind::Ident, Slot::Alias, Some(module)) => out.push((text.to_owned(), module.clone())),
            (Kind::Ident, Slot::Name, Some(module)) if is_quoted(ast, id) => {
                out.push((text.to_owned(), module.clone()));
            }
            // `from a import b`
            (Kind::Ident, _, Some(module)) => out.push((text.to_owned(), join(module, text))),
            // `import a.b` binds `a`.
            (Kind::Ident, _, None) => {
                let head = text.split('.').next().unwrap_or(text);
                out.push((head.to_owned(), head.to_owned()));
            }
            _ => {}
        }
    }
}

/// `import a.b.C`, `use a::b::{C, D as E}`, `import f "a/b"`: what is bound is the last part of a path, or an alias.
/// Of a namespace only an alias is bound.
fn last_parts(ast: &Ast, id: NodeId, prefix: &str, style: Imports, out: &mut Vec<(String, String)>) {
    let below = |text: &str| {
        let path = dotted_path(strip_quotes(text)).trim_matches('.').to_owned();
        if prefix.is_empty() { path } else { format!("{prefix}.{path}") }
    };
    let base = ast.slot(id, Slot::Source).map(|source| below(ast.text(source)));
    let prefix = base.as_deref().unwrap_or(prefix);
    let below = |text: &str| {
        let path = dotted_path(strip_quotes(text)).trim_matches('.').to_owned();
        if prefix.is_empty() { path } else { format!("{prefix}.{path}") }
    };
    // `using A = B.C`
    if style == Imports::Namespace
        && let Some(alias) = ast.slot(id, Slot::Alias)
        && let Some(path) =
            ast.children(id).find(|&child| child != alias && ast.node(child).slot == Slot::None)
    {
        out.push((ast.text(alias).to_owned(), below(ast.text(path))));
        return;
    }
    let everything = ast.children(id).any(|child| ast.text(child) == EVERYTHING);
    for child in ast.children(id) {
        if ast.node(child).slot == Slot::Source || ast.text(child) == EVERYTHING {
            continue;
        }
        match ast.kind(child) {
            Kind::Ident | Kind::Member if everything || style == Imports::Namespace => {
                out.push((EVERYTHING.to_owned(), below(ast.text(child))));
            }
            Kind::ImportName => {
                let Some(name) = ast.slot(child, Slot::Name) else {
                    last_parts(ast, child, prefix, style, out);
                    continue;
                };
                let path = below(ast.text(name));
                match ast.slot(child, Slot::Alias) {
                    Some(alias) => out.push((ast.text(alias).to_owned(), path)),
                    None if style == Imports::Last => out.push((package_name(&path).to_owned(), path)),
                    None => {}
                }
            }
            Kind::Ident | Kind::Member | Kind::Str if style == Imports::Last => {
                let path = below(ast.text(child));
                out.push((package_name(&path).to_owned(), path));
            }
            Kind::Ident | Kind::Member | Kind::Str => {}
            _ => last_parts(ast, child, prefix, style, out),
        }
    }
}

/// `C` of `a.b.C`, `chi` of `github.com/go-chi/chi/v5`, `yaml` of `gopkg.in/yaml.v3`, `jwt` of `github.com/x/jwt-go`.
pub(crate) fn package_name(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    if !path.contains('/') {
        return path.rsplit('.').next().unwrap_or(path);
    }
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let last = if is_version(last) { parts.next().unwrap_or(last) } else { last };
    let last = match last.rsplit_once('.') {
        Some((name, version)) if is_version(version) => name,
        _ => last,
    };
    let last = last.strip_suffix("-go").or_else(|| last.strip_suffix(".go")).unwrap_or(last);
    last.strip_prefix("go-").unwrap_or(last)
}

/// Whether the import names its module in quotes, as JavaScript does.
fn is_quoted(ast: &Ast, import: NodeId) -> bool {
    ast.slot(import, Slot::Source).is_some_and(|source| ast.kind(source) == Kind::Str)
}

/// `const cp = require("child_process")`, `const { exec: run } = require("child_process")`,
/// `const { exec } = require("child_process").promises`.
fn require_assignment(ast: &Ast, id: NodeId, out: &mut Vec<(String, String)>) {
    let (Some(left), Some(right)) = (ast.slot(id, Slot::Left), ast.slot(id, Slot::Right)) else { return };
    let Some(module) = required_path(ast, right) else { return };
    match ast.kind(left) {
        Kind::Ident => out.push((ast.text(left).to_owned(), module)),
        Kind::Object => {
            for property in ast.children(left) {
                match ast.kind(property) {
                    Kind::Shorthand => {
                        let name = ast.text(property);
                        out.push((name.to_owned(), join(&module, name)));
                    }
                    Kind::Pair => {
                        let key = ast.slot(property, Slot::Key).map(|key| ast.text(key));
                        let value = ast.slot(property, Slot::Value).map(|value| ast.text(value));
                        if let (Some(key), Some(value)) = (key, value) {
                            out.push((value.to_owned(), join(&module, key)));
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn required_path(ast: &Ast, id: NodeId) -> Option<String> {
    match ast.kind(id) {
        Kind::Call => required_module(ast, id),
        Kind::Member => {
            let object = required_path(ast, ast.slot(id, Slot::Object)?)?;
            Some(join(&object, ast.text(ast.slot(id, Slot::Property)?)))
        }
        Kind::Await => required_path(ast, ast.slot(id, Slot::Value)?),
        _ => None,
    }
}

/// The module of `require("m")` or `import("m")`.
pub(crate) fn required_module(ast: &Ast, call: NodeId) -> Option<String> {
    let callee = ast.slot(call, Slot::Callee)?;
    if !matches!(ast.text(callee), "require" | "import") {
        return None;
    }
    let module = ast.slot(call, Slot::Arg).filter(|&arg| ast.kind(arg) == Kind::Str)?;
    Some(module_path(ast.text(module)))
}

/// `"node:fs"` → `fs`.
fn module_path(text: &str) -> String {
    let path = strip_quotes(text);
    path.strip_prefix("node:").unwrap_or(path).to_owned()
}

fn join(module: &str, name: &str) -> String {
    // The default export stands for the module.
    if name == "default" { module.to_owned() } else { format!("{module}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::source::{ParseBudget, Source};
    use crate::syntax::lower;

    #[track_caller]
    fn check(language: Language, text: &str, expected: &[(&str, &str)]) {
        let mut source = Source::new(language, text);
        source.parse(ParseBudget::default()).unwrap();
        let ast = lower(source.tree().unwrap().root_node(), source.rope(), language.table());
        let found = imports(&ast, language);
        let found: Vec<(&str, &str)> = found.iter().map(|(a, p)| (a.as_str(), p.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn imports_of_javascript() {
        let js = Language::JavaScript;
        check(js, "import fs from 'node:fs'", &[("fs", "fs")]);
        check(js, "import * as cp from 'child_process'", &[("cp", "child_process")]);
        check(js, "import a, { b, c as d } from 'm'", &[("a", "m"), ("b", "m.b"), ("d", "m.c")]);
        check(js, "const cp = require('child_process')", &[("cp", "child_process")]);
        check(js, "const { exec: run, spawn } = require('cp')", &[("run", "cp.exec"), ("spawn", "cp.spawn")]);
        check(js, "const { readFile } = require('fs').promises", &[("readFile", "fs.promises.readFile")]);
        check(Language::TypeScript, "import fs = require('fs')", &[("fs", "fs")]);
        check(Language::TypeScript, "import { type A, b } from 'm'", &[("A", "m.A"), ("b", "m.b")]);
    }

    #[test]
    fn imports_of_python() {
        let py = Language::Python;
        check(py, "import os.path", &[("os", "os")]);
        check(py, "import numpy as np, os", &[("np", "numpy"), ("os", "os")]);
        check(
            py,
            "from flask import request, Flask as F",
            &[("request", "flask.request"), ("F", "flask.Flask")],
        );
        check(py, "from .db import get", &[("get", ".db.get")]);
    }
}
