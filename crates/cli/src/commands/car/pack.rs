//! `w3pin car pack PATH|CID`

use std::{
    error::Error as _,
    io::{self, IsTerminal},
    path::Path,
};

use serde_json::json;
use w3pin::{Content, DagLimits, Error, IpfsPath, PackedCar, Retriever, pack_car, write_car};

use super::super::{blocking, cat, cid};
use crate::{
    args::{Global, Pack},
    failure::Failure,
    output::{Output, bytes},
    session::Source,
};

pub(super) async fn run(args: &Pack, global: &Global, output: &Output) -> Result<(), Failure> {
    let name = args.content.display().to_string();
    if args.output().is_none() {
        cat::refuse_json(output)?;
        if io::stdout().is_terminal() {
            let reason = "a CAR can't be written to a terminal; choose a file with --output";
            return Err(Error::invalid_input("output", reason).into());
        }
    }
    let packing = output.messages().spinner(&format!("packing {name}"));
    let packed = match on_ipfs(&args.content) {
        Some(content) => of_cid(args, &content, global, output).await?,
        None => of_path(args, global).await?,
    };
    drop(packing);
    match packed {
        Ok(packed) => tell(&packed, args, output),
        Err(error) if error.field() == Some("output") => {
            let cause = error.source().and_then(|it| it.downcast_ref::<io::Error>());
            let kind = cause.map_or(io::ErrorKind::Other, io::Error::kind);
            output.fail(io::Error::new(kind, error.reason().to_owned()));
            return Err(Failure::CutOff);
        }
        Err(error) => return Err(Failure::Car(error, name)),
    }
    Ok(())
}

/// Returns the content on IPFS, or `None` for a path on disk.
fn on_ipfs(content: &Path) -> Option<IpfsPath> {
    content.to_str()?.parse().ok()
}

async fn of_path(args: &Pack, global: &Global) -> Result<w3pin::Result<PackedCar>, Failure> {
    if args.from.is_given() || args.most_bytes.is_some() {
        let option = if args.from.is_given() {
            "gateway"
        } else {
            "most_bytes"
        };
        let reason = "files and folders are read from disk; leave out --gateway and --most-bytes";
        return Err(Error::invalid_input(option, reason).into());
    }
    let options = cid::options(&args.import, global)?;
    let content = Content::from(args.content.as_path());
    match args.output() {
        Some(file) => {
            let file = file.to_owned();
            blocking(move || pack_car(content, file, &options)).await
        }
        None => Ok(write_car(content, &mut tokio::io::stdout(), &options).await),
    }
}

async fn of_cid(
    args: &Pack,
    content: &IpfsPath,
    global: &Global,
    output: &Output,
) -> Result<w3pin::Result<PackedCar>, Failure> {
    if args.import.is_given() {
        let reason =
            "content on IPFS consists of finished blocks; leave out the options for importing";
        return Err(Error::invalid_input("profile", reason).into());
    }
    let source = Source::open(args.from.parse()?, global, output).await?;
    let packed = dag(args, content, &source.retriever).await;
    source.close().await?;
    match packed {
        Err(error) if !matches!(error.field(), Some("output" | "destination")) => {
            Err(Failure::reading(error, content))
        }
        packed => Ok(packed),
    }
}

async fn dag(args: &Pack, content: &IpfsPath, retriever: &Retriever) -> w3pin::Result<PackedCar> {
    let mut limits = DagLimits::default();
    limits.most_bytes = args.most_bytes.unwrap_or(limits.most_bytes);
    let root = match content.segments() {
        [] => content.root().clone(),
        _ => retriever.resolve(content).await?.cid,
    };
    match args.output() {
        Some(file) => retriever.pack_car(&root, file, limits).await,
        None => {
            retriever
                .write_car(&root, &mut tokio::io::stdout(), limits)
                .await
        }
    }
}

fn tell(packed: &PackedCar, args: &Pack, output: &Output) {
    let PackedCar {
        cid,
        blocks,
        bytes: size,
        ..
    } = packed;
    let (shown, count) = (bytes(*size), *blocks);
    let Some(file) = args.output() else {
        output.note(&format!("packed {cid} (size {shown}, blocks {count})"));
        return;
    };
    let file = file.display().to_string();
    if output.is_json() {
        output.document(&json!({"cid": cid, "file": file, "blocks": blocks, "bytes": size}));
    } else {
        output.row(&[cid.as_str(), &file]);
        output.note(&format!("packed (size {shown}, blocks {count})"));
    }
}
