//! The keys of `squire.toml`. `server/squire.schema.json` describes the same to editors; a test holds
//! the two together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use squire_rules::{Confidence, Severity};

/// Everything that `squire.toml` may say. Unknown keys are errors, so that a typing error is no silent hole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Globs of files and folders that are not read at all.
    pub exclude: Vec<String>,
    /// Globs of further files whose findings are not shown, as with tests and generated code.
    pub quiet: Vec<String>,
    /// Shows findings in test files too.
    pub include_tests: bool,
    /// Which rules run, and how they count.
    pub rules: Rules,
    /// What lessons are preferred.
    pub lessons: Lessons,
    /// Limits of time and size.
    pub budget: Budget,
}

/// `[rules]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    /// Whether the built-in packs run.
    pub builtin: bool,
    /// Ids of rules, or names of packs, that are off.
    pub disable: Vec<String>,
    /// Files and folders with further rules, relative to the configuration file.
    pub paths: Vec<String>,
    /// Files and folders with further models, besides `.squire/models`.
    pub models: Vec<String>,
    /// The lowest confidence to show.
    pub confidence: Option<Confidence>,
    /// Severities by rule id, in place of the rules' own.
    pub severity: BTreeMap<String, Severity>,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            builtin: true,
            disable: Vec::new(),
            paths: Vec::new(),
            models: Vec::new(),
            confidence: None,
            severity: BTreeMap::new(),
        }
    }
}

/// `[lessons]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lessons {
    /// The language of the exercises, where a lesson has several.
    pub language: Option<String>,
    /// The track to follow.
    pub track: Option<String>,
    /// Where an offline copy of the lesson site is served; finding links then lead there.
    pub site: Option<String>,
}

/// `[budget]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Budget {
    /// Files above this size are skipped, unless they are named.
    pub max_file_size: ByteSize,
    /// Wall time for one file in a scan, in milliseconds.
    pub file_ms: u64,
    /// Wall time for one edit in the editor, in milliseconds.
    pub edit_ms: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { max_file_size: ByteSize(1_000_000), file_ms: 10_000, edit_ms: 250 }
    }
}

/// A size in bytes, written as a number or with a unit: `1000000`, `"500 kB"`, `"2 MiB"`. Zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl std::str::FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" => 1000,
            "kib" => 1 << 10,
            "m" | "mb" => 1_000_000,
            "mib" => 1 << 20,
            "g" | "gb" => 1_000_000_000,
            "gib" => 1 << 30,
            _ => return Err(format!("`{text}` is no size; write e.g. 1000000, 500kB or 2MiB")),
        };
        let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        number.map(ByteSize).ok_or_else(|| format!("`{text}` is no size; write e.g. 1000000, 500kB or 2MiB"))
    }
}

impl Serialize for ByteSize {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = ByteSize;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a size such as 1000000, \"500kB\" or \"2MiB\"")
            }

            fn visit_u64<E: serde::de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
                Ok(ByteSize(bytes))
            }

            fn visit_i64<E: serde::de::Error>(self, bytes: i64) -> Result<ByteSize, E> {
                u64::try_from(bytes).map(ByteSize).map_err(|_| E::custom("a size is not negative"))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The settings of an editor with those of the file over them, key by key; `None` where the editor's make
/// no sense.
pub(super) fn layer(editor: &Value, file: &str) -> Option<Settings> {
    let editor = editor.as_object().filter(|editor| !editor.is_empty())?;
    let file = toml::from_str::<Value>(file).ok()?;
    let mut both = Value::Object(editor.clone());
    overlay(&mut both, file);
    serde_json::from_value(both).ok()
}

fn overlay(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                overlay(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}
