use super::FixContext;
use crate::finding::Fix;

pub(super) fn fixes(_context: &FixContext<'_>) -> Vec<Fix> {
    Vec::new()
}
