//! Reads the notes of a release from the changelog.

use super::layout::read_text;
use crate::{Result, run::root};

/// Checks that the changelog has a section for this version, or one for unreleased changes.
pub(crate) fn check(version: &str) -> Result {
    section(version).map(|_| ())
}

/// Returns the section of this version, or else that of unreleased changes.
fn section(version: &str) -> Result<String> {
    let text = read_text(&root().join("CHANGELOG.md"))?;
    let sections: Vec<(&str, &str)> = text
        .split("\n## ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .collect();
    let named = |name: &str| {
        sections
            .iter()
            .find(|(title, _)| title.split_whitespace().next() == Some(name))
            .map(|(_, body)| body.trim().to_owned())
    };
    match named(version).or_else(|| named("Unreleased")) {
        Some(body) if !body.is_empty() => Ok(body),
        _ => Err(format!(
            "CHANGELOG.md says nothing under `## {version}` or `## Unreleased`"
        )),
    }
}
