//! `cargo xtask docs`

use std::{env, fs};

use crate::{
    Result, cache,
    run::{root, run as shell},
};

mod api;
mod links;
mod page;
mod swift;

const MDBOOK: &str = "0.5.4";

/// Builds the book, runs its code, and checks its links. With `--api`, builds the references of all languages instead.
pub(crate) fn run() -> Result {
    if env::args().any(|argument| argument == "--api") {
        return api::run();
    }
    links::check_markdown()?;
    let mdbook = cache::installed("mdbook", MDBOOK, "mdbook")?;
    shell(&format!("{} build docs", mdbook.display()))?;
    links::check_site(&root().join("target/docs/book"))?;
    page::run_all()
}

/// Checks the links between the repository's Markdown files, which is fast.
pub(crate) fn check_links() -> Result {
    links::check_markdown()
}

/// Returns the pages of the book in order, as paths below `docs`.
fn pages() -> Result<Vec<String>> {
    let summary = root().join("docs/SUMMARY.md");
    let text =
        fs::read_to_string(&summary).map_err(|cause| format!("{}: {cause}", summary.display()))?;
    let links = text.split("](").skip(1);
    Ok(links
        .filter_map(|link| link.split(')').next())
        .map(str::to_owned)
        .collect())
}
