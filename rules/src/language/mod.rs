//! The languages: which files they are, which grammar reads them, what their node kinds mean, and how patterns of
//! them are written. Each is one file with one [`Definition`].

mod bash;
mod c;
mod cpp;
mod csharp;
mod detect;
mod dockerfile;
pub(crate) mod embedded;
mod go;
mod hcl;
mod java;
mod javascript;
mod json;
mod kotlin;
mod markup;
mod php;
mod python;
mod ruby;
mod rust;
mod spec;
mod sql;
pub(crate) mod template;
mod text;
mod toml;
mod yaml;

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::syntax::hash_text;

pub(crate) use self::spec::{Definition, Frame, Imports, Role, Table, Typed};

/// A language that Squire reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript without JSX.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Python 3.
    Python,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// Go.
    Go,
    /// C#.
    CSharp,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Bash and other shells.
    Bash,
    /// Dockerfiles and Containerfiles.
    Dockerfile,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// HCL: Terraform, OpenTofu, Packer.
    Hcl,
    /// SQL.
    Sql,
    /// HTML without template tags.
    Html,
    /// Vue single-file components.
    Vue,
    /// EJS templates: HTML with `<% %>` around JavaScript.
    Ejs,
    /// Handlebars and Mustache templates.
    Handlebars,
    /// Jinja and Django templates.
    Jinja,
    /// Text of any kind, read word by word.
    Generic,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Language; 26] = [
        Language::JavaScript,
        Language::TypeScript,
        Language::Tsx,
        Language::Python,
        Language::Java,
        Language::Kotlin,
        Language::Go,
        Language::CSharp,
        Language::Php,
        Language::Ruby,
        Language::Rust,
        Language::C,
        Language::Cpp,
        Language::Bash,
        Language::Dockerfile,
        Language::Yaml,
        Language::Json,
        Language::Toml,
        Language::Hcl,
        Language::Sql,
        Language::Html,
        Language::Vue,
        Language::Ejs,
        Language::Handlebars,
        Language::Jinja,
        Language::Generic,
    ];

    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Language::JavaScript => &javascript::DEFINITION,
            Language::TypeScript => &javascript::TYPESCRIPT,
            Language::Tsx => &javascript::TSX,
            Language::Python => &python::DEFINITION,
            Language::Java => &java::DEFINITION,
            Language::Kotlin => &kotlin::DEFINITION,
            Language::Go => &go::DEFINITION,
            Language::CSharp => &csharp::DEFINITION,
            Language::Php => &php::DEFINITION,
            Language::Ruby => &ruby::DEFINITION,
            Language::Rust => &rust::DEFINITION,
            Language::C => &c::DEFINITION,
            Language::Cpp => &cpp::DEFINITION,
            Language::Bash => &bash::DEFINITION,
            Language::Dockerfile => &dockerfile::DEFINITION,
            Language::Yaml => &yaml::DEFINITION,
            Language::Json => &json::DEFINITION,
            Language::Toml => &toml::DEFINITION,
            Language::Hcl => &hcl::DEFINITION,
            Language::Sql => &sql::DEFINITION,
            Language::Html => &markup::HTML,
            Language::Vue => &markup::VUE,
            Language::Ejs => &markup::EJS,
            Language::Handlebars => &markup::HANDLEBARS,
            Language::Jinja => &markup::JINJA,
            Language::Generic => &text::DEFINITION,
        }
    }

    /// The name used in rules, on the command line and in reports.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Whether the file is HTML with the tags of a template language in it.
    pub fn is_template(self) -> bool {
        matches!(self, Language::Ejs | Language::Handlebars | Language::Jinja | Language::Vue)
    }

    /// Whether the grammar is that of HTML, so that what is analysed stands in tags, bindings and scripts.
    pub(crate) fn is_markup(self) -> bool {
        self.is_template() || self == Language::Html
    }

    /// Whether the language is JavaScript or one of its relatives.
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Language::JavaScript | Language::TypeScript | Language::Tsx)
    }

    /// Whether a pattern of an object need not name all of its entries.
    pub(crate) fn has_open_objects(self) -> bool {
        self.is_script() || self == Language::Hcl
    }

    /// How a comment begins and ends that says something of the whole file; the end is empty where it ends with the
    /// line.
    pub fn comment(self) -> (&'static str, &'static str) {
        self.definition().comment
    }

    /// What comments begin with that end with their line.
    pub fn line_comments(self) -> &'static [&'static str] {
        self.definition().writing.line_comments
    }

    /// The tree-sitter grammar, where there is one.
    pub fn grammar(self) -> Option<tree_sitter::Language> {
        self.definition().grammar.map(|grammar| grammar())
    }

    /// The hash by which a name that is no variable is compared.
    pub(crate) fn name_hash(self, name: &str) -> u64 {
        if self.definition().writing.any_case.is_empty() || name.starts_with('$') {
            return hash_text(name);
        }
        hash_text(&name.to_ascii_lowercase())
    }

    /// Whether two names that are no variables are the same.
    pub(crate) fn same_name(self, a: &str, b: &str) -> bool {
        a == b || (!self.definition().writing.any_case.is_empty() && a.eq_ignore_ascii_case(b))
    }

    /// The roles of the grammar's node kinds. Built once per process.
    pub(crate) fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        TABLES[self as usize].get_or_init(|| {
            let grammar = self.grammar().unwrap_or_else(|| tree_sitter_html::LANGUAGE.into());
            Table::new(self.definition().spec, self.definition().writing, &grammar)
        })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A language name that Squire does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language `{0}`")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads the name of a language as rules, command lines and editors (`languageId`) write it.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let lower = name.to_ascii_lowercase();
        let is_it = |language: &Language| {
            let definition = language.definition();
            definition.name == lower || definition.aliases.contains(&lower.as_str())
        };
        Language::ALL.into_iter().find(is_it).ok_or_else(|| UnknownLanguage(name.to_owned()))
    }
}
