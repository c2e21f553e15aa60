//! Go.

use super::spec::Role::{Inline, Leaf, Node, Several, Skip, Turns};
use super::spec::{Definition, Frame, Imports, Spec, Typed, Writing};
use crate::syntax::{Kind, Slot};

pub(super) static DEFINITION: Definition = Definition {
    name: "go",
    aliases: &["golang"],
    extensions: &["go"],
    file_names: &[],
    grammar: Some(|| tree_sitter_go::LANGUAGE.into()),
    comment: ("//", ""),
    spec: &SPEC,
    writing: &WRITING,
    imports: Imports::Last,
};

const WITH_BODY: Frame = Frame::completed(" { {} }");
/// `{A: 1}`, without the type that is composed.
const COMPOSED: Frame = Frame::inside("squire_type", "\n");
/// `A: 1`
const ENTRY: Frame = Frame::inside("squire_type{", "}\n");

static WRITING: Writing = Writing {
    frames: &[
        Frame::AS_IT_IS,
        WITH_BODY,
        COMPOSED,
        ENTRY,
        Frame::inside("type squire_type interface {\n", "\n}\n"),
        Frame::inside("type squire_type struct {\n", "\n}\n"),
        Frame::inside("switch squire_value {\n", "\n}\n"),
        Frame::inside("select {\n", "\n}\n"),
        Frame::inside("func squire_function(", ") {}\n"),
        Frame::inside("var squire_variable ", "\n"),
        Frame::inside("if squire_value {} ", "\n"),
    ],
    first_frame: Some(first_frame),
    dots: &["{}", "{}:", "\"{}\"", "{};", "{} {}"],
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\"", "'", "`"],
    typed: Typed::NameFirst,
    ..Writing::PLAIN
};

/// A function may lack its body, and `a: b` is an entry and no label.
fn first_frame(text: &str) -> Option<Frame> {
    let text = text.trim();
    if text.starts_with('{') {
        return Some(COMPOSED);
    }
    let word_end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    if word == "func" {
        let has_body = text.replace("interface{}", "").replace("struct{}", "").contains('{');
        return (!has_body).then_some(WITH_BODY);
    }
    let is_pair = rest.trim_start().strip_prefix(':').is_some_and(|value| !value.starts_with('='));
    (is_pair && word != "default").then_some(ENTRY)
}

static SPEC: Spec = Spec {
    kinds: &[
        ("source_file", Node(Kind::Module)),
        ("comment", Skip),
        ("empty_statement", Skip),
        ("dot", Skip),
        // Leaves.
        ("identifier", Leaf(Kind::Ident)),
        ("blank_identifier", Leaf(Kind::Ident)),
        ("field_identifier", Leaf(Kind::Ident)),
        ("package_identifier", Leaf(Kind::Ident)),
        ("type_identifier", Leaf(Kind::Ident)),
        ("label_name", Leaf(Kind::Ident)),
        ("iota", Leaf(Kind::Ident)),
        ("int_literal", Leaf(Kind::Num)),
        ("float_literal", Leaf(Kind::Num)),
        ("imaginary_literal", Leaf(Kind::Num)),
        ("rune_literal", Leaf(Kind::Num)),
        ("interpreted_string_literal", Leaf(Kind::Str)),
        ("raw_string_literal", Leaf(Kind::Str)),
        ("true", Leaf(Kind::Bool)),
        ("false", Leaf(Kind::Bool)),
        ("nil", Leaf(Kind::Null)),
        // Expressions.
        ("parenthesized_expression", Inline),
        ("expression_statement", Inline),
        ("expression_list", Several(Kind::Tuple)),
        ("argument_list", Inline),
        ("parameter_list", Inline),
        ("call_expression", Node(Kind::Call)),
        ("type_conversion_expression", Node(Kind::Call)),
        ("selector_expression", Node(Kind::Member)),
        ("qualified_type", Node(Kind::Member)),
        ("index_expression", Node(Kind::Index)),
        ("slice_expression", Node(Kind::Slice)),
        ("binary_expression", Node(Kind::Binary)),
        ("unary_expression", Node(Kind::Unary)),
        ("inc_statement", Node(Kind::Unary)),
        ("dec_statement", Node(Kind::Unary)),
        ("assignment_statement", Node(Kind::Assign)),
        ("short_var_declaration", Node(Kind::Assign)),
        ("receive_statement", Node(Kind::Assign)),
        ("func_literal", Node(Kind::Function)),
        ("function_declaration", Node(Kind::Function)),
        ("method_declaration", Node(Kind::Function)),
        ("composite_literal", Node(Kind::New)),
        ("literal_value", Node(Kind::Object)),
        ("literal_element", Inline),
        ("keyed_element", Node(Kind::Pair)),
        ("variadic_argument", Node(Kind::Spread)),
        ("parenthesized_type", Inline),
        // Statements and declarations.
        ("var_declaration", Node(Kind::VarDecl)),
        ("const_declaration", Node(Kind::VarDecl)),
        ("var_spec_list", Inline),
        ("var_spec", Node(Kind::Assign)),
        ("const_spec", Node(Kind::Assign)),
        ("type_declaration", Inline),
        ("type_spec", Node(Kind::Class)),
        ("type_alias", Node(Kind::Class)),
        ("field_declaration_list", Inline),
        ("field_declaration", Node(Kind::Param)),
        ("type_elem", Inline),
        ("method_elem", Node(Kind::Function)),
        ("parameter_declaration", Node(Kind::Param)),
        ("variadic_parameter_declaration", Node(Kind::Param)),
        ("type_arguments", Skip),
        ("type_parameter_list", Skip),
        ("block", Node(Kind::Block)),
        ("statement_list", Inline),
        ("if_statement", Node(Kind::If)),
        // The header says which loop it is.
        ("for_statement", Node(Kind::While)),
        ("for_clause", Turns(Kind::For)),
        ("range_clause", Turns(Kind::ForIn)),
        ("expression_switch_statement", Node(Kind::Switch)),
        ("type_switch_statement", Node(Kind::Switch)),
        ("select_statement", Node(Kind::Switch)),
        ("expression_case", Node(Kind::Case)),
        ("type_case", Node(Kind::Case)),
        ("communication_case", Node(Kind::Case)),
        ("default_case", Node(Kind::Case)),
        ("return_statement", Node(Kind::Return)),
        ("break_statement", Node(Kind::Break)),
        ("continue_statement", Node(Kind::Continue)),
        ("package_clause", Node(Kind::Global)),
        ("import_declaration", Node(Kind::Import)),
        ("import_spec_list", Inline),
        ("import_spec", Node(Kind::ImportName)),
    ],
    fields: &[
        ("function", Slot::Callee),
        ("arguments", Slot::Arg),
        ("operand", Slot::Object),
        ("field", Slot::Property),
        ("index", Slot::Index),
        ("left", Slot::Left),
        ("right", Slot::Right),
        ("operator", Slot::Operator),
        ("condition", Slot::Cond),
        ("initializer", Slot::Init),
        ("update", Slot::Update),
        ("consequence", Slot::Then),
        ("alternative", Slot::Else),
        ("body", Slot::Body),
        ("name", Slot::Name),
        ("value", Slot::Value),
        ("key", Slot::Key),
        ("receiver", Slot::Param),
        ("parameters", Slot::Param),
        ("result", Slot::Type),
        ("type", Slot::Type),
        ("alias", Slot::Alias),
        ("communication", Slot::Value),
        ("label", Slot::Ignored),
        ("type_arguments", Slot::Ignored),
        ("type_parameters", Slot::Ignored),
    ],
    kind_fields: &[
        ("qualified_type", "package", Slot::Object),
        ("qualified_type", "name", Slot::Property),
        ("type_conversion_expression", "type", Slot::Callee),
        ("type_conversion_expression", "operand", Slot::Arg),
        ("type_assertion_expression", "operand", Slot::Value),
        ("unary_expression", "operand", Slot::Value),
        ("composite_literal", "type", Slot::Callee),
        ("composite_literal", "body", Slot::Arg),
        ("var_spec", "name", Slot::Left),
        ("var_spec", "value", Slot::Right),
        ("const_spec", "name", Slot::Left),
        ("const_spec", "value", Slot::Right),
        ("range_clause", "right", Slot::Iter),
        ("type_spec", "type", Slot::Body),
        ("type_alias", "type", Slot::Body),
        ("type_case", "type", Slot::Value),
        ("import_spec", "name", Slot::Alias),
        ("import_spec", "path", Slot::Name),
    ],
    positions: &[
        ("return_statement", &[Slot::Value]),
        ("inc_statement", &[Slot::Value]),
        ("dec_statement", &[Slot::Value]),
        ("variadic_argument", &[Slot::Value]),
        ("for_statement", &[Slot::Cond]),
        ("expression_case", &[Slot::Body]),
        ("type_case", &[Slot::Body]),
        ("communication_case", &[Slot::Body]),
        ("default_case", &[Slot::Body]),
    ],
};
