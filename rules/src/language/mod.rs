//! The languages: which files they are, which grammar reads them, what their node kinds mean.

mod detect;
mod javascript;
mod markup;
mod python;
mod spec;
pub(crate) mod template;

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

pub(crate) use self::spec::{Role, Table};

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
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Language; 9] = [
        Language::JavaScript,
        Language::TypeScript,
        Language::Tsx,
        Language::Python,
        Language::Html,
        Language::Vue,
        Language::Ejs,
        Language::Handlebars,
        Language::Jinja,
    ];

    /// The name used in rules, on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Language::JavaScript => "javascript",
            Language::TypeScript => "typescript",
            Language::Tsx => "tsx",
            Language::Python => "python",
            Language::Html => "html",
            Language::Vue => "vue",
            Language::Ejs => "ejs",
            Language::Handlebars => "handlebars",
            Language::Jinja => "jinja",
        }
    }

    /// Whether the file is HTML with the tags of a template language in it.
    pub fn is_template(self) -> bool {
        matches!(self, Language::Ejs | Language::Handlebars | Language::Jinja | Language::Vue)
    }

    /// Whether the grammar is that of HTML, so that what is analysed stands in tags, bindings and scripts.
    pub(crate) fn is_markup(self) -> bool {
        self.is_template() || self == Language::Html
    }

    /// The tree-sitter grammar.
    pub fn grammar(self) -> tree_sitter::Language {
        match self {
            Language::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Language::Python => tree_sitter_python::LANGUAGE.into(),
            Language::Html | Language::Vue | Language::Ejs | Language::Handlebars | Language::Jinja => {
                tree_sitter_html::LANGUAGE.into()
            }
        }
    }

    /// The roles of the grammar's node kinds. Built once per process.
    pub(crate) fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        TABLES[self as usize].get_or_init(|| {
            let spec = match self {
                Language::JavaScript | Language::TypeScript | Language::Tsx => &javascript::SPEC,
                Language::Python => &python::SPEC,
                _ => &markup::SPEC,
            };
            Table::new(spec, &self.grammar())
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
        Ok(match name.to_ascii_lowercase().as_str() {
            "javascript" | "js" | "javascriptreact" | "jsx" => Language::JavaScript,
            "typescript" | "ts" => Language::TypeScript,
            "tsx" | "typescriptreact" => Language::Tsx,
            "python" | "py" | "python3" | "python2" => Language::Python,
            "html" => Language::Html,
            "vue" => Language::Vue,
            "ejs" => Language::Ejs,
            "handlebars" | "hbs" | "mustache" | "html.handlebars" => Language::Handlebars,
            "jinja" | "jinja2" | "jinja-html" | "jinja_html" | "django-html" | "htmldjango" => {
                Language::Jinja
            }
            _ => return Err(UnknownLanguage(name.to_owned())),
        })
    }
}
