//! Which language a file is, from its name and, where that is not enough, its text.

use std::path::Path;

use super::Language;

impl Language {
    /// The language of a file by its name, or `None` if Squire does not read such files.
    ///
    /// `text` decides between HTML and the template languages that share its ending.
    pub fn of_file(path: &Path, text: &str) -> Option<Language> {
        Language::of_name(path).map(|language| language.refine(path, text))
    }

    /// The language of a file by its name alone.
    pub fn of_name(path: &Path) -> Option<Language> {
        let extension = path.extension()?.to_str()?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "js" | "jsx" | "cjs" | "mjs" => Language::JavaScript,
            "ts" | "mts" | "cts" => Language::TypeScript,
            "tsx" => Language::Tsx,
            "py" | "pyi" | "pyw" => Language::Python,
            "html" | "htm" | "xhtml" => Language::Html,
            "vue" => Language::Vue,
            "ejs" => Language::Ejs,
            "hbs" | "handlebars" | "mustache" => Language::Handlebars,
            "jinja" | "jinja2" | "j2" | "djhtml" => Language::Jinja,
            _ => return None,
        })
    }

    /// `.html` is the ending of several template languages too.
    fn refine(self, path: &Path, text: &str) -> Language {
        if self != Language::Html {
            return self;
        }
        let in_templates = path.components().any(|part| part.as_os_str() == "templates");
        if text.contains("{%") || (in_templates && text.contains("{{")) {
            Language::Jinja
        } else if text.contains("<%=") || text.contains("<%-") {
            Language::Ejs
        } else {
            Language::Html
        }
    }
}
