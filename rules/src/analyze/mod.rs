//! From an edit to its findings.

mod authorization;
mod credential;
mod crossing;
mod document;
mod fingerprint;
mod names;
mod project;
mod proof;
mod unit;
mod units;

pub use self::document::Document;
pub(crate) use self::names::{Names, package_name, required_module};
pub use self::project::{FileFacts, Project};
pub(crate) use self::unit::{At, FileView, Unit};

/// The units of a text that is analysed for the first time.
pub(crate) fn cut(source: &crate::source::Source) -> Vec<Unit> {
    let dirty = crate::source::DirtyRanges::everything();
    if source.language().is_markup() {
        let cut =
            units::cut_markup(source, &[], &dirty, &mut crate::language::template::Cache::default(), true);
        return cut.into_iter().map(|(unit, _)| unit).collect();
    }
    units::cut(source, &[], &dirty).into_iter().map(|(unit, _)| unit).collect()
}

#[cfg(test)]
mod seeds;
#[cfg(test)]
mod tests;
