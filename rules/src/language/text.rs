//! Text of any kind: rules of the languages `generic` and `regex` read it word by word or with regular expressions.

use super::spec::{Definition, Imports, Spec, Writing};

pub(super) static DEFINITION: Definition = Definition {
    name: "generic",
    aliases: &["regex", "none", "plaintext"],
    extensions: &[],
    file_names: &[],
    grammar: None,
    comment: ("#", ""),
    spec: &SPEC,
    writing: &Writing::PLAIN,
    imports: Imports::None,
};

static SPEC: Spec = Spec { kinds: &[], fields: &[], kind_fields: &[], positions: &[] };
