//! Patterns of the files around code: what they match, line by line.

use super::{check, lines};
use crate::language::Language::{Dockerfile, Hcl, Html, Json, Toml, Yaml};

#[test]
fn blocks_and_attributes_of_terraform() {
    let file = "resource \"aws_db\" \"a\" { # !\n  open = true\n  nested { size = 3 }\n}\n\
                resource \"aws_db\" \"b\" {\n  open = false\n}\n";
    check("resource \"aws_db\" $NAME {\n  ...\n  open = true\n  ...\n}", Hcl, file);
    // A block is also described by what lies in blocks inside, an attribute is not.
    check("resource \"aws_db\" \"...\" {\n  ...\n  nested { ... }\n  ...\n}", Hcl, file);
    assert_eq!(lines("resource \"aws_db\" \"...\" {\n  ...\n  size = 3\n  ...\n}", Hcl, file), [0usize; 0]);
    assert_eq!(lines("resource", Hcl, file), [1, 5]);
    assert_eq!(lines("open = $X", Hcl, file), [2, 6]);
}

#[test]
fn objects_of_terraform_match_in_any_order() {
    check(
        "{ Action = \"*\" ... Effect = \"Allow\" }",
        Hcl,
        "x = f({\n  a = [\n{ Effect = \"Allow\", Name = 1, Action = \"*\" }, # !\n    { Effect = \"Deny\", Action = \"*\" },\n  ]\n})\n",
    );
}

#[test]
fn values_of_terraform_are_what_they_refer_to() {
    let file = "variable \"size\" {\n  default = 3\n}\nlocals {\n  name = \"a\"\n}\n\
                x = var.size # !\ny = \"${var.size}\" # !\nz = \"3\" # !\nw = local.name\n";
    let marked = [2, 7, 8, 9];
    assert_eq!(lines("$X = 3", Hcl, file), marked);
    assert_eq!(lines("$X = \"a\"", Hcl, file), [5, 10]);
}

#[test]
fn members_of_terraform_nest() {
    check("aws.$X.id", Hcl, "a = aws.b.id # !\nb = aws.b[0].id\nc = aws.b.c.id\n");
    check("$X[0].id", Hcl, "a = aws.b[0].id # !\nb = aws.b.id\n");
    check("$X == true", Hcl, "a = x.y == true ? 1 : 2 # !\nb = x.y != true\n");
}

#[test]
fn pairs_and_lists_of_yaml() {
    let file =
        "a:\n  privileged: true # !\n  b:\n    - {privileged: true} # !\n    - \"privileged\": \"true\"\n";
    check("privileged: true", Yaml, file);
    check("- name: $X\n  ...", Yaml, "x:\n  - name: a # !\n    b: 1\n  - b: 2\n  - {b: 3, name: c} # !\n");
    check("- ocaml", Yaml, "lang: [c, ocaml] # !\nother:\n  - ocaml # !\n  - c\n");
    check(
        "lang:\n  ...\n  - c\n  ...",
        Yaml,
        "lang: [c, d] # !\n---\nlang: # !\n  - b\n  - c\n---\nlang: [d]\n",
    );
    check("a: 1\nb: 2", Yaml, "- a: 1 # !\n  b: 2\n- a: 1\n  b: 2\n  c: 3\n");
    check("...\na: 1\nb: $X", Yaml, "- b: 2 # !\n  c: 3\n  a: 1\n- a: 1\n");
}

#[test]
fn an_ellipsis_of_yaml_is_what_stands_beside_it() {
    let volumes = "volumes:\n  - ...\n  - ...\n    source: /x\n    ...\n  - ...";
    check(
        volumes,
        Yaml,
        "volumes: # !\n  - /a\n  - source: /x\n    target: /y\n  - b\n---\nvolumes:\n  - /x\n",
    );
    check("rules:\n- ...\n  id: $X\n  ...", Yaml, "rules: # !\n  - b: 1\n    id: a\n---\nrules:\n  - b: 1\n");
}

#[test]
fn scalars_of_yaml() {
    check("a: b", Yaml, "a: b # !\n---\na: 'b' # !\n---\n\"a\": \"b\" # !\n---\na: it's\n");
    check("a: $X\nb: $X", Yaml, "a: it's # !\nb: it's\n---\na: it's\nb: is's\n");
    check("run: \"=~/curl\\s+x/\"", Yaml, "run: | # !\n  set -e\n  curl  x\n---\nrun: curly x\n");
    check("key: \"\"", Yaml, "key: # !\n---\nkey: '' # !\n---\nkey: x\n");
    check("!Ref $X", Yaml, "a: !Ref b # !\nb: !Sub c\n");
    check("$K:\n  x: 1", Yaml, "a: &n # !\n  x: 1\nb: *n # !\nc: *m\n");
}

#[test]
fn objects_and_lists_of_json() {
    let file = "{\n  \"a\": { # !\n    \"Effect\": \"Allow\", \"Action\": [\"x\", \"*\"], \"z\": 1 },\n  \"b\": {\"Effect\": \"Deny\", \"Action\": [\"*\"]}\n}\n"
        .replace(" # !", "");
    assert_eq!(lines("{..., \"Action\": [..., \"*\", ...], \"Effect\": \"Allow\", ...}", Json, &file), [2]);
    assert_eq!(lines("\"Effect\": $X", Json, &file), [3, 4]);
    assert_eq!(lines("\"Effect\": \"=~/^A\\w+$/\"", Json, &file), [3]);
    assert_eq!(lines("\"a\": <... 1 ...>", Json, &file), [2]);
    assert_eq!(lines("$KEY: {\"Effect\": \"Deny\", ...,}", Json, &file), [4]);
}

#[test]
fn tables_of_toml() {
    check(
        "debug = true",
        Toml,
        "debug = true # !\n[server]\ndebug = true # !\nport = 1\nx = {debug = true} # !\n",
    );
    check("ports = [..., 22, ...]", Toml, "ports = [1, 22] # !\n");
    check("[server]\n...\nport = $X\n...", Toml, "[server] # !\nhost = 'a'\nport = 1\n[client]\nport = 1\n");
}

#[test]
fn instructions_of_dockerfiles() {
    assert_eq!(lines("FROM $IMAGE:latest", Dockerfile, "FROM a:latest\nFROM b:1\nFROM a AS c\n"), [1]);
    assert_eq!(lines("FROM $IMAGE", Dockerfile, "FROM --platform=x a:1 AS c\nFROM b@sha256:1\n"), [1, 2]);
    assert_eq!(lines("USER root", Dockerfile, "USER root\nuser root\nUSER a\n"), [1, 2]);
    assert_eq!(lines("ENV $K=$V", Dockerfile, "ENV a=1\nENV b 2\nARG c=3\n"), [1, 2]);
    assert_eq!(lines("COPY ... $TO", Dockerfile, "COPY --from=x a b c\nADD a b\n"), [1]);
    assert_eq!(lines("EXPOSE 22", Dockerfile, "ENV PORT=22\nEXPOSE 80\nEXPOSE $PORT\n"), [3]);
    assert_eq!(lines("CMD [..., \"x\", ...]", Dockerfile, "CMD [\"a\", \"x\"]\nCMD a x\n"), [1]);
    assert_eq!(
        lines("RUN --mount=type=secret ...", Dockerfile, "RUN --mount=id=1,type=secret a\nRUN a\n"),
        [1]
    );
    assert_eq!(lines("USER $X\n...\nCMD ...", Dockerfile, "FROM a\nUSER b\nRUN c\nCMD d\n"), [2]);
    assert_eq!(
        lines("WORKDIR /home/$DIR", Dockerfile, "WORKDIR /home/$A\nWORKDIR /home/${B}\nWORKDIR /home/c\n"),
        [1, 2]
    );
}

#[test]
fn shell_in_dockerfiles() {
    let file = "FROM a\nRUN apt-get update && \\\n    # comment \\\n    apt-get install -y curl\nRUN [\"apt-get\", \"update\"]\nRUN echo apt-get update\n";
    assert_eq!(lines("RUN apt-get update", Dockerfile, file), [2]);
    assert_eq!(lines("RUN ... apt-get install ... curl ...", Dockerfile, file), [2]);
    assert_eq!(lines("apt-get install ...", Dockerfile, file), [4]);
    assert_eq!(lines("RUN ...", Dockerfile, file), [2, 5, 6]);
    assert_eq!(lines("apk add $X", Dockerfile, "RUN <<EOF\nset -e\napk add curl\nEOF\n"), [3]);
}

#[test]
fn elements_of_html() {
    let file = "<body>\n<a class=x href=\"http://a\">b <b>c</b></a>\n<script src='d'></script>\n<meta name=robots>\n<z-a k=1></z-a>\n</body>\n";
    assert_eq!(lines("<a href=\"$URL\">...</a>", Html, file), [2]);
    assert_eq!(lines("<script ... src=\"$SRC\" ...>...</script>", Html, file), [3]);
    assert_eq!(lines("<meta name=\"robots\" ...>", Html, file), [4]);
    assert_eq!(lines("<$TAG k=\"1\"></$TAG>", Html, file), [5]);
}
