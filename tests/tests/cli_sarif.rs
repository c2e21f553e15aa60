//! `squire scan --format sarif` against the schema of the standard (OASIS SARIF 2.1.0).

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use squire_tests::cli::Project;

/// The schema lies in a crate that `tests/schemas` pins; cargo fetches it and nothing compiles it.
fn schema() -> Value {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package =
        metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "serde-sarif");
    let folder = Path::new(package.unwrap()["manifest_path"].as_str().unwrap()).parent().unwrap();
    let mut schema: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("src/schema.json")).unwrap()).unwrap();
    // The standard's pattern for a language has a bracket too many, which strict validators refuse.
    let language = schema["definitions"]["run"]["properties"]["language"].as_object_mut().unwrap();
    assert!(language.remove("pattern").is_some());
    schema
}

#[track_caller]
fn validate(validator: &jsonschema::Validator, report: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn reports_validate_against_the_standard() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let sql = "const db = require('mysql').createConnection({});\n\
               require('express')().get('/p', (req, res) => {\n\
               \x20 const query = \"SELECT * FROM p WHERE e = '\" + req.query.email + \"'\";\n\
               \x20 db.query(query);\n});\n";
    let project = Project::new(&[
        ("src/a b,%#?é.js", sql),
        ("accepted.js", &sql.replace("query);", "query); // nosemgrep")),
        ("suppression.py", "# squire: allow(x)\n"),
        ("rules.yaml", "rules: [{id: broken, languages: [js], patern: x}]"),
    ]);
    project.write("binary.js", "\0");
    let everything = ["scan", "--format", "sarif", "--rules", "rules.yaml", ".", "binary.js", "gone.js"];
    let report = project.run(&everything).json();
    validate(&validator, &report);
    assert_eq!(report["runs"][0]["invocations"][0]["executionSuccessful"], false);
    validate(&validator, &Project::new(&[]).run(&["scan", "--format", "sarif"]).json());

    // The validator would object: a report without its version is none.
    let mut broken = report;
    broken.as_object_mut().unwrap().remove("version");
    assert!(!validator.is_valid(&broken));
}
