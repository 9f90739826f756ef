//! `w3pin add --dry-run PATH…`

use w3pin::{Error, Profile, Result, UploadPreview, preview_upload};

use super::add;
use crate::{
    args::{Add, Global},
    failure::Failure,
    output::{Output, bytes},
    report::Report,
    session,
};

/// Reports what would be sent, offline.
pub(crate) async fn run(
    args: &Add,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    add::check(args)?;
    let mut options = add::options(args)?;
    if options.profile.is_none() {
        options.profile = Some(profile(global)?);
    }
    let mut report = Report::new(add::subjects(args), output, |what, preview| {
        print(what, preview, output);
    });
    for (index, path) in args.paths.iter().enumerate() {
        let (path, options) = (path.clone(), options.clone());
        let preview = super::blocking(move || {
            if add::is_input(&path) {
                return Err(Error::invalid_input(
                    "dry_run",
                    "standard input can't be previewed, because it can be read only once",
                ));
            }
            preview_upload(path, &options)
        });
        report.take(index, preview.await?);
    }
    report.end()
}

/// Returns the profile of the service that would receive the upload.
pub(super) fn profile(global: &Global) -> Result<Profile> {
    if global.local {
        return Ok(Profile::default());
    }
    Ok(session::builder(global).resolved_settings()?.profile)
}

fn print(what: &str, preview: &UploadPreview, output: &Output) {
    let cid = preview.cid.to_string();
    if !output.is_for_people() {
        for file in &preview.files {
            output.row(&[&cid, &file.name, &file.size.to_string()]);
        }
        return;
    }
    let (files, size) = (preview.files.len(), bytes(preview.size));
    let noun = if files == 1 { "file" } else { "files" };
    let head = [
        format!("{what}: {files} {noun}, {size} would be sent"),
        format!("  cid  {cid}"),
    ];
    let list = preview.files.iter();
    let list = list.map(|file| format!("  {:>10}  {}", bytes(file.size), file.name));
    output.lines(head.into_iter().chain(list));
}
