//! The pattern language: code with holes in it, compiled once and matched against lowered units.
//!
//! A pattern is read by the grammar of the language it describes and lowered by the same table as the code
//! it is compared with, so both sides have lost the same things (parentheses, comments, the boxes around
//! arguments) before they meet. What only patterns have, `$X`, `...`, `<... e ...>`, is replaced by
//! identifiers first ([`holes`]) and recognised again afterwards ([`compile`]). Matching ([`matcher`])
//! enumerates every way a pattern fits, because conditions that are asked later may want another one than the
//! first; it is written in continuation-passing style, so a choice costs a stack frame and no allocation.

mod alike;
mod bindings;
mod compile;
mod constant;
mod equivalences;
mod holes;
mod imports;
mod literals;
mod matcher;
mod misread;
mod places;
mod reaching;
mod rendering;
mod rosters;
mod settings;
mod statements;
mod typed;
mod types;
mod words;

#[cfg(test)]
mod tests;

use self::alike::alike;
pub(crate) use self::bindings::{Binding, Bindings};
pub(crate) use self::compile::{Pattern, PatternError, Root};
pub(crate) use self::constant::{constant_of, constant_text, value_of};
pub(crate) use self::holes::metavar_name;
pub(crate) use self::matcher::{Found, Matcher};
pub(crate) use self::misread::misread_at;
pub(crate) use self::settings::Settings;
pub(crate) use self::statements::{Statements, module_statements, statements_of};
pub(crate) use self::types::type_of;
