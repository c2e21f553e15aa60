//! The YAML of a model file. `CONTRIBUTING.md` explains it to authors; [`super::models`] compiles it.

use serde::Deserialize;

/// One framework or library.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelFile {
    /// Rule languages that it speaks of.
    pub languages: Vec<String>,
    /// The library, for people.
    #[serde(default, rename = "technology")]
    pub _technology: String,
    #[serde(default)]
    pub types: Vec<TypeModel>,
    #[serde(default)]
    pub handlers: Vec<HandlerModel>,
    #[serde(default)]
    pub parameters: Vec<ParameterModel>,
    #[serde(default)]
    pub sources: Vec<SourceModel>,
    #[serde(default)]
    pub sinks: Vec<SinkModel>,
    #[serde(default)]
    pub sanitizers: Vec<SanitizerModel>,
    #[serde(default)]
    pub clean: Vec<CleanModel>,
    #[serde(default)]
    pub formats: Vec<FormatModel>,
    /// For missing authorisation: how routes are declared and how they are guarded.
    #[serde(default)]
    pub routes: Vec<RouteModel>,
    #[serde(default)]
    pub guards: Vec<GuardModel>,
}

/// Expressions whose value has a type: `express()` is an `express.Application`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeModel {
    #[serde(rename = "type")]
    pub name: String,
    pub is: Vec<String>,
}

/// Functions that a framework calls: what their parameters are, and what becomes of what they return.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandlerModel {
    /// Calls that take the function as an argument.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Decorators (called or not) that register the function.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// Types of the parameters in order; `-` for one that does not matter.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// A source kind that all further parameters have.
    #[serde(default)]
    pub remaining: Option<String>,
    /// A sink kind for the returned value.
    #[serde(default)]
    pub returns: Option<String>,
    #[serde(default)]
    pub when: Vec<String>,
}

/// Parameter names that say what a function is where no registration is in sight.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterModel {
    /// Accepted names, parameter by parameter.
    pub names: Vec<Vec<String>>,
    pub types: Vec<String>,
    /// Only in files that import a module with one of these heads.
    #[serde(default)]
    pub imports: Vec<String>,
}

/// Where untrusted data comes in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceModel {
    pub kind: String,
    pub paths: Vec<String>,
    /// The value itself is a container (`req.body`), only what is taken out of it is text.
    #[serde(default)]
    pub container: bool,
    /// For the trace, after "comes from": "the request".
    #[serde(default)]
    pub from: Option<String>,
}

/// Where untrusted data does harm.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinkModel {
    pub kind: String,
    /// Calls; `*.query` is a method of that name on a receiver of unknown type.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Properties whose assignment is the sink: `*.innerHTML`.
    #[serde(default)]
    pub assigns: Vec<String>,
    /// Attributes of JSX elements.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// Position of the dangerous argument.
    #[serde(default)]
    pub argument: usize,
    /// Name of the dangerous argument where it is passed by name, or of the property of an options object.
    #[serde(default)]
    pub keyword: Option<String>,
    /// Every argument from `argument` on is dangerous.
    #[serde(default)]
    pub rest: bool,
    /// Keyword arguments or option properties that must be given with this constant.
    #[serde(default)]
    pub requires: std::collections::BTreeMap<String, String>,
    /// At least one of these must hold, see [`super::condition`].
    #[serde(default)]
    pub when: Vec<String>,
    /// For fixers.
    #[serde(default)]
    pub hints: std::collections::BTreeMap<String, String>,
}

/// Calls whose result is safe for some sinks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SanitizerModel {
    /// Sink kinds; empty for all.
    #[serde(default, rename = "for")]
    pub kinds: Vec<String>,
    #[serde(default)]
    pub calls: Vec<String>,
    /// A regular expression for the last name of any called function that has no model.
    #[serde(default)]
    pub names: Option<String>,
}

/// Calls and members whose result cannot carry an attack, whatever goes in (numbers, booleans, handles).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CleanModel {
    #[serde(default)]
    pub calls: Vec<String>,
    /// Methods and properties by name, on any receiver.
    #[serde(default)]
    pub members: Vec<String>,
    /// A regular expression for the last name of any called function that has no model.
    #[serde(default)]
    pub names: Option<String>,
}

/// Calls that put values into a text: `String.format("… %s", x)`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatModel {
    pub calls: Vec<String>,
    /// Position of the text.
    #[serde(default)]
    pub template: u8,
}

/// How routes are declared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteModel {
    /// Registering calls, the path first: `express.Application.post`.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Registering decorators: `flask.Flask.route`.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// A regular expression for receivers of unknown type on which the last name of a call declares a route.
    #[serde(default)]
    pub receivers: Option<String>,
    /// Heads of imports that make a top-level function whose first parameter is `request` a route.
    #[serde(default)]
    pub views: Vec<String>,
}

/// How routes are guarded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardModel {
    /// A regular expression for decorators, middlewares and dependencies that guard.
    pub names: String,
    /// A regular expression for code in a body that asks who is calling.
    pub checks: String,
    /// A regular expression for routes that are public by what they are for.
    pub public: String,
    /// Libraries whose import says that the project authenticates.
    #[serde(default)]
    pub mechanisms: Vec<MechanismModel>,
}

/// One library that authenticates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MechanismModel {
    /// Head of the imported name.
    pub import: String,
    /// The guard to put on a route where the project shows none of its own.
    #[serde(default)]
    pub decorator: Option<String>,
    #[serde(default)]
    pub middleware: Option<String>,
    /// The line that imports it.
    #[serde(default)]
    pub line: Option<String>,
}
