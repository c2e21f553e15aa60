//! `text-content`.

use super::super::text_content::template_fixes;
use super::{check_with, proposals, refuse};
use crate::finding::Fix;
use crate::language::Language;

const FIXER: &str = "text-content";

#[track_caller]
fn js(sink: &str, before: &str, after: &str) -> Fix {
    check_with(FIXER, Language::Tsx, sink, &[], before, after)
}

#[track_caller]
fn py(sink: &str, before: &str, after: &str) {
    assert!(check_with(FIXER, Language::Python, sink, &[], before, after).safe);
}

/// `finding` is the text of the finding.
#[track_caller]
fn template(language: Language, finding: &str, before: &str, after: &str) {
    let start = before.find(finding).unwrap();
    let fixes = template_fixes(language, before, start..start + finding.len());
    let fix = fixes.first().unwrap_or_else(|| panic!("no fix for {before}"));
    assert_eq!(fix.apply(before), after);
}

#[test]
fn the_document() {
    assert!(js("el.innerHTML", "el.innerHTML = name;\n", "el.textContent = name;\n").safe);
    assert!(js("a.b.innerHTML", "a.b.innerHTML += x.y\n", "a.b.append(x.y)\n").safe);
    js("el.innerHTML", "el.innerHTML += (a || b);\n", "el.append((a || b));\n");
    js("el.outerHTML", "el.outerHTML = x;\n", "el.replaceWith(x);\n");
    assert!(!js("document.write(", "document.write(x);\n", "document.body.append(x);\n").safe);
    js(
        "el.insertAdjacentHTML(",
        "el.insertAdjacentHTML('beforeend', x);\n",
        "el.insertAdjacentText('beforeend', x);\n",
    );
    js("$('#a').html(", "$('#a').html(x);\n", "$('#a').text(x);\n");
}

#[test]
fn markup_that_is_meant() {
    let fix =
        js("el.innerHTML", "el.innerHTML = '<b>' + x + '</b>';\n", "el.textContent = '<b>' + x + '</b>';\n");
    assert!(!fix.safe);
    js(
        "el.innerHTML",
        "import DOMPurify from 'dompurify';\nel.innerHTML = '<b>' + x + '</b>';\n",
        "import DOMPurify from 'dompurify';\nel.innerHTML = DOMPurify.sanitize('<b>' + x + '</b>');\n",
    );
}

#[test]
fn react() {
    js(
        "dangerouslySetInnerHTML",
        "const a = <div dangerouslySetInnerHTML={{ __html: bio }} />;\n",
        "const a = <div>{bio}</div>;\n",
    );
    js(
        "dangerouslySetInnerHTML",
        "const a = (\n  <p\n    className=\"about\"\n    dangerouslySetInnerHTML={{__html: user.about}}\n    {...rest}\n  ></p>\n);\n",
        "const a = (\n  <p\n    className=\"about\"\n    {...rest}\n  >{user.about}</p>\n);\n",
    );
    js(
        "dangerouslySetInnerHTML",
        "const a = <span dangerouslySetInnerHTML={{ __html: \"<b>\" + user.name + \"</b>!\" }} id=\"x\" />;\n",
        "const a = <span id=\"x\"><b>{user.name}</b>!</span>;\n",
    );
    refuse(
        FIXER,
        Language::Tsx,
        "dangerouslySetInnerHTML",
        "const a = <p dangerouslySetInnerHTML={markup} />;\n",
    );
    refuse(
        FIXER,
        Language::Tsx,
        "dangerouslySetInnerHTML",
        "const a = <p dangerouslySetInnerHTML={{ __html: `<b class=\"x\">${y}</b>` }} />;\n",
    );
}

#[test]
fn python_values_that_are_declared_safe() {
    py(
        "Markup(",
        "from markupsafe import Markup\nx = Markup(request.args['x'])\n",
        "from markupsafe import Markup, escape\nx = escape(request.args['x'])\n",
    );
    py(
        "Markup(",
        "from flask import Markup\nx = Markup(f\"<b>{y}</b>\")\n",
        "from flask import Markup\nfrom markupsafe import escape\nx = Markup(f\"<b>{escape(y)}</b>\")\n",
    );
    py(
        "mark_safe(",
        "from django.utils.safestring import mark_safe\ndef f(x):\n    return mark_safe(x)\n",
        "from django.utils.safestring import mark_safe\nfrom django.utils.html import escape\ndef f(x):\n    return escape(x)\n",
    );
}

#[test]
fn templates() {
    template(Language::Ejs, "<%- x.y %>", "<p>é <%= a %><%- x.y %></p>", "<p>é <%= a %><%= x.y %></p>");
    template(Language::Ejs, "x.y", "<p><%- x.y -%></p>", "<p><%= x.y -%></p>");
    template(Language::Handlebars, "{{{x}}}", "<p>{{a}} {{{x}}}</p>", "<p>{{a}} {{x}}</p>");
    template(Language::Handlebars, "x.y", "<p>{{{ x.y }}}</p>", "<p>{{ x.y }}</p>");
    template(Language::Handlebars, "{{&x}}", "<p>{{&x}}</p>", "<p>{{x}}</p>");
    template(Language::Handlebars, "x", "<p>{{& x}}</p>", "<p>{{ x}}</p>");
    template(Language::Jinja, "{{ x|safe }}", "<p>{{ x|safe }}</p>", "<p>{{ x }}</p>");
    template(Language::Jinja, "x | trim | safe", "<p>{{ x | trim | safe }}</p>", "<p>{{ x | trim }}</p>");
    template(Language::Jinja, "x|safe", "{{ x|safe|upper }}", "{{ x|upper }}");
    template(
        Language::Jinja,
        "{{ x }}",
        "{% autoescape false %}<p>{{ x }}</p>{% endautoescape %}",
        "{% autoescape true %}<p>{{ x }}</p>{% endautoescape %}",
    );
    template(
        Language::Jinja,
        "{% autoescape off %}",
        "{% autoescape off %}{{ x }}",
        "{% autoescape on %}{{ x }}",
    );
    template(Language::Vue, "v-html=\"x\"", "<p v-html=\"x\"></p>", "<p v-text=\"x\"></p>");
    template(Language::Vue, "bio", "<p v-html='bio'></p>", "<p v-text='bio'></p>");
    // A block that is closed has nothing to do with it, and a partial is markup.
    let text = "{% autoescape off %}a{% endautoescape %}{{ x + y }}";
    assert_eq!(template_fixes(Language::Jinja, text, 39..50), []);
    assert_eq!(template_fixes(Language::Ejs, "<%- include('a') %>", 0..19), []);
}

#[test]
fn an_autoescape_block_offers_the_single_value_too() {
    let text = "{% autoescape false %}{{ x }}{% endautoescape %}";
    let fixes = template_fixes(Language::Jinja, text, 22..29);
    let applied: Vec<String> = fixes.iter().map(|fix| fix.apply(text)).collect();
    assert_eq!(
        applied,
        [
            "{% autoescape true %}{{ x }}{% endautoescape %}",
            "{% autoescape false %}{{ x|e }}{% endautoescape %}",
        ]
    );
}

#[test]
fn what_is_no_sink_has_no_fix() {
    assert_eq!(proposals(FIXER, Language::JavaScript, "f(", &[], "f(x);\n"), []);
    refuse(FIXER, Language::Python, "f(", "f(x)\n");
}
