//! What a release says of itself.

use super::layout::read_text;
use crate::{Result, run::root};

/// The changelog has a section for this version, or one for what isn't released yet.
pub(crate) fn check(version: &str) -> Result {
    section(version).map(|_| ())
}

/// The section of this version; of what isn't released yet, where there is none.
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
