//! Finds broken links.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{
    Result,
    run::{read, root},
};

/// The URL of the repository's files, for pages outside of it.
const REPOSITORY: &str = "https://github.com/w3pin/w3pin/blob/main/";

/// Checks that every relative link in a Markdown file leads to an existing file.
pub(super) fn check_markdown() -> Result {
    let mut broken = Vec::new();
    for file in read("git ls-files *.md")?.lines() {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        for link in targets(&text, "](", ')') {
            let target = match link.strip_prefix(REPOSITORY) {
                Some(path) => PathBuf::from(path.split('#').next().unwrap_or_default()),
                None if link.contains(':') || link.starts_with('#') => continue,
                None => folder.join(link.split('#').next().unwrap_or_default()),
            };
            if !link.contains(' ') && !root().join(&target).exists() {
                broken.push(format!("{file}: {link}"));
            }
        }
    }
    report(&broken)
}

/// Checks that every link within the site leads to an existing page and anchor.
pub(super) fn check_site(site: &Path) -> Result {
    let site = &fs::canonicalize(site).map_err(|cause| format!("{}: {cause}", site.display()))?;
    let mut pages = BTreeMap::new();
    collect(site, &mut pages)?;
    let ids: BTreeMap<&Path, BTreeSet<&str>> = pages
        .iter()
        .map(|(path, text)| (path.as_path(), targets(text, " id=\"", '"').collect()))
        .collect();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        let folder = page.parent().unwrap_or(site);
        for link in targets(text, " href=\"", '"').chain(targets(text, " src=\"", '"')) {
            if link.contains(':') || link.starts_with("//") {
                continue;
            }
            let (path, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                _ => normal(&folder.join(path)),
            };
            let there = match ids.get(target.as_path()) {
                Some(ids) => place.is_empty() || ids.contains(place),
                None => target.exists() && place.is_empty(),
            };
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    eprintln!(
        "{} pages of {} have no broken link",
        pages.len(),
        site.display()
    );
    report(&broken)
}

fn collect(folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result {
    let failed = |cause| format!("{}: {cause}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|end| end == "html")
            // The pages for printing and for missing pages have links relative to other folders.
            && !matches!(path.file_name().and_then(|name| name.to_str()), Some("404.html" | "print.html" | "toc.html"))
        {
            let text = fs::read_to_string(&path).map_err(failed)?;
            pages.insert(path, text);
        }
    }
    Ok(())
}

/// Returns each text between `start` and `end`.
fn targets<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(start)
        .skip(1)
        .filter_map(move |after| after.split(end).next())
}

/// Resolves `..` without accessing the disk, since folders on the way may not exist.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
        path
    })
}

fn report(broken: &[String]) -> Result {
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!("broken links:\n  {}", broken.join("\n  ")))
    }
}
