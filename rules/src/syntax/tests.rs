//! What the lowered tree of small programs looks like.

use super::{Ast, Kind, NodeId, Slot, lower};
use crate::language::Language;
use crate::source::{ParseBudget, Source};

/// One node a line: slot, kind, and the text of leaves.
fn outline(language: Language, text: &str) -> String {
    let mut source = Source::new(language, text);
    source.parse(ParseBudget::default()).unwrap();
    let ast = lower(source.tree().unwrap().root_node(), source.rope(), language.table());
    let mut out = String::new();
    write(&ast, Ast::ROOT, 0, &mut out);
    out
}

fn write(ast: &Ast, id: NodeId, depth: usize, out: &mut String) {
    let node = ast.node(id);
    out.push_str(&"  ".repeat(depth));
    if node.slot != Slot::None {
        out.push_str(&format!("{:?}=", node.slot));
    }
    out.push_str(&format!("{:?}", node.kind));
    if node.size == 1 {
        out.push_str(&format!(" {}", ast.text(id)));
    }
    if matches!(node.kind, Kind::Binary | Kind::Compare | Kind::Unary | Kind::AugAssign) {
        out.push_str(&format!(" {}", ast.operator(id)));
    }
    out.push('\n');
    for child in ast.children(id) {
        write(ast, child, depth + 1, out);
    }
}

#[track_caller]
fn check(language: Language, text: &str, expected: &str) {
    let expected: String = expected.trim().lines().map(|line| format!("{line}\n")).collect();
    assert_eq!(outline(language, text), expected, "{text}");
}

#[test]
fn a_call_in_javascript() {
    check(
        Language::JavaScript,
        "const q = \"a\" + (x); db.query(q, [y]);",
        r#"
Module
  VarDecl
    Assign
      Left=Ident q
      Right=Binary +
        Left=Str "a"
        Right=Ident x
  Call
    Callee=Member
      Object=Ident db
      Property=Ident query
    Arg=Ident q
    Arg=Array
      Ident y"#,
    );
}

#[test]
fn functions_and_templates_in_javascript() {
    check(
        Language::JavaScript,
        "app.get('/x', async (req, res) => { if (!a) return; res.send(`<b>${req.query.n}</b>`) })",
        r"
Module
  Call
    Callee=Member
      Object=Ident app
      Property=Ident get
    Arg=Str '/x'
    Arg=Function
      Param=Ident req
      Param=Ident res
      Body=Block
        If
          Cond=Unary !
            Value=Ident a
          Then=Return return;
        Call
          Callee=Member
            Object=Ident res
            Property=Ident send
          Arg=Template
            StrPart <b>
            Member
              Object=Member
                Object=Ident req
                Property=Ident query
              Property=Ident n
            StrPart </b>",
    );
}

#[test]
fn types_are_out_of_the_way_in_typescript() {
    check(
        Language::TypeScript,
        "const f = (a: string, b?: number): void => g(a as any, b!);",
        r"
Module
  VarDecl
    Assign
      Left=Ident f
      Right=Function
        Param=Param
          Name=Ident a
          Type=Type
            Value=Ident string
        Param=Param
          Name=Ident b
          Type=Type
            Value=Ident number
        Type=Type
          Value=Ident void
        Body=Call
          Callee=Ident g
          Arg=Ident a
          Arg=Ident b",
    );
}

#[test]
fn decorators_belong_to_what_they_decorate_in_python() {
    check(
        Language::Python,
        "@app.route('/x')\ndef f(id, n=1):\n    return run(f\"a {id}\", shell=True)\n",
        r#"
Module
  Function
    Decorator=Decorator
      Value=Call
        Callee=Member
          Object=Ident app
          Property=Ident route
        Arg=Str '/x'
    Name=Ident f
    Param=Ident id
    Param=Param
      Name=Ident n
      Value=Num 1
    Body=Block
      Return
        Value=Call
          Callee=Ident run
          Arg=Template
            StrPart a 
            Ident id
          Arg=Keyword
            Name=Ident shell
            Value=Bool True"#,
    );
}

#[test]
fn branches_in_python() {
    check(
        Language::Python,
        "if a not in b:\n    pass\nelif c:\n    d += 1\nelse:\n    x = y if z else w\n",
        r"
Module
  If
    Cond=Compare not in
      Left=Ident a
      Right=Ident b
    Then=Block pass
    Else=If
      Cond=Ident c
      Then=Block
        AugAssign +=
          Left=Ident d
          Right=Num 1
    Else=Block
      Assign
        Left=Ident x
        Right=Ternary
          Then=Ident y
          Cond=Ident z
          Else=Ident w",
    );
}

#[test]
fn a_deep_file_ends_in_an_opaque_node_and_not_in_a_crash() {
    let text = format!("{}x{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(outline(Language::JavaScript, &text).contains("Opaque"));
}
