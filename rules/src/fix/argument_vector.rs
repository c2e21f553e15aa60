//! `argument-vector`: a program and its arguments instead of a line for the shell.

use super::FixContext;
use super::code::Code;
use super::edits::Edits;
use super::imports;
use super::quote::{self, Build, Part};
use super::shell_words::{self, Word};
use super::strings::{self, Flat, What};
use crate::analyze::At;
use crate::finding::Fix;
use crate::syntax::{Kind, Slot};

pub(super) fn fixes(context: &FixContext<'_>) -> Vec<Fix> {
    let code = Code::of(context);
    let Some(command) = command_of(context, &code) else {
        let fix = shell_off(context, &code).or_else(|| branches(context, &code));
        return fix.into_iter().collect();
    };
    let fix = if code.is_python() { python(&code, &command) } else { javascript(&code, &command) };
    fix.into_iter().collect()
}

/// A call that starts a shell, and the line it gives it.
struct Command {
    call: At,
    /// The argument that holds the line.
    line: At,
    flat: Flat,
    words: Vec<String>,
    /// The quote mark of the line.
    quote: char,
}

fn command_of(context: &FixContext<'_>, code: &Code<'_>) -> Option<Command> {
    let mut call = code.call_at(context.at)?;
    while strings::builds_string(code, call) {
        call = code.call_at(code.parent(call)?)?;
    }
    let args = code.args(call);
    let keyword = ["args", "cmd", "command"].iter().find_map(|name| code.keyword(call, name));
    let (line, value) = match args.first() {
        Some(&first) if code.kind(first) != Kind::Keyword => (first, first),
        _ => keyword?,
    };
    let flat = strings::flatten(code, value)?;
    if !flat.has_holes() {
        return None;
    }
    let quote = flat.literals.iter().find_map(|literal| {
        code.str(literal.range.start..literal.content.start)
            .chars()
            .last()
            .filter(|c| matches!(c, '"' | '\''))
    });
    let quote = quote.unwrap_or_else(|| quote::preferred(code.text));
    let words = shell_words::split(&flat)?;
    let words = words.iter().map(|word| word_code(code, &flat, word, quote)).collect::<Option<Vec<_>>>()?;
    Some(Command { call, line, flat, words, quote })
}

fn quote_of(code: &Code<'_>, flat: &Flat) -> char {
    let mark = flat.literals.iter().find_map(|literal| {
        code.str(literal.range.start..literal.content.start)
            .chars()
            .last()
            .filter(|c| matches!(c, '"' | '\''))
    });
    mark.unwrap_or_else(|| quote::preferred(code.text))
}

/// The code of one argument.
fn word_code(code: &Code<'_>, flat: &Flat, word: &Word, quote: char) -> Option<String> {
    enum Owned<'f> {
        Text(String),
        Code(&'f str),
    }
    let mut parts: Vec<Owned<'_>> = Vec::new();
    for &index in &word.items {
        let item = flat.items.get(index)?;
        match item.what {
            What::Char(c) => match parts.last_mut() {
                Some(Owned::Text(text)) => text.push(c),
                _ => parts.push(Owned::Text(c.to_string())),
            },
            What::Hole(hole) => parts.push(Owned::Code(&flat.holes[hole].code)),
        }
    }
    let holes = word.items.iter().filter_map(|&index| flat.hole(flat.items.get(index)?));
    for hole in holes {
        // Several words in one value: as a list they can be spread, as text they cannot be told apart.
        if let Some(list) = joined_list(code, hole.at) {
            let spread = if code.is_python() { "*" } else { "..." };
            return (word.items.len() == 1).then(|| format!("{spread}{list}"));
        }
        if word.items.len() == 1 && !word.quoted && is_named_as_several(code, hole.at) {
            return None;
        }
    }
    let parts: Vec<Part<'_>> = parts
        .iter()
        .map(|part| match part {
            Owned::Text(text) => Part::Text(text),
            Owned::Code(code) => Part::Expression(code),
        })
        .collect();
    let how = if flat.interpolates() { Build::Interpolation } else { Build::Concatenation };
    Some(quote::build(&parts, how, code.is_python(), quote))
}

/// `args` of `args.join(" ")` and of `" ".join(args)`.
fn joined_list<'a>(code: &Code<'a>, at: At) -> Option<&'a str> {
    if code.kind(at) != Kind::Call || code.method(at) != Some("join") {
        return None;
    }
    let receiver = code.receiver(at)?;
    let argument = code.args(at).first().copied()?;
    let (list, between) = if code.is_python() { (argument, receiver) } else { (receiver, argument) };
    (code.kind(between) == Kind::Str && code.ast(between).string_content(between.node) == " ")
        .then(|| code.source(list))
}

/// `options`, `flags`: what such a name holds are words, or a whole line.
fn is_named_as_several(code: &Code<'_>, at: At) -> bool {
    let name = match code.kind(at) {
        Kind::Ident => code.source(at),
        Kind::Member => code.child(at, Slot::Property).map_or("", |name| code.source(name)),
        _ => return code.source(at).contains("join("),
    };
    let name = name.to_lowercase();
    [
        "args",
        "arguments",
        "argv",
        "flags",
        "options",
        "opts",
        "params",
        "command",
        "cmd",
        "commandline",
        "cmdline",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

impl Command {
    /// Edits that put `text` where the line was. A variable that held only the line loses its statement.
    fn replace_line(&self, code: &Code<'_>, text: String, edits: &mut Edits) -> Option<()> {
        if self.flat.followed {
            remove_statement(code, self.line, edits)?;
        }
        edits.replace(code.argument_range(self.call, self.line), text);
        Some(())
    }

    fn title(&self, program: &str) -> String {
        let name = program.trim_matches(['"', '\'']);
        format!("Start `{name}` with a list of arguments instead of a shell")
    }
}

/// Removes the assignment that a name was followed to, with its line.
fn remove_statement(code: &Code<'_>, name: At, edits: &mut Edits) -> Option<()> {
    let variable = code.variable(name)?;
    if !variable.appends.is_empty() || variable.reads.len() != 1 || variable.shown {
        return None;
    }
    let statement = code.statement(variable.assignment);
    let declares_one = match code.kind(statement) {
        Kind::VarDecl => code.children(statement).len() == 1,
        kind => kind == Kind::Assign,
    };
    // `const line = …, other = …`, and a log line that would lose its name.
    if !declares_one || code.is_logged_anywhere(name) {
        return None;
    }
    // Names inside the line must not be followed further: their statements would stay behind unused.
    let range = code.range(statement);
    let start = code.line_start(range.start);
    if !code.str(start..range.start).trim().is_empty() {
        return None;
    }
    let rest = &code.text[range.end..];
    let line = rest.split_inclusive('\n').next().unwrap_or("");
    if !matches!(line.trim(), "" | ";") {
        return None;
    }
    edits.delete(start..range.end + line.len());
    Some(())
}

/// The functions of `child_process` that run a shell, and those that do not.
const WITHOUT_SHELL: &[(&str, &str)] = &[
    ("exec", "execFile"),
    ("execSync", "execFileSync"),
    ("spawn", "spawn"),
    ("spawnSync", "spawnSync"),
    ("execFile", "execFile"),
    ("execFileSync", "execFileSync"),
];

fn javascript(code: &Code<'_>, command: &Command) -> Option<Fix> {
    let callee = code.callee(command.call)?;
    let full = code.qualified(callee)?;
    let (module, function) = full.rsplit_once('.').unwrap_or_default();
    if !matches!(module, "child_process" | "child_process.promises") {
        return promisified(code, command, callee);
    }
    let (_, better) = *WITHOUT_SHELL.iter().find(|(shell, _)| *shell == function)?;
    let mut edits = Edits::default();
    rename(code, callee, function, better, &mut edits)?;
    vector(code, command, &mut edits)?;
    edits.safe(command.title(command.words.first()?))
}

/// `const exec = util.promisify(require("child_process").exec)`: the promise of `execFile` resolves alike.
fn promisified(code: &Code<'_>, command: &Command, callee: At) -> Option<Fix> {
    let variable = code.variable(callee)?;
    let argument = code.args(variable.value).first().copied()?;
    if code.method(variable.value) != Some("promisify") || code.qualified(argument)? != "child_process.exec" {
        return None;
    }
    // Another call of the same variable would still pass a line.
    if variable.reads.len() != 1
        || !matches!(code.source(callee), "exec" | "execAsync" | "execPromise" | "run")
    {
        return None;
    }
    let mut edits = Edits::default();
    rename(code, argument, "exec", "execFile", &mut edits)?;
    vector(code, command, &mut edits)?;
    edits.safe(command.title(command.words.first()?))
}

/// The words in place of the line, and `shell: true` gone.
fn vector(code: &Code<'_>, command: &Command, edits: &mut Edits) -> Option<()> {
    let (program, arguments) = command.words.split_first()?;
    command.replace_line(code, format!("{program}, [{}]", arguments.join(", ")), edits)?;
    let args = code.args(command.call);
    for &arg in args.iter().skip(1) {
        match code.kind(arg) {
            Kind::Object => {
                let Some((pair, value)) = code.property(arg, "shell") else { continue };
                if code.kind(value) != Kind::Bool {
                    return None;
                }
                remove_element(code, arg, pair, edits);
            }
            // An array behind the line is already a vector, for a program that is a line.
            Kind::Array => return None,
            _ => {}
        }
    }
    Some(())
}

/// Removes a property with its comma, and an object that would be empty with its own.
fn remove_element(code: &Code<'_>, object: At, element: At, edits: &mut Edits) {
    let siblings = code.children(object);
    let index = siblings.iter().position(|&at| at == element).unwrap_or(0);
    let range = code.range(element);
    match (index.checked_sub(1).and_then(|at| siblings.get(at)), siblings.get(index + 1)) {
        (_, Some(&next)) => edits.delete(range.start..code.range(next).start),
        (Some(&previous), None) => edits.delete(code.range(previous).end..range.end),
        (None, None) => {
            let whole = code.range(object);
            let before = &code.text[..whole.start];
            let comma = before.trim_end().strip_suffix(',').map_or(whole.start, str::len);
            edits.delete(comma..whole.end);
        }
    }
}

/// `exec` → `execFile`, with the import it needs.
fn rename(code: &Code<'_>, callee: At, from: &str, to: &str, edits: &mut Edits) -> Option<()> {
    if from == to {
        return Some(());
    }
    if code.kind(callee) == Kind::Member {
        let property = code.child(callee, Slot::Property)?;
        edits.replace(code.range(property), to);
        return Some(());
    }
    let full = code.qualified(callee)?;
    let module = full.rsplit_once('.').map_or("", |(module, _)| module);
    if let Some(alias) = imports::alias_of(code, &format!("{module}.{to}")) {
        edits.replace(code.range(callee), alias);
        return Some(());
    }
    if imports::is_taken(code, to) {
        return None;
    }
    edits.replace(code.range(callee), to);
    extend_import(code, callee, from, to, edits)
}

/// Adds `to` beside `from` in `{ from }`; replaces it where nothing else uses `from`.
fn extend_import(code: &Code<'_>, callee: At, from: &str, to: &str, edits: &mut Edits) -> Option<()> {
    let local = code.source(callee);
    let hash = crate::syntax::hash_text(local);
    let statements = imports::import_statements(code);
    let uses = (0..code.view.units.len() as u32)
        .flat_map(|unit| {
            let ast = code.view.ast(unit);
            (0..ast.nodes.len() as u32).map(move |node| At { unit, node })
        })
        .filter(|at| !statements.iter().any(|statement| statement.unit == at.unit))
        .filter(|&at| code.kind(at) == Kind::Ident && code.ast(at).node(at.node).hash == hash)
        .filter(|&at| code.slot_of(at) != Slot::Property)
        .count();
    for statement in statements {
        let binding = code.subtree(statement).find(|&at| match code.kind(at) {
            Kind::Shorthand | Kind::ImportName => code.source(at) == local,
            // `{ exec: run }`, `{ exec as run }`
            Kind::Pair => code.child(at, Slot::Value).is_some_and(|value| code.source(value) == local),
            _ => false,
        });
        let binding = binding.or_else(|| {
            code.subtree(statement).find(|&at| {
                code.kind(at) == Kind::ImportName
                    && code.child(at, Slot::Alias).is_some_and(|alias| code.source(alias) == local)
                    && code.child(at, Slot::Name).is_some_and(|name| code.source(name) == from)
            })
        });
        let Some(binding) = binding else {
            match member_binding(code, statement, local) {
                Some((_, name, property)) if uses == 1 => {
                    edits.replace(code.range(name), to);
                    edits.replace(code.range(property), to);
                    return Some(());
                }
                Some((assign, _, property)) => {
                    let right = code.child(assign, Slot::Right)?;
                    let module = code.str(code.range(right).start..code.range(property).start);
                    edits.insert(code.range(assign).end, format!(", {to} = {module}{to}"));
                    return Some(());
                }
                None => continue,
            }
        };
        if uses == 1 {
            edits.replace(code.range(binding), to);
        } else {
            edits.insert(code.range(binding).end, format!(", {to}"));
        }
        return Some(());
    }
    None
}

/// `const exec = require("child_process").exec`: the assignment, its name and the member.
fn member_binding(code: &Code<'_>, statement: At, local: &str) -> Option<(At, At, At)> {
    code.children(statement).into_iter().find_map(|assign| {
        let (name, value) = (code.child(assign, Slot::Left)?, code.child(assign, Slot::Right)?);
        let property = code.child(value, Slot::Property)?;
        (code.kind(name) == Kind::Ident && code.source(name) == local).then_some((assign, name, property))
    })
}

fn python(code: &Code<'_>, command: &Command) -> Option<Fix> {
    let callee = code.callee(command.call)?;
    let full = code.qualified(callee)?;
    let list = format!("[{}]", command.words.join(", "));
    let program = command.words.first()?;
    let mut edits = Edits::default();
    match full.as_str() {
        "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.Popen" => {
            let (shell, value) = code.keyword(command.call, "shell")?;
            if code.source(value) != "True" || code.keyword(command.call, "executable").is_some() {
                return None;
            }
            let text = if code.kind(command.line) == Kind::Keyword { format!("args={list}") } else { list };
            command.replace_line(code, text, &mut edits)?;
            remove_argument(code, command.call, shell, &mut edits);
            edits.safe(command.title(program))
        }
        "os.system" => {
            let run = subprocess(code, "run", &mut edits)?;
            edits.replace(code.range(callee), run);
            command.replace_line(code, list, &mut edits)?;
            if is_used(code, command.call) {
                edits.insert(code.range(command.call).end, ".returncode");
                let title = command.title(program);
                return edits
                    .unsafe_because(format!("{title} (the exit status is no longer shifted by 8 bits)"));
            }
            edits.safe(command.title(program))
        }
        "os.popen" => {
            let read = code.parent(command.call).filter(|&member| {
                code.kind(member) == Kind::Member
                    && code.child(member, Slot::Property).is_some_and(|name| code.source(name) == "read")
            })?;
            let outer = code
                .parent(read)
                .filter(|&outer| code.kind(outer) == Kind::Call && code.args(outer).is_empty())?;
            if code.args(command.call).len() != 1 {
                return None;
            }
            let run = subprocess(code, "run", &mut edits)?;
            edits.replace(code.range(callee), run);
            command.replace_line(code, format!("{list}, capture_output=True, text=True"), &mut edits)?;
            edits.replace(code.range(command.call).end..code.range(outer).end, ".stdout");
            edits.safe(command.title(program))
        }
        "subprocess.getoutput" => {
            let run = subprocess(code, "run", &mut edits)?;
            edits.replace(code.range(callee), run);
            let options = "stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True";
            // The names of the options need the module itself.
            if code.view.names.full(crate::syntax::hash_text("subprocess")) != Some("subprocess") {
                return None;
            }
            command.replace_line(code, format!("{list}, {options}"), &mut edits)?;
            edits.insert(
                code.range(command.call).end,
                ".stdout.rstrip(\"\\n\")".replace('"', &command.quote.to_string()),
            );
            edits.safe(command.title(program))
        }
        "asyncio.create_subprocess_shell" => {
            let property = code.child(callee, Slot::Property)?;
            edits.replace(code.range(property), "create_subprocess_exec");
            command.replace_line(code, command.words.join(", "), &mut edits)?;
            edits.safe(command.title(program))
        }
        _ => None,
    }
}

/// `run(["ping", host], shell=True)`, `spawn("ping", [host], { shell: true })`: the list is there already.
fn shell_off(context: &FixContext<'_>, code: &Code<'_>) -> Option<Fix> {
    let call = code.call_at(context.at)?;
    let full = code.qualified(code.callee(call)?)?;
    let (module, _) = full.rsplit_once('.')?;
    let args = code.args(call);
    let is_constant_word = |at: At| {
        code.kind(at) == Kind::Str
            && !code
                .ast(at)
                .string_content(at.node)
                .contains(|c: char| c.is_whitespace() || "|&;<>()$`*?[]{}!\\".contains(c))
    };
    let mut edits = Edits::default();
    match module {
        "subprocess" => {
            let list = args.first().copied().filter(|&list| code.kind(list) == Kind::Array)?;
            let (shell, value) = code.keyword(call, "shell")?;
            if code.source(value) != "True"
                || !code.children(list).first().is_some_and(|&at| is_constant_word(at))
            {
                return None;
            }
            remove_argument(code, call, shell, &mut edits);
        }
        "child_process" => {
            let [program, list, options, ..] = args.as_slice() else { return None };
            let (shell, value) = code.property(*options, "shell")?;
            // What a word of the list means to a shell, e.g. a pattern, it would mean no more.
            let plain =
                code.children(*list).into_iter().all(|at| code.kind(at) != Kind::Str || is_constant_word(at));
            if !is_constant_word(*program)
                || code.kind(*list) != Kind::Array
                || !plain
                || code.source(value) != "true"
            {
                return None;
            }
            remove_element(code, *options, shell, &mut edits);
        }
        _ => return None,
    }
    edits.safe("Start the program without a shell")
}

/// `if a: line = f"…" else: line = f"…"`, then `subprocess.run(line, shell=True)`: every branch makes a list.
fn branches(context: &FixContext<'_>, code: &Code<'_>) -> Option<Fix> {
    let call = code.call_at(context.at).filter(|_| code.is_python())?;
    let full = code.qualified(code.callee(call)?)?;
    let (module, _) = full.rsplit_once('.')?;
    let (shell, value) = code.keyword(call, "shell")?;
    if module != "subprocess" || code.source(value) != "True" || code.keyword(call, "executable").is_some() {
        return None;
    }
    let values = code.branches(code.args(call).first().copied()?)?;
    let mut edits = Edits::default();
    for &value in &values {
        let flat = strings::flatten(code, value).filter(|flat| !flat.followed)?;
        let quote = quote_of(code, &flat);
        let words = shell_words::split(&flat)?;
        let words =
            words.iter().map(|word| word_code(code, &flat, word, quote)).collect::<Option<Vec<_>>>()?;
        edits.replace(code.range(value), format!("[{}]", words.join(", ")));
    }
    remove_argument(code, call, shell, &mut edits);
    if values.is_empty() {
        None
    } else {
        edits.safe("Start the program with a list of arguments instead of a shell")
    }
}

/// `subprocess.run`, imported if it is not.
fn subprocess(code: &Code<'_>, function: &str, edits: &mut Edits) -> Option<String> {
    if let Some(alias) = imports::alias_of(code, "subprocess") {
        return Some(format!("{alias}.{function}"));
    }
    if let Some(alias) = imports::alias_of(code, &format!("subprocess.{function}")) {
        return Some(alias);
    }
    imports::python_module(code, "subprocess", edits)?;
    Some(format!("subprocess.{function}"))
}

/// Whether the value of a call is used: it is no statement of its own.
fn is_used(code: &Code<'_>, call: At) -> bool {
    code.statement(call) != call
}

/// Removes an argument with the comma before or after it.
fn remove_argument(code: &Code<'_>, call: At, argument: At, edits: &mut Edits) {
    let args = code.args(call);
    let index = args.iter().position(|&at| at == argument).unwrap_or(0);
    let range = code.range(argument);
    match (index.checked_sub(1).and_then(|at| args.get(at)), args.get(index + 1)) {
        (Some(&previous), _) => edits.delete(code.argument_range(call, previous).end..range.end),
        (None, Some(&next)) => edits.delete(range.start..code.range(next).start),
        (None, None) => edits.delete(range),
    }
}
