//! What the tests of this crate share.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use squire_lessons::{Catalog, Exercise, Runner};

/// A runner whose children are the example program, which Cargo builds beside the tests.
pub fn runner() -> Runner {
    let tests = std::env::current_exe().expect("a test has a path");
    let program = tests
        .ancestors()
        .map(|folder| folder.join("examples").join(format!("lesson{}", std::env::consts::EXE_SUFFIX)))
        .find(|program| program.is_file())
        .expect("Cargo builds the example `lesson` with the tests");
    Runner::with_program(program, &["lesson-runner"])
}

/// The lessons in `tests/fixtures/lessons`.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> =
        LazyLock::new(|| Catalog::load(&fixtures().join("lessons")).expect("the fixtures are there"));
    &CATALOG
}

/// The exercise of the lesson `greeting` in that language.
pub fn greeting(language: &str) -> &'static Exercise {
    let language = language.parse().expect("a language");
    catalog().exercise("greeting", language).expect("the lesson `greeting` can be read")
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}
