//! Selects the files of a folder in memory.

use std::{collections::BTreeMap, path::Path};

use bytes::Bytes;
use ignore::{Match, gitignore::Gitignore};
use w3pin_core::{Error, FileName, Result, printable};

use super::{WalkOptions, gitignore::gitignore, patterns};

/// Removes what the options exclude, as a walk over the same folder on disk does.
pub(crate) fn retain(files: &mut BTreeMap<String, Bytes>, options: &WalkOptions) -> Result<()> {
    // Invalid paths are errors even if they are excluded.
    for path in files.keys() {
        path.parse::<FileName>()
            .map_err(|error| error.with_path(path.as_str()))?;
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some(file) = above.into_iter().find(|above| files.contains_key(*above)) {
            let (file, path) = (printable(file), printable(path));
            let reason = format!("{file:?} is a file, so {path:?} can't be below it");
            return Err(Error::invalid_input("folder", reason));
        }
    }
    let patterns = patterns(Path::new("."), options)?;
    let gitignores = match options.gitignore {
        true => gitignores(files)?,
        false => Vec::new(),
    };
    files.retain(|file, _| {
        let ends = file.match_indices('/').map(|(end, _)| end);
        ends.chain([file.len()]).all(|end| {
            let (path, is_folder) = (&file[..end], end < file.len());
            let name = path.rsplit('/').next().unwrap_or(path);
            (options.hidden || !name.starts_with('.'))
                && !patterns.matched(path, is_folder).is_ignore()
                && !is_ignored(&gitignores, path, is_folder)
        })
    });
    Ok(())
}

/// Returns the `.gitignore` files in the folder, each with the path below which it applies; the
/// deepest first.
fn gitignores(files: &BTreeMap<String, Bytes>) -> Result<Vec<(String, Gitignore)>> {
    let mut found = Vec::new();
    for (file, content) in files {
        let Some(above) = file.strip_suffix(".gitignore") else {
            continue;
        };
        if !above.is_empty() && !above.ends_with('/') {
            continue;
        }
        let gitignore = gitignore(content).map_err(|cause| {
            let reason = format!("{:?} can't be parsed: {cause}", printable(file));
            Error::invalid_input("gitignore", reason)
        })?;
        found.push((above.to_owned(), gitignore));
    }
    found.sort_by_key(|(above, _)| std::cmp::Reverse(above.len()));
    Ok(found)
}

fn is_ignored(gitignores: &[(String, Gitignore)], path: &str, is_folder: bool) -> bool {
    let counting = gitignores
        .iter()
        .filter_map(|(above, gitignore)| Some((path.strip_prefix(above.as_str())?, gitignore)));
    for (below, gitignore) in counting.filter(|(below, _)| !below.is_empty()) {
        match gitignore.matched(below, is_folder) {
            Match::None => {}
            decided => return decided.is_ignore(),
        }
    }
    false
}
