//! `w3pin fetch CID[/PATH] [DESTINATION]`

use std::path::{Path, PathBuf};

use serde_json::json;
use w3pin::{Error, Fetched, IpfsPath, NodeKind, ReadOptions, Result, Retriever, core::check_name};

use super::{blocking, cat};
use crate::{
    args::{Fetch, Global},
    failure::Failure,
    output::{Output, bytes},
    session::Source,
};

pub(crate) async fn run(
    args: &Fetch,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    if args.is_for_stdout() {
        cat::refuse_json(output)?;
    }
    let source = Source::open(args.from.parse()?, global, output).await?;
    let result = if args.is_for_stdout() {
        to_stdout(args, &source.retriever, output).await
    } else {
        to_disk(args, &source.retriever, output).await
    };
    result.and(source.close().await)
}

async fn to_disk(
    args: &Fetch,
    retriever: &Retriever,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let failed = |error| Failure::reading(error, &args.content);
    let placed = place(&args.content, args.destination.as_ref(), retriever).await;
    let (content, destination) = placed.map_err(failed)?;
    let bar = output.messages().bar(&shown_name(&destination));
    let options = args.options().on_progress(bar.follow_fetch());
    let fetched = retriever.fetch(&content, &destination, options).await;
    drop(bar);
    tell(&fetched.map_err(failed)?, &destination, output);
    Ok(())
}

/// Returns the content, and the path of the file or folder to write.
pub(super) async fn place(
    content: &IpfsPath,
    destination: Option<&PathBuf>,
    retriever: &Retriever,
) -> Result<(IpfsPath, PathBuf)> {
    let Some(given) = destination else {
        return Ok((content.clone(), own_name(content)?));
    };
    let there = folder(given).await;
    if there.is_none() && !ends_with_separator(given) {
        return Ok((content.clone(), given.clone()));
    }
    let node = retriever.resolve(content).await?;
    let found = IpfsPath::new(node.cid);
    match (node.kind, there) {
        (NodeKind::Folder, there) => Ok((found, there.unwrap_or_else(|| given.clone()))),
        (_, Some(folder)) => Ok((found, folder.join(own_name(content)?))),
        (_, None) => {
            let reason = "the folder doesn't exist; create it, or name the file itself";
            let error = Error::invalid_input("destination", reason);
            Err(error.with_path(given.display().to_string()))
        }
    }
}

/// Returns the folder at a path given by the user, who may name it through a link.
async fn folder(given: &Path) -> Option<PathBuf> {
    let given = given.to_owned();
    let found = blocking(move || match given.canonicalize() {
        Ok(folder) if given.is_symlink() && folder.is_dir() => Some(folder),
        _ => given.is_dir().then_some(given),
    });
    found.await.ok().flatten()
}

fn ends_with_separator(path: &Path) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    text.last()
        .is_some_and(|last| std::path::is_separator(char::from(*last)))
}

/// Returns the last name of the path, or else the CID.
fn own_name(content: &IpfsPath) -> Result<PathBuf> {
    match content.segments().last() {
        Some(name) => {
            check_name(name, cfg!(windows))?;
            Ok(name.into())
        }
        None => Ok(content.root().to_string().into()),
    }
}

pub(super) fn shown_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

pub(super) fn tell(fetched: &Fetched, destination: &Path, output: &Output) {
    let destination = destination.display().to_string();
    if output.is_json() {
        return output.document(&json!({
            "cid": fetched.cid,
            "destination": destination,
            "files": fetched.files,
            "bytes": fetched.bytes,
            "bytes_fetched": fetched.bytes_fetched,
        }));
    }
    output.row(&[fetched.cid.as_str(), &destination]);
    let (size, files, new) = (
        bytes(fetched.bytes),
        fetched.files,
        bytes(fetched.bytes_fetched),
    );
    output.note(&format!(
        "verified: every byte matches the CID (size {size}, files {files}, fetched {new})"
    ));
}

async fn to_stdout(
    args: &Fetch,
    retriever: &Retriever,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let most = args.options().most_bytes;
    let stream = retriever.stream(&args.content, ReadOptions::new().most_bytes(most));
    // A bar can't be shown between lines of content.
    let bar = (!output.is_for_people()).then(|| output.messages().bar("-"));
    let printed = cat::copy(stream, &args.content, output, |bytes| {
        if let Some(bar) = &bar {
            bar.advance(bytes);
        }
    });
    printed.await.map(drop)
}
