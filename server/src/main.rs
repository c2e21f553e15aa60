//! The one binary: adapts the rules and the lessons to people, editors and build servers.

mod lsp;
#[allow(dead_code, unused_imports)]
mod workspace;

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("lesson-runner") {
        squire_lessons::runner_main();
    }
    let filter = tracing_subscriber::EnvFilter::try_from_env("SQUIRE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    lsp::run()
}
