//! Patterns of PHP, Ruby and shell scripts.

use super::check;
use crate::language::Language::{Bash, Php, Ruby};

#[test]
fn php_variables_are_no_metavariables() {
    check("run($x)", Php, "<?php\nrun($x); // !\nrun($y);\n");
    check("run($X)", Php, "<?php\nrun($x); // !\nrun($y->z); // !\nrun($y, 1);\n");
    check("$_GET[$KEY]", Php, "<?php\n$a = $_GET['a']; // !\n$b = $_POST['b'];\n");
}

#[test]
fn php_calls_of_every_kind() {
    check(
        "$DB->query(...)",
        Php,
        "<?php\n$db->query($sql); // !\n$this->db?->query(1, 2); // !\nquery(1);\n",
    );
    check("Hash::make(...)", Php, "<?php\nHash::make($a); // !\n$hash->make($a);\n");
    check("new Foo(...)", Php, "<?php\n$a = new Foo; // !\n$b = new Foo(1); // !\nFoo(1);\n");
    check("echo ...", Php, "<?php\necho $a, $b; // !\nprint $a;\n");
    check("include($X)", Php, "<?php\ninclude 'a.php'; // !\ninclude($b); // !\nrequire $c;\n");
    check("f(..., secure: true)", Php, "<?php\nf($a, secure: true); // !\nf($a, true);\n");
}

#[test]
fn php_names_have_no_case_and_variables_do() {
    check("exec(...)", Php, "<?php\nEXEC($a); // !\nExec($b); // !\n$Exec($c);\n");
    check("run($a)", Php, "<?php\nrun($a); // !\nrun($A);\n");
    check("f(false)", Php, "<?php\nf(FALSE); // !\nf(true);\n");
}

#[test]
fn php_imports_are_resolved() {
    let code = "<?php\nuse App\\Http\\{Client, Server as S};\nnew Client(); // !\nnew S();\n";
    check("new App\\Http\\Client()", Php, code);
    check("new App\\Http\\Server()", Php, "<?php\nuse App\\Http\\Server as S;\nnew s(); // !\n");
    check("exec(...)", Php, "<?php\nnamespace A;\n\\exec($a); // !\n");
}

#[test]
fn php_declarations() {
    let code = "<?php\nclass A {\n  private $x;\n  public static function m($a, $b = 1): int { return 2; } // !\n}\n";
    check("function $F(..., $B, ...) { ... }", Php, code);
    check(
        "public function $F(...) { ... }",
        Php,
        "<?php\nclass A {\n  function m() {} // !\n  private function n() {}\n}\n",
    );
    check(
        "class $C { ... public function m() { ... } ... }",
        Php,
        "<?php\nclass A { // !\n  private $x;\n  public function m() {}\n}\n",
    );
    check("#[$A]\nclass $C { ... }", Php, "<?php\nclass B {}\n#[Entity] class C {} // !\n");
}

#[test]
fn php_constants_are_what_they_hold() {
    check(
        "exec(\"...\")",
        Php,
        "<?php\nclass A {\n  const C = 'ls';\n  function m($x) {\n    exec(self::C); // !\n    exec($x);\n  }\n}\n",
    );
    check("f(\"...\")", Php, "<?php\n$a = 'x' . 'y';\nf($a); // !\nf(\"a $b\");\n");
    check("$X = \"$A{$B}...\"", Php, "<?php\n$x = \"hello {$y} you\"; // !\n$z = 'hello';\n");
}

#[test]
fn ruby_calls_need_no_parentheses() {
    check("foo(...)", Ruby, "foo 1, 2 # !\nfoo(3) # !\nfoo # !\nx = foo\n");
    check("$X.html_safe", Ruby, "a.html_safe # !\nraw(b).html_safe # !\nhtml_safe(c)\n");
    check("f($X)", Ruby, "f(x) do |y| # !\n  y\nend\nf(x, y)\n");
    check("$F ... do ... end", Ruby, "foo 1 do # !\n  2\nend\nfoo 1\n");
}

#[test]
fn ruby_symbols_and_keywords() {
    check(
        "f(..., mode: :object, ...)",
        Ruby,
        "f(x, :mode => :object) # !\nf(x, mode: :object) # !\nf(x, mode: 1)\n",
    );
    check("f(:$A)", Ruby, "f(:a) # !\nf(\"a\")\nf(1)\n");
    check("{..., $K: $V, ...}", Ruby, "x = { a: 1 } # !\n");
    check(":secret => \"$V\"", Ruby, "x = {\n  :key => 'a',\n  :secret => 'b', # !\n}\n");
}

#[test]
fn ruby_strings_interpolate() {
    check("x = \"...#{...}...\"", Ruby, "x = \"a#{b}c\" # !\nx = \"a\"\n");
    check("`...#{$X}...`", Ruby, "`ls #{dir}` # !\n`ls`\n\"#{dir}\"\n");
    check("/...#{...}.../", Ruby, "a =~ /x#{y}/ # !\na =~ /x/\n\"x#{y}\"\n");
}

#[test]
fn ruby_declarations() {
    check("class $A < Base\n  ...\nend", Ruby, "class A::B < Base # !\nend\nclass C; end\n");
    check("def $F(...)\n  ...\nend", Ruby, "def a(b) # !\n  c\nrescue D\n  e\nend\ndef self.f; end # !\n");
    check("return $X", Ruby, "def f(x)\n  if x\n    \"a\" # !\n  else\n    return \"b\" # !\n  end\nend\n");
    check("if ...\n  ...\nend", Ruby, "if a # !\n  b\nend\nc if d # !\n");
}

#[test]
fn ruby_constants_end_where_something_is_appended() {
    check("f(\"...\")", Ruby, "def g(y)\n  a = 'x'\n  f(a) # !\n  a << y\n  f(a)\nend\n");
}

#[test]
fn shell_words_are_texts() {
    check("rm -rf $X", Bash, "rm -rf \"$dir\" # !\nrm '-rf' /tmp # !\nrm -r x\n");
    check("echo ... x", Bash, "echo a b x # !\necho x # !\necho x y\n");
    check("foo", Bash, "foo # !\nbar foo # !\nbar baz\n");
    check("\"...\"", Bash, "echo \"a $b\" # !\necho \"a b\"\necho $b\n");
}

#[test]
fn shell_expansions() {
    check("eval ${$X}", Bash, "eval $a # !\neval ${a} # !\neval a\n");
    check("\"$X\"", Bash, "echo \"$HOME\" # !\necho \"${HOME}\" # !\necho $HOME\n");
    check("... $(...) ...", Bash, "echo $(ls) # !\necho a\n");
    check("bash -c \"$(curl ...)\"", Bash, "bash -c \"$(curl -s x)\" # !\nbash -c \"$(cat x)\"\n");
    check("...${$X}...", Bash, "a${x}c # !\n${x}\n");
}

#[test]
fn shell_statements() {
    check("curl ... | bash", Bash, "curl x | bash # !\ncurl x | bash | tee y # !\ncurl x | tee\n");
    check("IFS=...", Bash, "IFS=x # !\nIFS=, read a\nA=b\n");
    check("a+=...", Bash, "a+=b # !\na=b\n");
    check("if ...; then\n  ...\nfi", Bash, "if [[ -e a ]]; then # !\n  b\n  c\nfi\n");
    check("$X=$(cat)\n...\neval ${$X}", Bash, "x=$(cat) # !\necho\neval $x\n");
    check("function $F() {\n  ...\n}", Bash, "f() { # !\n  a\n}\n");
    check("for $X in ...; do\n  ...\ndone", Bash, "for a in 1 2; do # !\n  b\ndone\n");
}
