//! Go, C, C++ and Rust.

use super::check;
use crate::language::Language::{C, Cpp, Go, Rust};

#[test]
fn packages_of_go_are_known_by_their_own_name() {
    let code =
        |import: &str| format!("package a\n\nimport {import}\n\nfunc f() {{\n\tx.Parse(token) // !\n}}\n");
    check("jwt.Parse(...)", Go, &code("x \"example.org/auth/jwt-go\""));
    check("jwt.Parse(...)", Go, &code("x \"example.org/jwt/v5\""));
    check("import \"net\"", Go, "package a\n\nimport \"net/http\" // !\nimport \"network\"\n");
    check(
        "import $X \"html/template\"",
        Go,
        "package a\n\nimport t \"html/template\" // !\nimport \"html/template\"\n",
    );
}

#[test]
fn loops_and_declarations_of_go() {
    let code = "package a\n\nfunc f() {\n\tfor { g() } // !\n\tfor i := range x { g() } // !\n\tfor i := 0; i < 3; i++ { g() } // !\n}\n";
    check("for ... { ... }", Go, code);
    check("$X := 1", Go, "package a\n\nfunc f() {\n\tx := 1 // !\n\tx = 1\n}\n");
    check("$X = 1", Go, "package a\n\nfunc f() {\n\tx := 1 // !\n\tx = 1 // !\n\tx += 1\n}\n");
    check(
        "func $F(..., $R *http.Request, ...) { ... }",
        Go,
        "package a\n\nfunc f(a, b int, r *http.Request) {} // !\nfunc g(r int) {}\n",
    );
    check("f($X...)", Go, "package a\n\nfunc g(args ...string) {\n\tf(args...) // !\n\tf(args)\n}\n");
}

#[test]
fn types_that_go_states() {
    let code = "package a\n\nfunc f(a *http.Client, b http.Client) {\n\ta.Do(r) // !\n\tb.Do(r)\n\tc := &http.Client{}\n\tc.Do(r) // !\n\td := new(http.Client)\n\td.Do(r) // !\n}\n";
    check("($X : *http.Client).Do(...)", Go, code);
    check("f(($X : bool))", Go, "package a\n\nfunc g() {\n\tf(a == b) // !\n\tf(a)\n}\n");
}

#[test]
fn composed_values_of_go() {
    check(
        "Cookie{..., Secure: false, ...}",
        Go,
        "package a\n\nvar a = Cookie{Name: \"a\", Secure: false} // !\nvar b = Cookie{Secure: true}\n",
    );
    check("Secure: $X", Go, "package a\n\nvar a = Cookie{Name: \"a\", Secure: false} // !\n");
    check("$X.(string)", Go, "package a\n\nvar a = b.(string) // !\nvar c = b.(int)\n");
    check("$F(...) error", Go, "package a\n\ntype T interface {\n\tA(x int) error // !\n\tB()\n}\n");
}

#[test]
fn declarators_of_c() {
    check("$T $X[$N];", C, "void f() {\n  char a[3]; // !\n  char b;\n}\n");
    check(
        "$F((char *$X), ...)",
        C,
        "void f(char *a, char b) {\n  g(a, 1); // !\n  g(b, 1);\n  g(\"c\", 1); // !\n}\n",
    );
    check("($T *$X) == ($T *$Y)", C, "void f(int *a, char *b, int *c) {\n  a == c; // !\n  a == b;\n}\n");
    check("$X->next", C, "void f() {\n  a->next; // !\n  a.next;\n}\n");
    check("$X = malloc(...);", C, "void f() {\n  a = (char *)malloc(3); // !\n  a = b;\n}\n");
}

#[test]
fn statements_of_c() {
    check("free($X);\n...\nfree($X);", C, "void f() {\n  free(a); // !\n  g();\n  free(a);\n  free(b);\n}\n");
    check(
        "if (...) { ... } else { ... }",
        C,
        "void f() {\n  if (a) { g(); } else { h(); } // !\n  if (a) g();\n}\n",
    );
    check("8", C, "int a = 010; // !\nint b = 0x8; // !\nint c = 10;\n");
    check("const $T $X = $V;", Cpp, "void f() {\n  const int a = 1; // !\n  int b = 1;\n}\n");
    check(
        "for (...) { ... }",
        Cpp,
        "void f() {\n  for (int i = 0; i < 3; i++) { g(); } // !\n  for (auto x : y) { g(); } // !\n}\n",
    );
    check("std::system($X)", Cpp, "void f() {\n  std::system(a); // !\n  b::system(a);\n}\n");
}

#[test]
fn items_and_macros_of_rust() {
    check("debug!(...)", Rust, "fn f() {\n    debug!(\"a\", b); // !\n    debug(\"a\");\n}\n");
    check("fn $F(..., $X: String, ...) { ... }", Rust, "fn f(a: i32, b: String) {} // !\nfn g(a: i32) {}\n");
    check("struct $X { ... }", Rust, "struct A { a: i32, b: i32 } // !\nenum B { C }\n");
    check("mod tests { ... }", Rust, "mod tests { fn f() {} } // !\nmod other {}\n");
    check("let $X = 1;", Rust, "fn f() {\n    let mut x = 1; // !\n    x = 1;\n}\n");
}

#[test]
fn expressions_of_rust() {
    check(
        "return $X",
        Rust,
        "fn f() -> i32 {\n    if a {\n        b // !\n    } else {\n        return c; // !\n    }\n}\n",
    );
    check(
        "match ... { Ok(_) => ..., Err(_) => ... }",
        Rust,
        "fn f() {\n    match a { Ok(_) => 1, Err(_) => 2 } // !\n}\n",
    );
    check(
        "Command::new(...). ... .spawn()",
        Rust,
        "use std::process::Command;\n\nfn f() {\n    Command::new(\"a\").arg(b).spawn(); // !\n    Command::new(\"a\").arg(b);\n}\n",
    );
    check(
        "process::exit(...)",
        Rust,
        "use std::process::exit;\n\nfn f() {\n    std::process::exit(1);\n    process::exit(1); // !\n}\n",
    );
}
