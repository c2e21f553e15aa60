//! What becomes of the tags of small templates.

use super::*;
use crate::syntax::{Kind, NodeId, Slot};

/// One unit a line: `start..end` of the tag, then its tree in brackets.
#[track_caller]
fn check(language: Language, text: &str, expected: &str) {
    let source = Source::new(language, text);
    let mut out = String::new();
    for unit in units(&source) {
        let range = unit.base..unit.base + unit.ast.range(Ast::ROOT).end;
        out.push_str(&format!("{} => ", &text[range]));
        write(&unit.ast, Ast::ROOT, &mut out);
        out.push('\n');
    }
    let expected: String = expected.trim().lines().map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(out, expected, "{text}");
}

/// `Call(Callee=f Arg=x)`; contexts stand in angle brackets.
fn write(ast: &Ast, id: NodeId, out: &mut String) {
    let node = ast.node(id);
    if node.slot == Slot::Decorator && node.kind == Kind::StrPart {
        let keys = [
            "attribute",
            "unquoted attribute",
            "url",
            "event handler",
            "script",
            "script string",
            "style",
            "tag",
            "comment",
        ];
        let key = keys.iter().find(|key| crate::syntax::hash_text(key) == node.hash);
        out.push_str(&format!("<{}>", key.unwrap()));
        return;
    }
    if !matches!(node.slot, Slot::None | Slot::Value) {
        out.push_str(&format!("{:?}=", node.slot));
    }
    if node.size == 1 && !matches!(node.kind, Kind::Other | Kind::Output | Kind::RawOutput) {
        out.push_str(ast.text(id));
        return;
    }
    out.push_str(&format!("{:?}(", node.kind));
    for (index, child) in ast.children(id).enumerate() {
        if index > 0 {
            out.push(' ');
        }
        write(ast, child, out);
    }
    out.push(')');
}

#[test]
fn ejs_tags() {
    check(
        Language::Ejs,
        "<%# no %><h1><%= title %></h1><%- user.bio -%><%% text %><% if (a) { %>x<% } %><%_ let b = 1 _%><%-include('head', {a})%>",
        "
        <%= title %> => Output(title)
        <%- user.bio -%> => RawOutput(Member(Object=user Property=bio))
        <% if (a) { %> => Other(If(Cond=a Then={))
        <% } %> => Other()
        <%_ let b = 1 _%> => Other(VarDecl(Assign(Left=b Right=1)))
        <%-include('head', {a})%> => RawOutput(Call(Callee=include Arg='head' Arg=Object(a)))
        ",
    );
}

#[test]
fn an_unclosed_tag_is_text() {
    check(Language::Ejs, "<%- a <p> <%= b %>", "<%= b %> => Output(b)");
    check(Language::Jinja, "{{ a <p> {{ b }} {% if {{ c }}", "{{ b }} => Output(b)\n{{ c }} => Output(c)");
    check(Language::Handlebars, "{{{ a <p> {{b}} {{!-- {{c}}", "{{b}} => Output(b)\n{{c}} => Output(c)");
    check(Language::Vue, "<template>{{ a {{ b }}<p v-html=</template>", "{{ b }} => Output(b)");
}

#[test]
fn jinja_filters() {
    check(
        Language::Jinja,
        "{{ x }}{{ x|safe }}{{ x.y | safe }}{{- x|markdown|safe -}}{{ x|e|safe }}{{ x|safe|upper }}{{ x|default('a')|safe }}{{ x|date:\"Y\" }}",
        "
        {{ x }} => Output(x)
        {{ x|safe }} => RawOutput(x)
        {{ x.y | safe }} => RawOutput(Member(Object=x Property=y))
        {{- x|markdown|safe -}} => RawOutput(Call(Callee=markdown Arg=x))
        {{ x|e|safe }} => Output(Call(Callee=safe Arg=Call(Callee=e Arg=x)))
        {{ x|safe|upper }} => RawOutput(Call(Callee=upper Arg=Call(Callee=safe Arg=x)))
        {{ x|default('a')|safe }} => RawOutput(Call(Callee=default Arg=x Arg='a'))
        {{ x|date:\"Y\" }} => Output(Call(Callee=date Arg=x Arg=\"Y\"))
        ",
    );
}

#[test]
fn jinja_expressions() {
    check(
        Language::Jinja,
        "{{ f(a, b=1)[0].c }}{{ a ~ '}}' if b is defined else {'k': {'l': [1, 2]}} }}{{ not a in b or -c }}",
        "
        {{ f(a, b=1)[0].c }} => Output(Member(Object=Index(Object=Call(Callee=f Arg=a Arg=Keyword(Name=b 1)) Index=0) Property=c))
        {{ a ~ '}}' if b is defined else {'k': {'l': [1, 2]}} }} => Output(Ternary(Then=Binary(Left=a Right='}}') Cond=Compare(Left=b Right=defined) Else=Object(Pair(Key='k' Object(Pair(Key='l' Array(1 2)))))))
        {{ not a in b or -c }} => Output(Binary(Left=Compare(Left=Unary(a) Right=b) Right=Unary(c)))
        ",
    );
}

#[test]
fn jinja_blocks() {
    check(
        Language::Jinja,
        "{# {{ no }} #}{% raw %}{{ no }}{% endraw %}{% comment %}{{ no }}{% endcomment %}{% set a = b.c %}{% autoescape false %}{{ x }}{{ x|e }}{% autoescape true %}{{ y }}{% endautoescape %}{% endautoescape %}{{ z }}{% autoescape off %}{{ x }}",
        "
        {% raw %} => Other(Name=raw)
        {% endraw %} => Other(Name=endraw)
        {% set a = b.c %} => Other(Name=set Assign(Left=a Right=Member(Object=b Property=c)))
        {% autoescape false %} => Other(Name=autoescape false)
        {{ x }} => RawOutput(x)
        {{ x|e }} => Output(Call(Callee=e Arg=x))
        {% autoescape true %} => Other(Name=autoescape true)
        {{ y }} => Output(y)
        {% endautoescape %} => Other(Name=endautoescape)
        {% endautoescape %} => Other(Name=endautoescape)
        {{ z }} => Output(z)
        {% autoescape off %} => Other(Name=autoescape off)
        {{ x }} => RawOutput(x)
        ",
    );
}

#[test]
fn handlebars_tags() {
    check(
        Language::Handlebars,
        r#"{{a.b}}{{{ a }}}{{& a}}{{~{a}~}}{{#if a}}{{else if b}}{{/if}}{{> part x=1}}{{!-- }} {{no}} --}}{{! no }}\{{no}}{{{{raw}}}}{{no}}{{{{/raw}}}}{{{h a "}}" (g ../b) c=d}}}"#,
        r#"
        {{a.b}} => Output(Member(Object=a Property=b))
        {{{ a }}} => RawOutput(a)
        {{& a}} => RawOutput(a)
        {{~{a}~}} => RawOutput(a)
        {{#if a}} => Other(Name=if a)
        {{else if b}} => Other(Name=else if b)
        {{/if}} => Other(Name=if)
        {{> part x=1}} => Other(Name=part Keyword(Name=x 1))
        {{{h a "}}" (g ../b) c=d}}} => RawOutput(Call(Callee=h Arg=a Arg="}}" Arg=Call(Callee=g Arg=Member(Object=.. Property=b)) Arg=Keyword(Name=c d)))
        "#,
    );
}

#[test]
fn where_a_value_lands() {
    check(
        Language::Jinja,
        r#"<p title="{{ a }}" id={{ b }} {{ c }} onclick="f('{{ d }}', {{ id }})" style="x:{{ e }}" href=" {{ f }}{{ g }}" href='/x/{{ h }}'>{{ i }}</p><!-- {{ j }} --><script>var k = {{ k }}, l = "{{ l }}", t = `{{ t }}`; // it's
        m({{ m }})</script><script type="text/template">{{ n }}</script><style>{{ o }}</style><textarea><p {{ p }}</textarea>"#,
        r#"
        {{ a }} => Output(<attribute> a)
        {{ b }} => Output(<unquoted attribute> b)
        {{ c }} => Output(<tag> c)
        f('{{ d }}', {{ id }}) => Module(Call(Callee=f Arg='{{ d }}' Arg={{ id }}))
        {{ d }} => Output(<event handler> d)
        {{ id }} => Output(<script> id)
        {{ e }} => Output(<style> e)
        {{ f }} => Output(<url> f)
        {{ g }} => Output(<attribute> g)
        {{ h }} => Output(<attribute> h)
        {{ i }} => Output(i)
        {{ j }} => Output(<comment> j)
        var k = {{ k }}, l = "{{ l }}", t = `{{ t }}`; => VarDecl(Assign(Left=k Right={{ k }}) Assign(Left=l Right="{{ l }}") Assign(Left=t Right=`{{ t }}`))
        m({{ m }}) => Module(Call(Callee=m Arg={{ m }}))
        {{ k }} => Output(<script> k)
        {{ l }} => Output(<script string> l)
        {{ t }} => Output(<script> t)
        {{ m }} => Output(<script> m)
        {{ n }} => Output(n)
        {{ o }} => Output(<style> o)
        {{ p }} => Output(p)
        "#,
    );
}

#[test]
fn vue_bindings_and_scripts() {
    check(
        Language::Vue,
        "<template><div v-html=\"post.body\" :href='u.x' @click=\"go()\">{{ a < b }}<template #x><i v-text=\"t\"/></template>\
         <b :innerHTML.prop=\"h as any\"></b></div></template>\n<script setup lang=\"ts\">\nconst a: string = f(1)\n// no\ng()\n</script>\
         <style>{{ no }}</style>",
        "
        v-html=\"post.body\" => RawOutput(Member(Object=post Property=body))
        :href='u.x' => Attribute(Name=href Member(Object=u Property=x))
        {{ a < b }} => Output(Binary(Left=a Right=b))
        v-text=\"t\" => Output(t)
        :innerHTML.prop=\"h as any\" => RawOutput(h)
        const a: string = f(1) => VarDecl(Assign(Left=a Type=Type(string) Right=Call(Callee=f Arg=1)))
        g() => Module(Call(Callee=g))
        ",
    );
}

#[test]
fn vue_blocks_in_any_order() {
    check(
        Language::Vue,
        "<script lang=\"ts\">f()</script><style lang=scss></style><template><p v-html=a /></template><docs lang=md>{{ no }}</docs>",
        "f() => Module(Call(Callee=f))\nv-html=a => RawOutput(a)",
    );
    check(
        Language::Vue,
        "<template lang=\"pug\">p(v-html=\"a\") {{ b }}</template><script>f()</script>",
        "f() => Module(Call(Callee=f))",
    );
    check(Language::Vue, "<p v-html=\"a\">{{ b }}</p>", "");
}

#[test]
fn vue_scripts_that_sanitize() {
    check(
        Language::Vue,
        "<template><p v-html=\"bio\" /><p v-html=\"html\" /><p v-html=\"clean(bio)\" /><p v-html=\"this.text\" /></template>\
         <script>export default { computed: { html() { return DOMPurify.sanitize(this.bio) } } }</script>\
         <script setup>const clean = (x) => sanitizeHtml(x)</script>",
        "
        v-html=\"bio\" => RawOutput(bio)
        v-html=\"html\" => Output(html)
        v-html=\"clean(bio)\" => Output(Call(Callee=clean Arg=bio))
        v-html=\"this.text\" => RawOutput(Member(Object=this Property=text))
        export default { computed: { html() { return DOMPurify.sanitize(this.bio) } } } => Export(Object(Pair(Key=computed Object(Function(Name=html Body=Block(Return(Call(Callee=Member(Object=DOMPurify Property=sanitize) Arg=Member(Object=this Property=bio)))))))))
        const clean = (x) => sanitizeHtml(x) => VarDecl(Assign(Left=clean Right=Function(Param=x Body=Call(Callee=sanitizeHtml Arg=x))))
        ",
    );
}

#[test]
fn scripts_of_a_page() {
    check(
        Language::Html,
        "<script src=a></script><script type='application/json'>{\"a\": 1}</script><SCRIPT>f(x)</SCRIPT>",
        "f(x) => Module(Call(Callee=f Arg=x))",
    );
}

#[test]
fn a_pattern_is_one_tag() {
    let root = |language, text| {
        let ast = lower_text(language, text);
        let mut out = String::new();
        if !ast.is_empty() {
            write(&ast, Ast::ROOT, &mut out);
        }
        out
    };
    assert_eq!(root(Language::Ejs, "<%- $X %>"), "RawOutput($X)");
    assert_eq!(root(Language::Handlebars, "{{{ $X }}}"), "RawOutput($X)");
    assert_eq!(root(Language::Jinja, "{{ $X | safe }}"), "RawOutput($X)");
    assert_eq!(root(Language::Jinja, "{{ $F(...) }}"), "Output(Call(Callee=$F Arg=...))");
    assert_eq!(root(Language::Jinja, "<script>{{ $X }}</script>"), "Output(<script> $X)");
    assert_eq!(root(Language::Jinja, "<$E $A={{ $X }}>"), "Output(<unquoted attribute> $X)");
    assert_eq!(root(Language::Vue, "v-html=\"$X\""), "RawOutput($X)");
    assert_eq!(root(Language::Vue, ":href=\"$X\""), "Attribute(Name=href $X)");
    assert_eq!(root(Language::Vue, "{{ $X }}"), "Output($X)");
    assert_eq!(root(Language::Vue, "<a v-html=\"$X\">"), "RawOutput($X)");
    assert_eq!(root(Language::Vue, "v-html=\"`<b>${$X}`\""), "RawOutput(Template(<b> $X))");
    assert_eq!(root(Language::Ejs, "<p>"), "");
    assert_eq!(root(Language::Ejs, "<%- a %><%- b %>"), "");
    let code = |language, text| pattern_code(language, text).map(|(code, language)| (&text[code], language));
    assert_eq!(code(Language::Ejs, "<%- f($X) -%>"), Some((" f($X) ", Language::JavaScript)));
    assert_eq!(code(Language::Vue, "v-html='$X'"), Some(("$X", Language::JavaScript)));
    assert_eq!(code(Language::Handlebars, "<p id={{$X}}>"), Some(("$X", Language::Handlebars)));
    assert_eq!(code(Language::Html, "<p>"), None);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    const LANGUAGES: [Language; 5] =
        [Language::Ejs, Language::Jinja, Language::Handlebars, Language::Vue, Language::Html];

    /// Pieces of templates, so that random texts come close to real ones.
    fn piece() -> impl Strategy<Value = String> {
        let pieces = [
            "<%-",
            "<%=",
            "<%",
            "%>",
            "-%>",
            "<%%",
            "<%#",
            "{{",
            "}}",
            "{{{",
            "}}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{{!--",
            "--}}",
            "{{{{",
            "}}}}",
            "\\",
            "raw",
            "endraw",
            " x ",
            "|safe",
            ".y",
            "(",
            ")",
            "[",
            "]",
            "'",
            "\"",
            "`",
            "<script>",
            "</script>",
            "<template>",
            "</template>",
            " v-html=",
            " :href=",
            "<!--",
            "-->",
            "<a ",
            ">",
            "/>",
            "href=",
            "é",
            "漢",
            "🦀",
            "\u{301}",
            "\r\n",
            "\r",
            "\n",
            "autoescape false",
            "autoescape",
            "=",
            "if",
            "else",
            "~",
            "<",
            "</",
            "/",
            "<style>",
            "not",
            "is",
            "...",
            "$X",
            "set a =",
            "{",
            "}",
            "comment",
            ",",
            ":",
        ];
        prop_oneof![
            6 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
            1 => "\\PC{0,4}",
        ]
    }

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
    }

    fn outline(units: &[Unit]) -> Vec<(usize, Language, String, Vec<String>)> {
        let node = |node: &crate::syntax::Node| format!("{node:?}");
        units
            .iter()
            .map(|unit| {
                (unit.base, unit.language, unit.ast.text.clone(), unit.ast.nodes.iter().map(node).collect())
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_text_gives_units_in_order(text in text(), language in prop::sample::select(LANGUAGES.to_vec())) {
            let source = Source::new(language, &text);
            // The tags in a script come after the statements of the script.
            let mut last = rustc_hash::FxHashMap::default();
            for unit in units(&source) {
                let last = last.entry(unit.language).or_insert(0);
                prop_assert!(unit.base >= *last);
                *last = unit.base;
                prop_assert!(text[unit.base..].starts_with(&unit.ast.text));
                prop_assert_eq!(unit.ast.node(Ast::ROOT).size as usize, unit.ast.nodes.len());
                for id in unit.ast.subtree(Ast::ROOT) {
                    prop_assert!(unit.ast.text.get(unit.ast.range(id)).is_some(), "{:?}", unit.ast.node(id));
                    prop_assert!(id == 0 || unit.ast.node(id).parent < id);
                    let parent = unit.ast.node(unit.ast.node(id).parent);
                    prop_assert!(id + unit.ast.node(id).size <= unit.ast.node(id).parent + parent.size);
                }
            }
        }

        #[test]
        fn an_edit_gives_the_units_of_a_fresh_file(
            text in text(), typed in text(), places in (0.0..1.0, 0.0..1.0),
            language in prop::sample::select(LANGUAGES.to_vec()),
        ) {
            let mut source = Source::new(language, &text);
            let mut cache = Cache::default();
            let old = cache.units(&source);
            let (a, b): (f64, f64) = places;
            let (a, b) = ((a * text.len() as f64) as usize, (b * text.len() as f64) as usize);
            source.edit(a.min(b)..a.max(b), &typed);
            let fresh = Source::new(language, &source.text());
            let new = cache.units(&source);
            for (unit, index) in &new {
                let same = |index: &usize| std::sync::Arc::ptr_eq(&old[*index].0.ast, &unit.ast);
                prop_assert!(index.as_ref().is_none_or(same));
            }
            let new: Vec<Unit> = new.into_iter().map(|(unit, _)| unit).collect();
            prop_assert_eq!(outline(&new), outline(&units(&fresh)));
        }

        #[test]
        fn any_pattern_is_refused_or_read(text in text(), language in prop::sample::select(LANGUAGES.to_vec())) {
            let ast = lower_text(language, &text);
            prop_assert!(ast.is_empty() || ast.node(Ast::ROOT).size as usize == ast.nodes.len());
        }
    }
}

mod packs {
    use std::path::Path;

    use crate::analyze::{Document, Project};
    use crate::language::Language;
    use crate::rule::RuleSet;
    use crate::source::ParseBudget;

    /// The rules that flag a file, in order of position.
    fn rules(path: &str, text: &str) -> Vec<String> {
        let language = Language::of_file(Path::new(path), text).unwrap();
        let mut document = Document::new(Path::new(path), language, text);
        document.analyze(&RuleSet::builtin(), ParseBudget::default()).unwrap();
        let findings = document.findings(&Project::default());
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.rule.id, &text[finding.range.clone()]))
            .collect()
    }

    #[test]
    fn unescaped_output_is_flagged_and_escaped_output_is_silent() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("a.ejs", "<p><%- user.bio %><%= user.bio %></p>", &["ejs-unescaped-output <%- user.bio %>"]),
            ("a.ejs", "<%- include('head') %><%- body %><%- '<hr>' %>", &[]),
            (
                "a.hbs",
                "<p>{{{bio}}}{{bio}}{{&bio}}</p>{{{body}}}",
                &["handlebars-unescaped-output {{{bio}}}", "handlebars-unescaped-output {{&bio}}"],
            ),
            (
                "templates/a.html",
                "<p>{{ bio|safe }}{{ bio }}</p>",
                &["jinja-unescaped-output {{ bio|safe }}"],
            ),
            (
                "a.html",
                "{% autoescape false %}{{ bio }}{{ bio|e }}{% endautoescape %}{{ bio }}",
                &["jinja-unescaped-output {{ bio }}"],
            ),
            (
                "a.html",
                "{% autoescape off %}<p>{{ bio }}</p>{% endautoescape %}",
                &["jinja-unescaped-output {{ bio }}"],
            ),
            (
                "a.vue",
                "<template><p v-html=\"bio\">{{ bio }}</p><p v-text=\"bio\" /></template>",
                &["vue-unescaped-output v-html=\"bio\""],
            ),
            ("a.html", "<p>{{ bio }}</p>", &[]),
        ];
        for (path, text, expected) in cases {
            assert_eq!(rules(path, text), *expected, "{text}");
        }
    }

    #[test]
    fn findings_after_an_edit_are_those_of_a_fresh_file() {
        let rules = RuleSet::builtin();
        let mut text = "{% autoescape true %}<p>{{ a }}</p>{% endautoescape %}<i>{{ b|safe }}</i>".to_owned();
        let mut document = Document::new(Path::new("a.html"), Language::Jinja, &text);
        let mut counts = Vec::new();
        for (old, new) in [
            ("", ""),
            ("true", "false"),
            ("b|safe", "b"),
            ("<p>", "<p>\n<b>é</b>"),
            ("false", "true"),
            ("{{ b", "{{ b|safe"),
        ] {
            let start = text.find(old).unwrap();
            document.edit(start..start + old.len(), new);
            text.replace_range(start..start + old.len(), new);
            document.analyze(&rules, ParseBudget::default()).unwrap();
            let mut fresh = Document::new(Path::new("a.html"), Language::Jinja, &text);
            fresh.analyze(&rules, ParseBudget::default()).unwrap();
            let list = |document: &Document| {
                let findings = document.findings(&Project::default());
                findings
                    .iter()
                    .map(|f| (f.range.clone(), f.rule.id.clone(), f.message.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(list(&document), list(&fresh), "{text}");
            counts.push(list(&fresh).len());
        }
        assert_eq!(counts, [1, 2, 1, 1, 0, 1]);
    }
}
