//! Flow: from where an attacker writes to where it hurts.
//!
//! [`Models`] say, as data, what libraries mean; [`eval`] interprets one unit abstractly — values are taints,
//! constants, the literal shape of strings and a place in the models — and reports every taint that reaches a
//! sink that its rule names. One pass serves all taint rules over models; [`plain`] serves those of patterns only.

mod condition;
mod env;
mod eval;
mod guard;
mod marks;
mod models;
mod plain;
mod schema;
mod summary;
mod value;

pub(crate) use self::eval::{FlowFinding, FlowRule, Globals, analyze_unit, gather_globals};
pub(crate) use self::marks::Marks;
pub(crate) use self::models::{Model, Models, family, has_head};
pub(crate) use self::plain::{Module, analyze_patterns};
pub(crate) use self::summary::{
    CallFacts, Callee, FunctionFacts, OpenFlow, Origin, SinkFacts, Summary, Target,
};

#[cfg(test)]
mod tests;
