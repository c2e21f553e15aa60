//! A lesson from finding to verdict, through standard LSP alone.

use serde_json::{Value, json};
use squire_tests::lsp::{Client, path, uri};

fn able() -> Value {
    json!({
        "workspace": { "applyEdit": true, "codeLens": { "refreshSupport": true } },
        "window": { "showDocument": { "support": true } },
    })
}

fn run(client: &mut Client, command: &str, arguments: Value) -> Value {
    client.request("workspace/executeCommand", json!({ "command": command, "arguments": arguments }))
}

/// Opens the lesson; the page and the exercise that the client was asked to show.
fn open(client: &mut Client, lesson: &str, language: &str) -> (String, String, String) {
    run(client, "squire.lesson.open", json!([lesson, language]));
    let page = client.asked_for("window/showDocument");
    let exercise = client.asked_for("window/showDocument");
    assert!(page["selection"].is_object() && exercise["selection"].is_object());
    let page = std::fs::read_to_string(path(page["uri"].as_str().unwrap())).unwrap();
    let file = exercise["uri"].as_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path(&file)).unwrap();
    (page, file, text)
}

fn lenses(client: &mut Client, file: &str) -> Vec<String> {
    let answer = client.request("textDocument/codeLens", json!({ "textDocument": { "uri": file } }));
    let title = |lens: &Value| lens["command"]["title"].as_str().unwrap().to_owned();
    answer.as_array().map(|lenses| lenses.iter().map(title).collect()).unwrap_or_default()
}

#[test]
fn the_learner_attacks_repairs_and_is_judged_by_what_happens() {
    let mut client = Client::connect(able(), None);
    let (page, file, text) = open(&mut client, "sql-injection", "javascript");
    assert!(page.starts_with("# SQL injection"), "{page}");
    client.open(&file, "javascript", &text);
    let found = client.diagnostics(&file, Some(1));
    assert!(found.iter().any(|item| item["code"] == "javascript-sql-string-building"), "{found:?}");
    assert_eq!(lenses(&mut client, &file), ["Attack", "Check my fix", "Hint", "Reset", "Solution", "Lesson"]);

    let attack = run(&mut client, "squire.lesson.attack", json!([file]));
    assert_eq!(attack["evidence"], "executed", "{attack}");
    assert!(attack["breaches"].as_u64().unwrap() > 0, "{attack}");
    assert!(client.notification("window/showMessage")["message"].as_str().unwrap().len() > 20);

    let unsolved = run(&mut client, "squire.lesson.check", json!([file]));
    assert_eq!(unsolved["passed"], false);
    client.asked_for("workspace/codeLens/refresh");
    let lens = lenses(&mut client, &file)[1].clone();
    assert!(lens.starts_with("Check my fix ✗ "), "{lens}");
    let shown = client.diagnostics(&file, Some(1));
    assert!(
        shown.iter().any(|item| item["code"] == "squire-exercise"),
        "the verdict is in the file: {shown:?}"
    );

    // The repair is judged as it stands on the screen; nothing was saved.
    let query = text.lines().position(|line| line.contains("const query")).unwrap() as u32;
    client.change(
        &file,
        2,
        [query, 0, query + 1, 0],
        "  const query = 'SELECT id, name, email FROM patients WHERE email = ?';\n",
    );
    client.change(&file, 3, [query + 1, 18, query + 1, 18], "[email], ");
    client.diagnostics(&file, Some(3));
    let solved = run(&mut client, "squire.lesson.check", json!([file]));
    assert_eq!(solved["passed"], true, "{solved}");
    assert!(lenses(&mut client, &file)[1].starts_with("Check my fix ✓ Solved"));
    let attack = run(&mut client, "squire.lesson.attack", json!([file]));
    assert_eq!(attack["breaches"], 0, "{attack}");

    let progress = run(&mut client, "squire.showProgress", json!([]));
    let lesson = progress["lessons"]
        .as_array()
        .unwrap()
        .iter()
        .find(|lesson| lesson["id"] == "sql-injection")
        .unwrap();
    assert_eq!(lesson["status"], "completed", "{lesson}");
    assert!(client.stop().success());
}

#[test]
fn hints_come_one_by_one_and_the_solution_beside() {
    let mut client = Client::connect(able(), None);
    let (_, file, text) = open(&mut client, "sql-injection", "javascript");
    client.open(&file, "javascript", &text);
    let first = run(&mut client, "squire.lesson.hint", json!([file]));
    let second = run(&mut client, "squire.lesson.hint", json!(["sql-injection", "javascript"]));
    assert_eq!((&first["number"], &second["number"]), (&json!(1), &json!(2)));
    let said = client.notification("window/showMessage");
    assert!(said["message"].as_str().unwrap().starts_with("Hint 1 of "), "{said}");

    run(&mut client, "squire.lesson.solution", json!([{ "uri": file }]));
    let shown = client.asked_for("window/showDocument");
    let solution = path(shown["uri"].as_str().unwrap());
    assert_ne!(solution, path(&file));
    assert_eq!(std::fs::read_to_string(path(&file)).unwrap(), text, "the learner's own work stays");
    let text = std::fs::read_to_string(&solution).unwrap();
    let solution = uri(&solution);
    client.open(&solution, "javascript", &text);
    assert!(client.diagnostics(&solution, Some(1)).is_empty());
    assert!(lenses(&mut client, &solution).is_empty(), "the solution is no exercise");
}

#[test]
fn reset_is_an_edit_that_can_be_undone() {
    let mut client = Client::connect(able(), None);
    let (_, file, text) = open(&mut client, "sql-injection", "javascript");
    client.open(&file, "javascript", &format!("// mine\n{text}"));
    client.diagnostics(&file, Some(1));
    run(&mut client, "squire.lesson.reset", json!([file]));
    let edit = client.asked_for("workspace/applyEdit");
    let edits = &edit["edit"]["changes"][&file];
    assert_eq!(edits[0]["newText"], text);
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 0, "character": 0 }));
    assert_eq!(edits[0]["range"]["end"]["line"], text.lines().count() + 1);
}

#[test]
fn a_lesson_is_opened_in_the_language_of_the_finding() {
    for (asked, got) in [
        ("javascript", "javascript"),
        ("typescript", "javascript"),
        ("python", "python"),
        ("jinja", "python"),
    ] {
        let mut client = Client::connect(able(), None);
        let (_, file, _) = open(&mut client, "sql-injection", asked);
        assert!(file.contains(&format!("/sql-injection/{got}/")), "{asked}: {file}");
    }
}

#[test]
fn files_that_are_no_exercise_have_no_lenses() {
    let mut client = Client::connect(able(), None);
    client.open("file:///x/app.js", "javascript", "let a = 1;\n");
    assert!(lenses(&mut client, "file:///x/app.js").is_empty());
}
