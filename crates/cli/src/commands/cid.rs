//! `w3pin cid PATH…`

use serde_json::{Value, json};
use w3pin::{CidOptions, Profile, Symlinks, compute_cid};

use super::preview;
use crate::{
    args::{ComputeCid, Global, Import},
    failure::Failure,
    output::Output,
    report::Report,
};

pub(crate) async fn run(
    args: &ComputeCid,
    global: &Global,
    output: &Output,
) -> Result<(), Failure> {
    let options = options(&args.import, global)?;
    let profile = options.profile;
    let subjects = args.paths.iter().map(|path| path.display().to_string());
    let mut report = Report::new(subjects.collect(), output, |what, root: &Value| {
        output.row(&[root["cid"].as_str().unwrap_or_default(), what]);
    });
    for (index, path) in args.paths.iter().enumerate() {
        let (path, options) = (path.clone(), options.clone());
        let shown = path.display().to_string();
        let result = super::blocking(move || compute_cid(path, &options)).await?;
        let root = result.map(|root| {
            json!({
                "cid": root.cid,
                "path": shown,
                "size": root.size,
                "dag_size": root.dag_size,
                "profile": profile.to_string(),
            })
        });
        report.take(index, root);
    }
    report.end()
}

/// Returns the import options.
pub(super) fn options(import: &Import, global: &Global) -> Result<CidOptions, Failure> {
    let profile = match import.profile {
        Some(profile) => profile,
        None if import.as_upload => preview::profile(global)?,
        None => Profile::default(),
    };
    let symlinks = match import.symlinks {
        Some(links) => links.into(),
        None if import.as_upload => Symlinks::Refuse,
        None => Symlinks::Preserve,
    };
    Ok(CidOptions::new()
        .profile(profile)
        .walk(import.walk.options(symlinks))
        .empty_folders(!import.as_upload))
}
