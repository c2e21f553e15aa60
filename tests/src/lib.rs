//! What the tests of the product share.

pub mod binary;
pub mod cli;
pub mod lsp;
