//! Lessons without the rest of Squire, for those who write them.
//!
//! ```text
//! cargo run -p squire-lessons --example lesson -- test [LESSON]
//! cargo run -p squire-lessons --example lesson -- check LESSON LANGUAGE [FILE]
//! cargo run -p squire-lessons --example lesson -- attack LESSON LANGUAGE [FILE]
//! cargo run -p squire-lessons --example lesson -- install-python python-3.12.0.wasm
//! ```

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use squire_lessons::{Catalog, Exercise, Runner, install_python, test_lessons};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.first() == Some(&"lesson-runner") {
        squire_lessons::runner_main();
    }
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let runner = Runner::new()?;
    match arguments {
        ["test", rest @ ..] => {
            let report = test_lessons(Catalog::builtin(), &runner, rest.first().copied());
            for failure in &report.failures {
                println!("FAILED {failure}");
            }
            println!("{} passed, {} failed", report.passed, report.failures.len());
            Ok(ExitCode::from(u8::from(!report.failures.is_empty())))
        }
        ["check", lesson, language, rest @ ..] => {
            let exercise = exercise(lesson, language)?;
            let verdict = runner.check(exercise, &text(exercise, rest)?);
            print!("{verdict}");
            if !verdict.output.is_empty() {
                println!("--- printed\n{}", verdict.output);
            }
            Ok(ExitCode::from(u8::from(!verdict.passed())))
        }
        ["attack", lesson, language, rest @ ..] => {
            let exercise = exercise(lesson, language)?;
            print!("{}", runner.attack(exercise, &text(exercise, rest)?));
            Ok(ExitCode::SUCCESS)
        }
        ["install-python", file] => {
            println!("{}", install_python(Path::new(file))?.display());
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            Err("usage: lesson test [LESSON] | check LESSON LANGUAGE [FILE] | attack LESSON LANGUAGE [FILE]"
                .into())
        }
    }
}

fn exercise(lesson: &str, language: &str) -> Result<&'static Exercise, Box<dyn Error>> {
    let catalog = Catalog::builtin();
    for error in catalog.errors() {
        eprintln!("{error}");
    }
    Ok(catalog.exercise(lesson, language.parse()?).ok_or("there is no such exercise")?)
}

fn text(exercise: &Exercise, rest: &[&str]) -> Result<String, Box<dyn Error>> {
    Ok(match rest.first() {
        Some(file) => std::fs::read_to_string(file)?,
        None => exercise.shipped().to_owned(),
    })
}
