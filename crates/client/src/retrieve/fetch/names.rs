//! Determines where the entries of a folder are written.

use std::path::{Path, PathBuf};

use w3pin_core::{Error, ErrorKind, Result, check_name, printable};

use super::SymlinkPolicy;

/// Returns the path of an entry below the destination, by its path in the folder.
pub(super) fn place(destination: &Path, path: &str) -> Result<PathBuf> {
    let mut place = destination.to_owned();
    for name in path.split('/').filter(|_| !path.is_empty()) {
        check_name(name, cfg!(windows))?;
        place.push(name);
    }
    Ok(place)
}

/// Returns whether to create a link.
///
/// # Errors
/// If it leads out of the folder and the policy forbids that.
pub(super) fn allow(path: &str, target: &str, policy: SymlinkPolicy) -> Result<bool> {
    match policy {
        SymlinkPolicy::Skip => Ok(false),
        SymlinkPolicy::All => Ok(true),
        SymlinkPolicy::Inside if stays_inside(path, target) => Ok(true),
        SymlinkPolicy::Inside => {
            let (path, target) = (printable(path), printable(target));
            let reason = format!(
                "the symbolic link {path:?} leads out of the folder, to {target:?}; skip links, or \
                 allow all of them if you trust the content"
            );
            Err(Error::new(ErrorKind::Decode, reason).with_field("symlinks"))
        }
    }
}

/// Returns whether a link at this path stays in the folder wherever the folder's other links lead.
/// So `..` is only accepted at the start: after a name, which may be a link itself, it could lead
/// anywhere.
fn stays_inside(path: &str, target: &str) -> bool {
    let levels = path.split('/').count() - 1;
    let absolute = target.starts_with(['/', '\\']) || target.get(1..2) == Some(":");
    let mut up = 0;
    let mut names = 0;
    for name in target.split(['/', '\\']) {
        match name {
            "" | "." => {}
            ".." if names == 0 => up += 1,
            ".." => return false,
            _ => names += 1,
        }
    }
    !target.is_empty() && !target.contains('\0') && !absolute && up <= levels
}

#[cfg(test)]
mod tests {
    use super::stays_inside;

    #[test]
    fn a_link_stays_in_its_folder() {
        for (path, target, inside) in [
            ("a", "b", true),
            ("a", "./b/c", true),
            ("a", "..", false),
            ("a/b", "..", true),
            ("a/b", "../c", true),
            ("a/b", "../../c", false),
            ("a/b/c", "../../d/e", true),
            ("a/b", "c/../../d", false),
            ("a", "b/..", false),
            ("a", "/etc/passwd", false),
            ("a", "C:\\x", false),
            ("a", "..\\x", false),
            ("a", "\\\\host\\share", false),
            ("a", "", false),
            ("a", "b\0c", false),
            ("a", "...", true),
            ("a", "..b", true),
        ] {
            assert_eq!(stays_inside(path, target), inside, "{path} -> {target}");
        }
    }
}
