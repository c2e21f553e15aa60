//! Models as plain patterns, for tools that have no models. What a pattern cannot say is said too broadly rather
//! than left out: the type of a receiver becomes any receiver, or one of the usual names.

use super::models::expand;
use super::schema::{ModelFile, SinkModel};
use crate::language::Language;
use crate::rule::{FileYaml, RuleFile};

/// What a `model:` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Source,
    Sink,
    Sanitizer,
}

/// The entries of `pattern-sources`, `pattern-sinks` or `pattern-sanitizers` that a kind becomes for a language.
pub(crate) fn patterns(files: &[RuleFile], kind: &str, role: Role, language: Language) -> Vec<FileYaml> {
    let parsed: Vec<ModelFile> =
        files.iter().filter_map(|file| serde_saphyr::from_str(&file.text).ok()).collect();
    let speaks = |file: &&ModelFile| file.languages.iter().any(|name| name.parse() == Ok(language));
    let files: Vec<&ModelFile> = parsed.iter().filter(speaks).collect();
    let writer = Writer { types: types(&files), files: &files, python: language == Language::Python };
    let mut out: Vec<FileYaml> = Vec::new();
    for file in &files {
        match role {
            Role::Source => writer.sources(file, kind, &mut out),
            Role::Sink => writer.sinks(file, kind, &mut out),
            Role::Sanitizer => writer.sanitizers(file, kind, &mut out),
        }
    }
    let mut unique: Vec<FileYaml> = Vec::new();
    for entry in out {
        if !unique.contains(&entry) {
            unique.push(entry);
        }
    }
    unique
}

/// Names that are types of values and no names of modules.
fn types(files: &[&ModelFile]) -> Vec<String> {
    let declared = files.iter().flat_map(|file| &file.types).map(|item| item.name.clone());
    let of_handlers = files.iter().flat_map(|file| &file.handlers).flat_map(|item| item.parameters.clone());
    let of_parameters = files.iter().flat_map(|file| &file.parameters).flat_map(|item| item.types.clone());
    declared.chain(of_handlers).chain(of_parameters).filter(|name| name != "-").collect()
}

struct Writer<'f> {
    types: Vec<String>,
    files: &'f [&'f ModelFile],
    python: bool,
}

/// Code that a path becomes, with a condition on the name of `$O`.
struct Code {
    text: String,
    names: Option<String>,
}

impl Writer<'_> {
    fn sources(&self, file: &ModelFile, kind: &str, out: &mut Vec<FileYaml>) {
        for source in file.sources.iter().filter(|source| source.kind == kind) {
            out.extend(expand(&source.paths).iter().filter_map(|path| self.code(path)).map(|code| {
                let text = code.text.clone();
                all(vec![("pattern", text)], code.names.as_deref(), None)
            }));
        }
        // What a framework passes to its handlers.
        for handler in file.handlers.iter().filter(|handler| handler.remaining.as_deref() == Some(kind)) {
            for inside in self.handlers(&handler.decorators, "..., $P, ...") {
                out.push(all(vec![("pattern-inside", inside), ("pattern", "$P".to_owned())], None, None));
            }
        }
    }

    fn sinks(&self, file: &ModelFile, kind: &str, out: &mut Vec<FileYaml>) {
        for sink in file.sinks.iter().filter(|sink| sink.kind == kind) {
            for code in expand(&sink.calls).iter().filter_map(|path| self.code(path)) {
                for arguments in self.arguments(sink) {
                    let call = format!("{}({arguments})", code.text);
                    out.extend(self.required(&call));
                    out.push(all(vec![("pattern", call)], code.names.as_deref(), Some("$SINK")));
                }
            }
            for code in expand(&sink.assigns).iter().filter_map(|path| self.code(path)) {
                let assignment = format!("{} = $SINK", code.text);
                out.push(all(vec![("pattern", assignment)], code.names.as_deref(), Some("$SINK")));
            }
            for name in &sink.attributes {
                let element = format!("<$EL ... {name}={{$SINK}} ... />");
                out.push(all(vec![("pattern", element)], None, Some("$SINK")));
            }
        }
        for handler in file.handlers.iter().filter(|handler| handler.returns.as_deref() == Some(kind)) {
            for inside in self.handlers(&handler.decorators, "...") {
                let parts = vec![("pattern-inside", inside), ("pattern", "return $SINK".to_owned())];
                out.push(all(parts, None, Some("$SINK")));
            }
        }
    }

    /// A module's function under the name that the file gives the module.
    fn required(&self, call: &str) -> Option<FileYaml> {
        let (module, rest) = call.split_once('.')?;
        let is_module = !self.python && !module.contains(['$', '(']) && module.len() > 2;
        is_module.then(|| {
            // The file may write the module's name with `node:` in front.
            let inside = format!("$M = require(\"=~/^(node:)?{module}$/\")\n...");
            joined(
                vec![("pattern-inside", inside), ("pattern", format!("$M.{rest}"))],
                Vec::new(),
                Some("$SINK"),
            )
        })
    }

    fn sanitizers(&self, file: &ModelFile, kind: &str, out: &mut Vec<FileYaml>) {
        let is_for = |kinds: &[String]| kinds.is_empty() || kinds.iter().any(|known| known == kind);
        let sanitizers = file.sanitizers.iter().filter(|item| is_for(&item.kinds));
        let calls = sanitizers.clone().flat_map(|item| &item.calls);
        let clean = file.clean.iter().flat_map(|item| &item.calls);
        let calls: Vec<String> = calls.chain(clean).cloned().collect();
        // What a sink gives back may be clean; what is put into it is not.
        let sinks = self.files.iter().flat_map(|file| &file.sinks).filter(|sink| sink.kind == kind);
        let sinks: Vec<String> = sinks.flat_map(|sink| expand(&sink.calls)).collect();
        let calls = expand(&calls).into_iter().filter(|path| !sinks.contains(path));
        for code in calls.filter_map(|path| self.code(&path)) {
            let call = format!("{}(...)", code.text);
            out.push(all(vec![("pattern", call)], code.names.as_deref(), None));
        }
        let names = sanitizers.filter_map(|item| item.names.as_ref());
        for names in names.chain(file.clean.iter().filter_map(|item| item.names.as_ref())) {
            let names = format!(".*(?:{names})");
            out.push(conditioned(vec![("pattern", "$F(...)".to_owned())], "$F", &names, None));
        }
        for member in file.clean.iter().flat_map(|item| &item.members) {
            out.push(all(vec![("pattern", format!("$O.{member}(...)"))], None, None));
            out.push(all(vec![("pattern", format!("$O.{member}"))], None, None));
        }
    }

    /// Functions with a decorator; other registrations have no shape that all handlers share.
    fn handlers(&self, decorators: &[String], parameters: &str) -> Vec<String> {
        if !self.python {
            return Vec::new();
        }
        let paths = expand(decorators);
        let codes = paths.iter().filter_map(|path| self.code(path));
        codes.map(|code| format!("@{}(...)\ndef $H({parameters}):\n    ...", code.text)).collect()
    }

    /// The ways to write the arguments of a call, with `$SINK` in the dangerous place.
    fn arguments(&self, sink: &SinkModel) -> Vec<String> {
        let before = "$_, ".repeat(sink.argument);
        let options: Vec<String> = sink
            .requires
            .iter()
            .map(|(name, value)| match self.python {
                true if value == "true" => format!("{name}=True"),
                true if value == "false" => format!("{name}=False"),
                true => format!("{name}={value}"),
                false => format!("{name}: {value}"),
            })
            .collect();
        let options = options.join(", ..., ");
        let positional =
            if sink.rest { format!("{before}..., $SINK, ...") } else { format!("{before}$SINK, ...") };
        let mut out = vec![match (options.is_empty(), self.python) {
            (true, _) => positional,
            (false, true) => format!("{positional}, {options}, ..."),
            (false, false) => format!("{positional}, {{..., {options}, ...}}, ..."),
        }];
        if let Some(keyword) = &sink.keyword {
            out.push(match self.python {
                true => format!("..., {keyword}=$SINK, ..."),
                false => format!("{{..., {keyword}: $SINK, ...}}, ..."),
            });
        }
        out
    }

    /// `pg.Client.query` (a type's method) → `$O.query`, `flask.redirect` → itself.
    fn code(&self, path: &str) -> Option<Code> {
        let longest = self.types.iter().filter(|name| is_below(path, name)).max_by_key(|name| name.len());
        let (text, names) = match (path.strip_prefix("*."), longest) {
            (Some(member), _) => (format!("$O.{member}"), None),
            // A module's own name still reads as one: `flask.request.args`.
            (None, Some(name)) if !name.contains(char::is_uppercase) && self.python => {
                (path.to_owned(), None)
            }
            (None, Some(name)) => (format!("$O{}", &path[name.len()..]), self.usual_names(name)),
            (None, None) => (path.to_owned(), None),
        };
        let text = text.replace("()", "(...)").replace("(...)(...)", "(...)");
        // A package such as `pg-format` is no name of the program's: its function has the name that was chosen.
        let is_code = text.split('.').all(|part| {
            let name = part.trim_end_matches("(..").trim_end_matches("(...)");
            name.is_empty() || name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | ')' | '('))
        });
        is_code.then_some(Code { text, names })
    }

    /// The names that values of a type usually have as parameters.
    fn usual_names(&self, name: &str) -> Option<String> {
        let all = self.files.iter().flat_map(|file| &file.parameters).flat_map(|item| {
            let pairs = item.types.iter().zip(&item.names);
            pairs.filter(|(known, _)| *known == name).flat_map(|(_, names)| names.iter().cloned())
        });
        let mut names: Vec<String> = all.collect();
        names.sort();
        names.dedup();
        (!names.is_empty()).then(|| format!("^({})\\b", names.join("|")))
    }
}

fn is_below(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

/// One entry: these patterns together, a condition on the name of `$O`, and what counts of the match.
fn all(parts: Vec<(&'static str, String)>, names: Option<&str>, focus: Option<&str>) -> FileYaml {
    match names {
        Some(names) if parts.iter().any(|(_, text)| text.contains("$O")) => {
            conditioned(parts, "$O", names, focus)
        }
        _ if parts.len() == 1 && focus.is_none() => map(parts),
        _ => joined(parts, Vec::new(), focus),
    }
}

fn conditioned(
    parts: Vec<(&'static str, String)>,
    metavariable: &str,
    regex: &str,
    focus: Option<&str>,
) -> FileYaml {
    let condition = map(vec![("metavariable", metavariable.to_owned()), ("regex", regex.to_owned())]);
    joined(parts, vec![FileYaml::map(vec![("metavariable-regex", condition)])], focus)
}

fn joined(parts: Vec<(&'static str, String)>, conditions: Vec<FileYaml>, focus: Option<&str>) -> FileYaml {
    let mut items: Vec<FileYaml> = parts.into_iter().map(|part| map(vec![part])).collect();
    items.extend(conditions);
    items.extend(focus.map(|focus| map(vec![("focus-metavariable", focus.to_owned())])));
    FileYaml::map(vec![("patterns", FileYaml::list(items))])
}

fn map(parts: Vec<(&'static str, String)>) -> FileYaml {
    FileYaml::map(parts.into_iter().map(|(key, text)| (key, FileYaml::scalar(&text))).collect())
}
