//! `squire lesson`: learn by defending a program, from the terminal.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use serde_json::json;
use squire_lessons::{
    Action, Catalog, Exercise, Lesson, Level, Progress, Runner, Runtime, Workbook, install_python, reset_in,
    start_in, test_lessons,
};
use squire_rules::Language;

use super::Exit;
use crate::workspace::Config;

/// `squire lesson`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show all lessons
    List {
        /// How to write the list
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Read a lesson
    Show {
        /// Its id
        lesson: String,
    },
    /// Write the exercise for you to open in your editor
    Start {
        #[command(flatten)]
        which: Which,
        /// Write it to this folder instead of your data folder
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
    },
    /// Attack your file
    Attack(Which),
    /// Check your repair: it must work, and every attack must fail
    Check(Which),
    /// The next hint
    Hint(Which),
    /// Put the exercise back as it was
    Reset(Which),
    /// Write a good repair beside your file
    Solution(Which),
    /// Install the Python interpreter that executes Python exercises
    InstallPython {
        /// Its published WebAssembly file
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Prove that lessons are true: exercises, solutions and wrong repairs
    Test {
        /// Only this lesson
        lesson: Option<String>,
    },
}

/// Which exercise.
#[derive(clap::Args)]
struct Which {
    /// A lesson's id, or the file of an exercise
    lesson: String,
    /// The language of the exercise, where there are several
    #[arg(long, short)]
    lang: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    #[default]
    Text,
    Json,
}

/// The lessons of the binary with those of the project. What cannot be read is told on standard error.
pub fn catalog(config: &Config) -> Catalog {
    let mut catalog = Catalog::builtin().clone();
    let own = config.root.join(".squire/lessons");
    if !config.ignores_project && own.is_dir() {
        match Catalog::load(&own) {
            Ok(more) => catalog = catalog.with(more),
            Err(error) => eprintln!("error: {}: {error}", own.display()),
        }
    }
    for error in catalog.errors() {
        eprintln!("error: {error}");
    }
    catalog
}

/// Runs the subcommand.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = Config::find(Path::new("."))?;
    let desk = Desk {
        catalog: catalog(&config),
        workbook: Workbook::open().context("there is no data folder: set SQUIRE_DATA_DIR")?,
        progress: Progress::open().context("there is no data folder: set SQUIRE_DATA_DIR")?,
        runner: Runner::new().context("the program cannot find itself")?,
        config,
    };
    match &args.command {
        Command::List { format } => desk.list(*format),
        Command::Show { lesson } => desk.show(lesson),
        Command::Start { which, dir } => desk.start(which, dir.as_deref()),
        Command::Attack(which) => desk.attack(which),
        Command::Check(which) => desk.check(which),
        Command::Hint(which) => desk.hint(which),
        Command::Reset(which) => desk.reset(which),
        Command::Solution(which) => desk.solution(which),
        Command::InstallPython { from } => install(from),
        Command::Test { lesson } => desk.test(lesson.as_deref()),
    }
}

fn install(published: &Path) -> anyhow::Result<Exit> {
    let path = install_python(published).with_context(|| published.display().to_string())?;
    println!("{}", path.display());
    Ok(Exit::Clean)
}

struct Desk {
    catalog: Catalog,
    workbook: Workbook,
    progress: Progress,
    runner: Runner,
    config: Config,
}

impl Desk {
    fn list(&self, format: ListFormat) -> anyhow::Result<Exit> {
        let statuses = self.progress.statuses()?;
        let now = jiff::Timestamp::now();
        let status = |lesson: &Lesson| statuses.get(&lesson.id).map_or("new", |status| status.word(now));
        match format {
            ListFormat::Text => {
                let width = self.catalog.lessons().iter().map(|lesson| lesson.id.len()).max().unwrap_or(0);
                for lesson in self.catalog.lessons() {
                    let languages: Vec<_> = lesson.exercises().iter().map(|it| it.language.name()).collect();
                    let (id, title, minutes) = (&lesson.id, &lesson.title, lesson.minutes);
                    let status = status(lesson);
                    println!("{id:width$}  {minutes:>3} min  {status:9}  {title} ({})", languages.join(", "));
                }
            }
            ListFormat::Json => {
                let lessons = self.catalog.lessons().iter().map(|lesson| {
                    json!({
                        "id": lesson.id,
                        "title": lesson.title,
                        "minutes": lesson.minutes,
                        "level": level_name(lesson.level),
                        "tracks": lesson.tracks,
                        "cwe": lesson.cwe,
                        "rules": lesson.rules,
                        "exercises": lesson.exercises().iter().map(|exercise| json!({
                            "language": exercise.language.name(),
                            "runtime": self.runtime_name(exercise),
                            "path": self.workbook.path(exercise).to_string_lossy(),
                        })).collect::<Vec<_>>(),
                        "status": status(lesson),
                    })
                });
                println!("{}", json!({"lessons": lessons.collect::<Vec<_>>()}));
            }
        }
        Ok(Exit::Clean)
    }

    fn runtime_name(&self, exercise: &Exercise) -> &'static str {
        let is_executed = exercise.runtime != Runtime::Analysed && self.runner.can_execute(exercise.runtime);
        if is_executed { "executed" } else { "analysed" }
    }

    fn show(&self, id: &str) -> anyhow::Result<Exit> {
        let lesson = self.lesson(id)?;
        println!("{} ({} minutes)\n\n{}", lesson.title, lesson.minutes, lesson.plain().trim_end());
        println!("\nTo do it: squire lesson start {id}");
        Ok(Exit::Clean)
    }

    fn start(&self, which: &Which, folder: Option<&Path>) -> anyhow::Result<Exit> {
        let (exercise, _) = self.find(which)?;
        let file = match folder {
            Some(folder) => start_in(exercise, folder)?,
            None => self.workbook.start(exercise)?,
        };
        self.progress.record(exercise, Action::Started)?;
        println!("{}", file.display());
        let again = file_or_id(&file, exercise, folder.is_some());
        eprintln!("Open this file in your editor and repair it.");
        eprintln!("squire lesson attack {again}   to see it breached");
        eprintln!("squire lesson check {again}    when it is repaired");
        Ok(Exit::Clean)
    }

    fn attack(&self, which: &Which) -> anyhow::Result<Exit> {
        let (exercise, file) = self.find(which)?;
        let report = self.runner.attack(exercise, &self.text(&file, which)?);
        self.progress.record(exercise, Action::Attacked { breaches: report.breaches() })?;
        println!("{}", report.to_string().trim_end());
        Ok(Exit::Clean)
    }

    fn check(&self, which: &Which) -> anyhow::Result<Exit> {
        let (exercise, file) = self.find(which)?;
        let verdict = self.runner.check(exercise, &self.text(&file, which)?);
        self.progress.record_verdict(exercise, &verdict)?;
        println!("{}", verdict.to_string().trim_end());
        Ok(if verdict.passed() { Exit::Clean } else { Exit::Findings })
    }

    fn hint(&self, which: &Which) -> anyhow::Result<Exit> {
        let (exercise, _) = self.find(which)?;
        match self.progress.next_hint(exercise)? {
            Some((number, hint)) => {
                println!(
                    "Hint {number} of {}: {}\n\n{}",
                    exercise.hints.len(),
                    hint.title,
                    hint.markdown.trim()
                )
            }
            None => println!("This exercise has no hints."),
        }
        Ok(Exit::Clean)
    }

    fn reset(&self, which: &Which) -> anyhow::Result<Exit> {
        let (exercise, file) = self.find(which)?;
        let folder = file.parent().filter(|_| file != self.workbook.path(exercise));
        let file = match folder.filter(|_| exercise.entry.split('/').count() == 1) {
            Some(folder) => reset_in(exercise, folder)?,
            None => self.workbook.reset(exercise)?,
        };
        self.progress.record(exercise, Action::Reset)?;
        println!("{}", file.display());
        Ok(Exit::Clean)
    }

    fn solution(&self, which: &Which) -> anyhow::Result<Exit> {
        let (exercise, _) = self.find(which)?;
        let file = self.workbook.solution(exercise)?;
        self.progress.record(exercise, Action::Solution)?;
        println!("{}", file.display());
        Ok(Exit::Clean)
    }

    fn test(&self, lesson: Option<&str>) -> anyhow::Result<Exit> {
        if let Some(id) = lesson {
            self.lesson(id)?;
        }
        let report = test_lessons(&self.catalog, &self.runner, lesson);
        for failure in &report.failures {
            println!("{failure}");
        }
        println!("{} passed, {} failed", report.passed, report.failures.len());
        Ok(if report.failures.is_empty() { Exit::Clean } else { Exit::Findings })
    }

    fn lesson(&self, id: &str) -> anyhow::Result<&Lesson> {
        self.catalog
            .lesson(id)
            .with_context(|| format!("there is no lesson `{id}`; `squire lesson list` shows all"))
    }

    /// The exercise that is meant, and the learner's file. A file says it by itself; a lesson with several
    /// exercises says it by `--lang`, by the configuration, or by being begun.
    fn find(&self, which: &Which) -> anyhow::Result<(&Exercise, PathBuf)> {
        let path = Path::new(&which.lesson);
        if let Some(exercise) = Workbook::find(&self.catalog, path) {
            return Ok((exercise, path.to_owned()));
        }
        let lesson = self.lesson(&which.lesson)?;
        let wanted = which.lang.as_ref().or(self.config.settings.lessons.language.as_ref());
        let exercise = match wanted {
            Some(name) => {
                let language: Language = name.parse()?;
                let found = lesson.exercise(language);
                // What the configuration prefers is a preference; what the command line says is an order.
                found.or(lesson.exercises().first().filter(|_| which.lang.is_none()))
            }
            None => {
                let begun = lesson.exercises().iter().find(|exercise| self.workbook.path(exercise).is_file());
                begun.or(lesson.exercises().first())
            }
        };
        let exercise = exercise.with_context(|| {
            let languages: Vec<_> = lesson.exercises().iter().map(|it| it.language.name()).collect();
            match languages.as_slice() {
                [] => format!("the lesson `{}` has no exercise", lesson.id),
                _ => format!("the lesson `{}` has exercises in: {}", lesson.id, languages.join(", ")),
            }
        })?;
        Ok((exercise, self.workbook.path(exercise)))
    }

    fn text(&self, file: &Path, which: &Which) -> anyhow::Result<String> {
        std::fs::read_to_string(file).with_context(|| {
            format!("the exercise is not there: `squire lesson start {}` writes it", which.lesson)
        })
    }
}

fn file_or_id(file: &Path, exercise: &Exercise, is_elsewhere: bool) -> String {
    if is_elsewhere {
        file.display().to_string()
    } else {
        format!("{} --lang {}", exercise.lesson, exercise.language)
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Basic => "basic",
        Level::Applied => "applied",
        Level::Chain => "chain",
    }
}
