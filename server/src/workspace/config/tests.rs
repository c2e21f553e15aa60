use std::path::Path;

use serde_json::{Value, json};
use squire_rules::Severity;

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("/project/squire.toml"), text, &Value::Null)
}

const FULL: &str = r#"
exclude = ["legacy/", "*.old.js"]
quiet = ["samples/**"]
include-tests = true

[rules]
builtin = false
disable = ["python/xss"]
paths = ["security/rules"]
models = ["security/models.yaml"]
confidence = "medium"
severity = { a-rule = "warning" }

[lessons]
language = "python"
track = "backend"
site = "http://intranet/squire"

[budget]
max-file-size = "2MiB"
file-ms = 500
edit-ms = 50
"#;

#[test]
fn every_key_is_read() {
    let config = parse(FULL).unwrap();
    assert_eq!(config.root, Path::new("/project"));
    assert_eq!(config.severity_of("a-rule"), Some(Severity::Warning));
    assert_eq!(config.settings.budget.max_file_size, ByteSize(2 << 20));
    assert_eq!(config.settings.lessons.track.as_deref(), Some("backend"));
    assert!(config.is_excluded(Path::new("/project/legacy/deep/a.js")));
    assert!(config.is_excluded(Path::new("/project/src/b.old.js")));
    assert!(!config.is_excluded(Path::new("/project/src/legacy.js")));
    assert_eq!(config.silence(Path::new("/project/samples/a.js"), ""), Some(Quiet::Configured));
    assert_eq!(config.silence(Path::new("/project/tests/a.js"), ""), None);
}

#[test]
fn errors_name_their_place() {
    for (text, line, column, needle) in [
        ("exclud = []", 1, 1, "unknown field `exclud`"),
        ("\n[rules]\nseverity = { x = \"fatal\" }", 3, 18, "unknown variant `fatal`"),
        ("exclude = [\"ok\", \"a[\"]", 1, 19, "is no glob"),
        ("[budget]\nmax-file-size = \"7 parsecs\"", 2, 17, "is no size"),
        ("[budget]\nfile-ms = -1", 2, 11, "invalid value"),
        ("[rules\n", 1, 7, ""),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
        assert!(error.message.contains(needle), "{error}");
    }
}

#[test]
fn the_file_wins_over_the_editor_key_by_key() {
    let editor = json!({"include-tests": true, "rules": {"confidence": "low", "builtin": false}});
    let config =
        Config::parse(Path::new("/p/squire.toml"), "[rules]\nconfidence = \"high\"", &editor).unwrap();
    assert!(config.settings.include_tests);
    assert!(!config.settings.rules.builtin);
    assert_eq!(config.settings.rules.confidence, Some(Confidence::High));
}

#[test]
fn settings_of_an_editor_that_make_no_sense_count_as_none() {
    for editor in
        [json!(null), json!([]), json!({}), json!("x"), json!({"rules": 7}), json!({"unknown": true})]
    {
        let config = Config::parse(Path::new("/p/squire.toml"), "include-tests = true", &editor).unwrap();
        assert!(config.settings.include_tests && config.settings.rules.builtin, "{editor}");
    }
}

#[test]
fn the_nearest_file_above_is_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    std::fs::write(folder.path().join("squire.toml"), "").unwrap();
    std::fs::write(folder.path().join("a/b/x.js"), "").unwrap();
    let config = Config::find(&folder.path().join("a/b/x.js")).unwrap();
    assert_eq!(config.root, folder.path());
    std::fs::write(folder.path().join("a/squire.toml"), "bad").unwrap();
    assert!(Config::find(&folder.path().join("a/b")).is_err());
}

#[test]
fn a_team_s_own_rules_and_models_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        ".squire/models/in-house.yaml",
        ".squire/rules/b.yml",
        "more/a.yaml",
        "more/a.test.yaml",
        "more/a.js",
    ] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "rules: []").unwrap();
    }
    std::fs::write(folder.path().join("squire.toml"), "[rules]\npaths = [\"more\", \"gone.yaml\"]").unwrap();
    let (sources, errors) = Config::find(folder.path()).unwrap().rule_sources();
    let names = |files: &[squire_rules::RuleFile]| -> Vec<String> {
        files.iter().map(|file| file.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names(&sources.rules), ["b.yml", "a.yaml"]);
    assert_eq!(names(&sources.models), ["in-house.yaml"]);
    assert!(errors[0].path.ends_with("gone.yaml"), "{errors:?}");
    let (sources, _) = Config::none(folder.path()).rule_sources();
    assert!(sources.rules.is_empty() && sources.models.is_empty());
}

#[test]
fn what_is_named_is_judged_below_its_own_name() {
    let config = Config { named: vec!["/project/tests".into()], ..parse("").unwrap() };
    assert_eq!(config.silence(Path::new("/project/tests/a.js"), ""), None);
    assert_eq!(config.silence(Path::new("/project/tests/fixtures/a.js"), ""), Some(Quiet::Test));
    assert_eq!(config.silence(Path::new("/project/src/tests/a.js"), ""), Some(Quiet::Test));
}

#[test]
fn the_published_schema_and_the_struct_agree() {
    let schema: Value = serde_json::from_str(include_str!("../../../squire.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let as_json = |text: &str| toml::from_str::<Value>(text).unwrap();

    // Every key that the struct writes is in the schema with the same default, and there are no others.
    let mut defaults = serde_json::to_value(Settings::default()).unwrap();
    for key in ["language", "track", "site"] {
        assert!(defaults["lessons"].as_object_mut().unwrap().remove(key).unwrap().is_null());
        assert!(schema["properties"]["lessons"]["properties"][key].is_object());
    }
    assert!(defaults["rules"].as_object_mut().unwrap().remove("confidence").unwrap().is_null());
    assert!(validator.is_valid(&defaults), "{:?}", validator.validate(&defaults));
    assert_eq!(of_schema(&schema, &schema), defaults);

    // Both accept and refuse the same texts.
    for (text, good) in [
        (FULL, true),
        ("", true),
        ("unknown = 1", false),
        ("[rules]\nunknown = 1", false),
        ("[rules]\nconfidence = \"sure\"", false),
        ("[rules.severity]\nx = \"fatal\"", false),
        ("[budget]\nmax-file-size = 5", true),
        ("[budget]\nmax-file-size = \"5 kB\"", true),
        ("[budget]\nmax-file-size = \"5 miles\"", false),
        ("[budget]\nmax-file-size = -5", false),
        ("[budget]\nfile-ms = \"5\"", false),
        ("exclude = \"a\"", false),
    ] {
        assert_eq!(validator.is_valid(&as_json(text)), good, "schema: {text}");
        assert_eq!(parse(text).is_ok(), good, "struct: {text}");
    }
}

/// The defaults that a schema states, in the shape of the data.
fn of_schema(schema: &Value, root: &Value) -> Value {
    let mut made = serde_json::Map::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        let definition =
            property["$ref"].as_str().map(|path| &root["definitions"][path.rsplit('/').next().unwrap()]);
        if property["properties"].is_object() {
            made.insert(key.clone(), of_schema(property, root));
        } else if let Some(default) = property.get("default").or(definition.and_then(|it| it.get("default")))
        {
            made.insert(key.clone(), default.clone());
        }
    }
    Value::Object(made)
}
