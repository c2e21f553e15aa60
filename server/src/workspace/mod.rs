//! What a team says about its code: `squire.toml`, which files count, and which findings were accepted.
//!
//! The editor and the command line differ in how they show a finding, never in whether they show it. That
//! holds by construction: both find files through [`discover`], compile rules through
//! [`Config::load_rules`], and both turn an analysed document into what people see through the one
//! function [`report`]. Nothing outside this module filters a finding by path, severity, confidence,
//! suppression or baseline.

pub mod baseline;
pub mod config;
pub mod discover;
pub mod quiet;
pub mod report;
pub mod suppressions;

pub use self::config::{Config, ConfigError};
pub use self::discover::discover;
pub use self::report::{Reported, Suppressed, report};
