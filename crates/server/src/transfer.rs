//! From one backend to another: records and content as files.
//!
//! A folder holds `records.jsonl`, with an account or a pin in each line, and a CAR for each content
//! that a pin holds, named by its CID. Any IPFS tool reads those.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use cid::Cid;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    config::ServerConfig,
    error::StoreError,
    folder::{parent_of, sync_folder},
    records::{KeptAccount, PinRecord, Records},
    store::Store,
};

mod export;
mod import;

/// The file of accounts and pins.
const LINES: &str = "records.jsonl";

/// How much was exported or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// Accounts, with their keys' digests.
    pub accounts: u64,
    /// Pins of all accounts, those that were ended included.
    pub pins: u64,
    /// Contents, each once.
    pub contents: u64,
    /// What was left out since it is damaged or isn't there, and why.
    pub skipped: Vec<String>,
}

/// Why a data folder couldn't be exported, or an export not imported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransferError {
    /// There is nothing to export.
    #[error("{}: no server has kept data here", data.display())]
    NoData {
        /// The folder that should be a data folder.
        data: PathBuf,
    },
    /// The data folder, or the backend behind it, failed.
    #[error("{}: {source}", data.display())]
    Store {
        /// The data folder.
        data: PathBuf,
        /// What is the matter.
        source: StoreError,
    },
    /// A file of the export can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the export isn't as it was written.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The task was stopped.
    #[error("it was stopped")]
    Stopped,
}

/// A line of the records.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Account(KeptAccount),
    Pin(PinRecord),
}

/// Writes all records and content of the data folder of `config` to `folder`, which is made.
///
/// Secret keys aren't known to the server; their digests are written, and API keys, so only the owner
/// may read the folder. An export that was broken off is begun anew; contents that were written whole
/// stay. What is damaged is left out and named. No server may have the data folder meanwhile.
///
/// # Errors
///
/// Where the data can't be read or the files can't be written.
pub async fn export(config: &ServerConfig, folder: &Path) -> Result<Transferred, TransferError> {
    let data = config.data.clone();
    let has_data = move || match Records::are_in(&data) {
        true => Ok(()),
        false => Err(TransferError::NoData { data }),
    };
    let store = open(config, has_data).await?;
    let written = export::write(&store, &config.data, folder).await;
    close(store).await;
    written
}

/// Takes all records and content of an [export](export()) into the data folder of `config`, and the
/// backend behind it.
///
/// Pins keep their ids and dates, and accounts their keys. What is there already is left alone, so
/// that an import that was broken off goes on, and content that is damaged is mended. Nothing in the
/// files is trusted: an account gets an id of its own where somebody has its id already, and every
/// block is compared with its digest. A pin whose content the export left out waits for it. No server
/// may have the data folder meanwhile.
///
/// # Errors
///
/// Where the files can't be read or aren't as an export writes them, or the data folder or its backend
/// fails.
pub async fn import(config: &ServerConfig, folder: &Path) -> Result<Transferred, TransferError> {
    let records = folder.join(LINES);
    let is_export = move || open_file(&records).map(drop);
    let store = std::sync::Arc::new(open(config, is_export).await?);
    let (data, folder) = (config.data.clone(), folder.to_owned());
    let reading = std::sync::Arc::clone(&store);
    let limits = config.limits.clone();
    let read = tokio::task::spawn_blocking(move || import::read(&reading, &limits, &data, &folder))
        .await
        .unwrap_or(Err(TransferError::Stopped));
    if let Some(store) = std::sync::Arc::into_inner(store) {
        close(store).await;
    }
    read
}

/// Opens the data folder, unless `first` has something against it: opening makes what isn't there.
async fn open(
    config: &ServerConfig,
    first: impl FnOnce() -> Result<(), TransferError> + Send + 'static,
) -> Result<Store, TransferError> {
    let mut config = config.clone();
    // What waits isn't looked for elsewhere while it is brought.
    config.limits.retrievals = 0;
    config.scrub = None;
    let opened = tokio::task::spawn_blocking(move || {
        first()?;
        in_store(&config.data, Store::open(&config))
    });
    opened.await.map_err(|_| TransferError::Stopped)?
}

/// The store waits for its threads when it is dropped.
async fn close(store: Store) {
    let _ = tokio::task::spawn_blocking(|| drop(store)).await;
}

/// Where the content of this CID is.
fn car_path(folder: &Path, cid: &Cid) -> PathBuf {
    let v1 = Cid::new_v1(cid.codec(), *cid.hash());
    folder.join(format!("{v1}.car"))
}

/// Opens a file to read it. What isn't one, as a pipe that nobody writes to, isn't waited for.
fn open_file(path: &Path) -> Result<fs::File, TransferError> {
    let is_file = in_file(path, fs::metadata(path))?.is_file();
    if !is_file {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "it isn't a file");
        return in_file(path, Err(source));
    }
    in_file(path, fs::File::open(path))
}

fn in_file<T>(path: &Path, result: io::Result<T>) -> Result<T, TransferError> {
    result.map_err(|source| TransferError::File {
        path: path.to_owned(),
        source,
    })
}

fn in_store<T>(data: &Path, result: Result<T, StoreError>) -> Result<T, TransferError> {
    result.map_err(|source| TransferError::Store {
        data: data.to_owned(),
        source,
    })
}

/// Makes a file durable under its name once it is whole.
fn finish_file(file: fs::File, written: &Path, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(written, path)?;
    sync_folder(parent_of(path))
}
