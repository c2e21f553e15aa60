//! Models compiled to a trie of access paths: `express()` → `.get` → `()`.
//!
//! A value under analysis remembers its place in the trie; a member or a call is one step, so looking a
//! library up costs a hash, however many libraries are known.

use std::collections::BTreeMap;

use regex::Regex;
use rustc_hash::FxHashMap;

use super::condition::Condition;
use super::schema::{ModelFile, SinkModel};
use crate::language::Language;
use crate::rule::{FilePlace, RuleError, RuleFile, place_of};
use crate::syntax::hash_text;

/// The step from a function to what it returns.
const CALL: u64 = 2;
/// A member of any name.
const ANY: u64 = 4;

/// A place in the trie that says nothing.
pub(super) const NOWHERE: u32 = 0;

/// All models of one language family.
#[derive(Debug, Default)]
pub(crate) struct Models {
    families: Vec<(Language, Model)>,
    kinds: Vec<String>,
}

/// The language whose models are those of `language`, if it has any.
pub(crate) fn family(language: Language) -> Option<Language> {
    match language {
        Language::JavaScript
        | Language::TypeScript
        | Language::Tsx
        | Language::Vue
        | Language::Html
        | Language::Ejs => Some(Language::JavaScript),
        Language::Python | Language::Jinja => Some(Language::Python),
        Language::Java
        | Language::Kotlin
        | Language::Go
        | Language::CSharp
        | Language::Php
        | Language::Ruby
        | Language::Rust
        | Language::C
        | Language::Cpp
        | Language::Bash => Some(language),
        _ => None,
    }
}

/// The models of one family.
#[derive(Debug, Default)]
pub(crate) struct Model {
    family: Option<Language>,
    edges: FxHashMap<(u32, u64), u32>,
    places: Vec<Place>,
    pub(super) sinks: Vec<Sink>,
    pub(super) handlers: Vec<Handler>,
    pub(super) parameters: Vec<Parameters>,
    /// Sinks of methods whose receiver is unknown, by name.
    methods: FxHashMap<u64, Vec<u16>>,
    /// Sinks of assigned properties whose object is unknown, by name.
    pub(super) assigns: FxHashMap<u64, Vec<u16>>,
    pub(super) attributes: FxHashMap<u64, Vec<u16>>,
    pub(super) clean_members: FxHashMap<u64, ()>,
    pub(super) clean_names: Vec<Regex>,
    pub(super) sanitizer_names: Vec<(Regex, u64)>,
    pub(super) guards: Vec<Guards>,
    route_receivers: Vec<Regex>,
    pub(super) views: Vec<String>,
}

/// How the routes of a family are guarded.
#[derive(Debug)]
pub(crate) struct Guards {
    pub names: Regex,
    pub checks: Regex,
    pub public: Regex,
    pub mechanisms: Vec<Mechanism>,
}

/// A library that authenticates.
#[derive(Debug, Clone)]
pub(crate) struct Mechanism {
    pub import: String,
    pub decorator: Option<String>,
    pub middleware: Option<String>,
    pub line: Option<String>,
}

/// What is known at one place of the trie.
#[derive(Debug, Default, Clone)]
pub(super) struct Place {
    /// The type whose members these are.
    alias: u32,
    pub source: Option<Source>,
    /// Of a call from here.
    pub sinks: Vec<u16>,
    /// Of an assignment to here.
    pub assigns: Vec<u16>,
    pub handler: Option<u16>,
    pub decorator: Option<u16>,
    /// Position of the text into which a call of it puts its other arguments.
    pub template: Option<u8>,
    /// Sink kinds for which the value is safe.
    pub safe: u64,
    /// Whether calling or decorating with it declares a route.
    pub route: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Source {
    pub kind: u16,
    pub container: bool,
    pub from: String,
}

#[derive(Debug)]
pub(super) struct Sink {
    pub kind: u16,
    pub argument: usize,
    pub keyword: Option<(String, u64)>,
    pub rest: bool,
    pub requires: Vec<(u64, String)>,
    pub when: Vec<Condition>,
    pub hints: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct Handler {
    pub parameters: Vec<u32>,
    pub remaining: Option<u16>,
    /// The sink of what is returned.
    pub returns: Option<u16>,
}

#[derive(Debug)]
pub(super) struct Parameters {
    pub names: Vec<Vec<u64>>,
    pub types: Vec<u32>,
    pub imports: Vec<String>,
}

impl Models {
    /// Compiles model files; what cannot be used is left out and reported.
    pub fn compile(files: &[RuleFile], errors: &mut Vec<RuleError>) -> Models {
        let mut models = Models::default();
        for file in files {
            match serde_saphyr::from_str::<ModelFile>(&file.text) {
                Err(error) => {
                    let at = error.location().map(|at| FilePlace {
                        line: usize::try_from(at.line()).unwrap_or(1),
                        column: usize::try_from(at.column()).unwrap_or(1),
                    });
                    // Its own words, without the place and the excerpt that it adds for a terminal.
                    let text = error.without_snippet().to_string();
                    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
                    errors.push(model_error(file, at, text));
                }
                Ok(parsed) => {
                    if let Err(message) = models.add(&parsed) {
                        let named = message.split('`').nth(1);
                        let at = named.and_then(|named| place_of(&file.text, named));
                        errors.push(model_error(file, at, message));
                    }
                }
            }
        }
        models
    }

    /// Whether nothing is known of any library.
    pub fn is_empty(&self) -> bool {
        self.families.is_empty()
    }

    /// The models that apply to files of a language.
    pub fn of(&self, language: Language) -> Option<&Model> {
        let wanted = family(language)?;
        self.families.iter().find(|(family, _)| *family == wanted).map(|(_, model)| model)
    }

    /// The index of a source or sink kind, if any model has it.
    pub fn kind(&self, name: &str) -> Option<u16> {
        self.kinds.iter().position(|kind| kind == name).map(|index| index as u16)
    }

    /// The names of all kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(String::as_str)
    }

    fn intern(&mut self, name: &str) -> Result<u16, String> {
        if let Some(index) = self.kind(name) {
            return Ok(index);
        }
        if self.kinds.len() == 64 {
            return Err(format!("`{name}`: at most 64 kinds of sources and sinks are possible"));
        }
        self.kinds.push(name.to_owned());
        Ok(self.kinds.len() as u16 - 1)
    }

    fn mask(&mut self, kinds: &[String]) -> Result<u64, String> {
        if kinds.is_empty() {
            return Ok(u64::MAX);
        }
        kinds.iter().try_fold(0, |mask, kind| Ok(mask | 1 << self.intern(kind)?))
    }

    fn add(&mut self, file: &ModelFile) -> Result<(), String> {
        let mut families = Vec::new();
        for name in &file.languages {
            let language: Language = name.parse().map_err(|error| format!("languages: {error}"))?;
            let family = family(language).ok_or_else(|| format!("languages: {name} has no models"))?;
            if !families.contains(&family) {
                families.push(family);
            }
        }
        for family in families {
            let index = self.families.iter().position(|(known, _)| *known == family).unwrap_or_else(|| {
                self.families.push((family, Model::new(family)));
                self.families.len() - 1
            });
            let mut model = std::mem::take(&mut self.families[index].1);
            let packages =
                matches!(family, Language::Java | Language::Kotlin | Language::CSharp | Language::Php);
            let result = self.add_to(&mut model, file, packages);
            self.families[index].1 = model;
            result?;
        }
        Ok(())
    }

    fn add_to(&mut self, model: &mut Model, file: &ModelFile, packages: bool) -> Result<(), String> {
        for item in &file.types {
            let alias = model.place(&item.name)?;
            for path in expand(&item.is) {
                let place = model.place(&path)?;
                model.places[place as usize].alias = alias;
                // Where whole packages are imported, a class is named without its own.
                if packages
                    && let Some(name) = class_of_package(&path)
                    && model.global(hash_text(name)) == NOWHERE
                {
                    model.edges.insert((Model::ROOT, hash_text(name)), alias);
                }
            }
        }
        for item in &file.sources {
            let kind = self.intern(&item.kind)?;
            let from = item.from.clone().unwrap_or_else(|| item.kind.replace('-', " "));
            for path in expand(&item.paths) {
                let place = model.place(&path)?;
                model.places[place as usize].source =
                    Some(Source { kind, container: item.container, from: from.clone() });
            }
        }
        for item in &file.sinks {
            let kind = self.intern(&item.kind)?;
            model.add_sink(kind, item)?;
        }
        for item in &file.sanitizers {
            let mask = self.mask(&item.kinds)?;
            for path in expand(&item.calls) {
                let place = model.place(&path)?;
                let place = model.step(place, CALL);
                model.places[place as usize].safe |= mask;
            }
            if let Some(names) = &item.names {
                model.sanitizer_names.push((compile(names)?, mask));
            }
        }
        for item in &file.clean {
            for path in expand(&item.calls) {
                let place = model.place(&path)?;
                let place = model.step(place, CALL);
                model.places[place as usize].safe = u64::MAX;
            }
            model.clean_members.extend(item.members.iter().map(|name| (hash_text(name), ())));
            if let Some(names) = &item.names {
                model.clean_names.push(compile(names)?);
            }
        }
        for item in &file.formats {
            for path in expand(&item.calls) {
                let place = model.place(&path)?;
                model.places[place as usize].template = Some(item.template);
            }
        }
        for item in &file.handlers {
            let parameters = item.parameters.iter().map(|name| match name.as_str() {
                "-" => Ok(NOWHERE),
                name => model.place(name),
            });
            let parameters = parameters.collect::<Result<_, _>>()?;
            let remaining = item.remaining.as_deref().map(|kind| self.intern(kind)).transpose()?;
            let returns = match &item.returns {
                None => None,
                Some(kind) => {
                    let sink = SinkModel {
                        kind: kind.clone(),
                        calls: Vec::new(),
                        assigns: Vec::new(),
                        attributes: Vec::new(),
                        argument: 0,
                        keyword: None,
                        rest: false,
                        requires: BTreeMap::new(),
                        when: item.when.clone(),
                        hints: BTreeMap::new(),
                    };
                    let kind = self.intern(kind)?;
                    Some(model.add_sink(kind, &sink)?)
                }
            };
            let handler = model.handlers.len() as u16;
            model.handlers.push(Handler { parameters, remaining, returns });
            for path in expand(&item.calls) {
                let place = model.place(&path)?;
                model.places[place as usize].handler = Some(handler);
            }
            for path in expand(&item.decorators) {
                let place = model.place(&path)?;
                model.places[place as usize].decorator = Some(handler);
            }
        }
        for item in &file.routes {
            for path in expand(&item.calls).into_iter().chain(expand(&item.decorators)) {
                let place = model.place(&path)?;
                model.places[place as usize].route = true;
            }
            if let Some(receivers) = &item.receivers {
                model.route_receivers.push(compile(receivers)?);
            }
            model.views.extend(item.views.iter().cloned());
        }
        for item in &file.guards {
            let mechanisms = item.mechanisms.iter().map(|item| Mechanism {
                import: item.import.clone(),
                decorator: item.decorator.clone(),
                middleware: item.middleware.clone(),
                line: item.line.clone(),
            });
            model.guards.push(Guards {
                names: compile(&item.names)?,
                checks: compile(&item.checks)?,
                public: compile(&item.public)?,
                mechanisms: mechanisms.collect(),
            });
        }
        for item in &file.parameters {
            let names = item.names.iter().map(|names| names.iter().map(|name| hash_text(name)).collect());
            let names = names.collect();
            let types = item.types.iter().map(|name| model.place(name)).collect::<Result<_, _>>()?;
            model.parameters.push(Parameters { names, types, imports: item.imports.clone() });
        }
        Ok(())
    }
}

impl Model {
    fn new(family: Language) -> Model {
        // Place 0 is nowhere, place 1 the root of all paths.
        Model { family: Some(family), places: vec![Place::default(), Place::default()], ..Model::default() }
    }

    const ROOT: u32 = 1;

    fn name(&self, name: &str) -> u64 {
        self.family.map_or_else(|| hash_text(name), |family| family.name_hash(name))
    }

    /// What is known at a place.
    pub(super) fn at(&self, place: u32) -> &Place {
        &self.places[place as usize]
    }

    /// The place of a full dotted name, 0 if no model speaks of it.
    pub(super) fn lookup(&self, dotted: &str) -> u32 {
        let mut place = Model::ROOT;
        for part in dotted.split('.') {
            place = self.edge(place, self.name(part));
            if place == NOWHERE {
                break;
            }
        }
        place
    }

    /// The member `name` of what is at `place`.
    pub(crate) fn member(&self, place: u32, name: u64) -> u32 {
        if place == NOWHERE {
            return NOWHERE;
        }
        match self.edge(place, name) {
            NOWHERE => self.edge(place, ANY),
            place => place,
        }
    }

    /// What a call of `place` returns.
    pub(super) fn call(&self, place: u32) -> u32 {
        if place == NOWHERE { NOWHERE } else { self.edge(place, CALL) }
    }

    /// The name of the global `name` (`document`, `open`).
    pub(super) fn global(&self, name: u64) -> u32 {
        self.edge(Model::ROOT, name)
    }

    /// The guards of the family.
    pub(crate) fn guards(&self) -> Option<&Guards> {
        self.guards.first()
    }

    /// Whether a call or decorator at `place` declares a route.
    pub(crate) fn is_route(&self, place: u32) -> bool {
        self.at(place).route
    }

    /// Whether routes are declared on receivers of this name.
    pub(crate) fn is_route_receiver(&self, name: &str) -> bool {
        self.route_receivers.iter().any(|receivers| receivers.is_match(name))
    }

    /// Whether one of the imported names makes functions of `request` routes.
    pub(crate) fn has_views<'n>(&self, mut imported: impl Iterator<Item = &'n str>) -> bool {
        imported.any(|name| self.views.iter().any(|head| has_head(name, head)))
    }

    /// Sinks of a method of that name on a receiver of unknown type.
    pub(super) fn method_sinks(&self, name: u64) -> &[u16] {
        self.methods.get(&name).map_or(&[], Vec::as_slice)
    }

    fn edge(&self, place: u32, step: u64) -> u32 {
        let target = self.edges.get(&(place, step)).copied().unwrap_or(NOWHERE);
        match self.places[target as usize].alias {
            NOWHERE => target,
            alias => alias,
        }
    }

    /// The place of a path such as `express.Application.get` or `mysql.createConnection()`, made if new.
    fn place(&mut self, path: &str) -> Result<u32, String> {
        let mut place = Model::ROOT;
        for part in path.split('.') {
            let (name, calls) = match part.find("()") {
                Some(at) => (&part[..at], part[at..].len() / 2),
                None => (part, 0),
            };
            if name.is_empty() || part[name.len()..] != "()".repeat(calls) {
                return Err(format!("`{path}` is not a path such as `module.function().member`"));
            }
            place = self.step(place, if name == "*" { ANY } else { self.name(name) });
            for _ in 0..calls {
                place = self.step(place, CALL);
            }
        }
        Ok(place)
    }

    fn step(&mut self, place: u32, step: u64) -> u32 {
        // Under a type's alias the members are the type's.
        let place = match self.places[place as usize].alias {
            NOWHERE => place,
            alias => alias,
        };
        if let Some(known) = self.edges.get(&(place, step)) {
            return *known;
        }
        let new = self.places.len() as u32;
        self.places.push(Place::default());
        self.edges.insert((place, step), new);
        new
    }

    fn add_sink(&mut self, kind: u16, item: &SinkModel) -> Result<u16, String> {
        let when = item.when.iter().map(|name| {
            Condition::parse(name).ok_or_else(|| format!("`{name}` is not a condition of sinks"))
        });
        let sink = Sink {
            kind,
            argument: item.argument,
            keyword: item.keyword.as_ref().map(|name| (name.clone(), hash_text(name))),
            rest: item.rest,
            requires: item.requires.iter().map(|(k, v)| (hash_text(k), v.clone())).collect(),
            when: when.collect::<Result<_, _>>()?,
            hints: item.hints.clone(),
        };
        let index = self.sinks.len() as u16;
        self.sinks.push(sink);
        for path in expand(&item.calls) {
            match path.strip_prefix("*.") {
                Some(method) => self.methods.entry(self.name(method)).or_default().push(index),
                None => {
                    let place = self.place(&path)?;
                    self.places[place as usize].sinks.push(index);
                }
            }
        }
        for path in expand(&item.assigns) {
            match path.strip_prefix("*.") {
                Some(property) => self.assigns.entry(self.name(property)).or_default().push(index),
                None => {
                    let place = self.place(&path)?;
                    self.places[place as usize].assigns.push(index);
                }
            }
        }
        for name in &item.attributes {
            self.attributes.entry(hash_text(name)).or_default().push(index);
        }
        Ok(index)
    }
}

/// `Statement` of `java.sql.Statement`.
fn class_of_package(path: &str) -> Option<&str> {
    let (package, name) = path.rsplit_once('.')?;
    let is_class = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('(');
    let is_package = package.split('.').next_back()?.starts_with(|c: char| c.is_ascii_lowercase());
    (is_class && is_package && !package.contains(['(', '/', '*'])).then_some(name)
}

/// Whether the dotted `name` is `head` or something in it.
pub(crate) fn has_head(name: &str, head: &str) -> bool {
    name.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| error.to_string())
}

/// `a.{b,c}.d` → `a.b.d`, `a.c.d`.
pub(super) fn expand(paths: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for path in paths {
        let mut pending = vec![path.clone()];
        while let Some(path) = pending.pop() {
            match path.find('{').and_then(|open| Some((open, open + path[open..].find('}')?))) {
                None => out.push(path),
                Some((open, close)) => {
                    for choice in path[open + 1..close].split(',') {
                        pending.push(format!("{}{}{}", &path[..open], choice.trim(), &path[close + 1..]));
                    }
                }
            }
        }
    }
    out
}

fn model_error(file: &RuleFile, at: Option<FilePlace>, message: String) -> RuleError {
    let FilePlace { line, column } = at.unwrap_or(FilePlace { line: 1, column: 1 });
    RuleError { rule_id: None, path: file.path.clone(), line, column, message }
}
