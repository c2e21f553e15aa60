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
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let named = |language: &Language| {
            language.definition().file_names.iter().any(|own| {
                name.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let extension =
            path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let ends = |language: &Language| {
            extension.as_deref().is_some_and(|own| language.definition().extensions.contains(&own))
        };
        let all = Language::ALL;
        let language = all.into_iter().find(ends).or_else(|| all.into_iter().find(named))?;
        (!language.is_template() || writes_markup(path)).then_some(language)
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

/// Whether a template makes pages: `deploy.yml.j2` makes a configuration file and `component.ts.ejs` code, where nothing is
/// escaped for HTML and nothing needs to be.
fn writes_markup(template: &Path) -> bool {
    let output = template.file_stem().map(Path::new).and_then(Path::extension).and_then(|name| name.to_str());
    let made = output.unwrap_or("html").to_ascii_lowercase();
    !matches!(
        made.as_str(),
        "cfg"
            | "conf"
            | "css"
            | "csv"
            | "env"
            | "go"
            | "ini"
            | "java"
            | "js"
            | "json"
            | "jsx"
            | "md"
            | "mjs"
            | "properties"
            | "ps1"
            | "py"
            | "rb"
            | "rst"
            | "scss"
            | "service"
            | "sh"
            | "sql"
            | "tf"
            | "toml"
            | "ts"
            | "tsx"
            | "txt"
            | "yaml"
            | "yml"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_pages_and_of_other_files() {
        let of = |name: &str, text: &str| Language::of_file(Path::new(name), text);
        assert_eq!(of("views/a.ejs", ""), Some(Language::Ejs));
        assert_eq!(of("a.html.j2", ""), Some(Language::Jinja));
        assert_eq!(of("mail.user.hbs", ""), Some(Language::Handlebars));
        assert_eq!(of("a.html", "<p>{% if x %}"), Some(Language::Jinja));
        assert_eq!(of("templates/a.html", "<p>{{ x }}"), Some(Language::Jinja));
        assert_eq!(of("a.html", "<p>{{ x }}"), Some(Language::Html));
        assert_eq!(of("deploy.yml.j2", ""), None);
        assert_eq!(of("component.ts.hbs", ""), None);
        assert_eq!(of("App.test.vue", ""), Some(Language::Vue));
    }
}
