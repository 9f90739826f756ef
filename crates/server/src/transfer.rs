//! Moves records and content between backends as files.
//!
//! A folder contains `records.jsonl`, with an account or a pin in each line, and a CAR for each
//! pinned content, named by its CID. Any IPFS tool can read these.

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

/// The result of an export or import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The number of accounts. Of their secret keys only digests are included.
    pub accounts: u64,
    /// The number of pins of all accounts, including removed ones.
    pub pins: u64,
    /// The number of distinct contents.
    pub contents: u64,
    /// What was skipped because it is damaged or missing, and why.
    pub skipped: Vec<String>,
}

/// Why an export or import failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransferError {
    /// There is nothing to export.
    #[error("{}: not the data folder of a server", data.display())]
    NoData {
        /// The folder that should be a data folder.
        data: PathBuf,
    },
    /// The data folder, or the backend behind it, failed.
    #[error("{}: {source}", data.display())]
    Store {
        /// The data folder.
        data: PathBuf,
        /// The cause.
        source: StoreError,
    },
    /// A file of the export can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file of the export is invalid.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The task was stopped.
    #[error("the transfer was stopped")]
    Stopped,
}

/// A line of `records.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Account(KeptAccount),
    Pin(PinRecord),
}

/// Writes all records and content of the data folder of `config` to `folder`, which is created.
///
/// The export contains API keys and the digests of secret keys, which the server doesn't know, so only the owner
/// may read the folder. An interrupted export starts again, but keeps contents that were written
/// completely. Damaged data is skipped and reported. No server may use the data folder meanwhile.
///
/// # Errors
///
/// If the data can't be read or the files can't be written.
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

/// Imports all records and content of an [export](export()) into the data folder of `config`, and the
/// backend behind it.
///
/// Pins keep their IDs and dates, and accounts their keys. Existing data is left alone, so
/// that an interrupted import resumes, and damaged content is repaired. The files aren't
/// trusted: an account gets a new ID if its own is taken, and every
/// block is compared with its digest. A pin whose content was skipped waits for it. No server
/// may use the data folder meanwhile.
///
/// # Errors
///
/// If the files can't be read or are invalid, or the data folder or its backend
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

/// Opens the data folder, unless `first` fails: opening creates what is missing.
async fn open(
    config: &ServerConfig,
    first: impl FnOnce() -> Result<(), TransferError> + Send + 'static,
) -> Result<Store, TransferError> {
    let mut config = config.clone();
    // Content that the import provides needn't be fetched.
    config.limits.retrievals = 0;
    config.scrub = None;
    let opened = tokio::task::spawn_blocking(move || {
        first()?;
        in_store(&config.data, Store::open(&config))
    });
    opened.await.map_err(|_| TransferError::Stopped)?
}

/// Dropping the store waits for its threads.
async fn close(store: Store) {
    let _ = tokio::task::spawn_blocking(|| drop(store)).await;
}

/// Returns the path of the CAR for this CID.
fn car_path(folder: &Path, cid: &Cid) -> PathBuf {
    let v1 = Cid::new_v1(cid.codec(), *cid.hash());
    folder.join(format!("{v1}.car"))
}

/// Opens a file for reading. Fails for anything but a regular file, such as a pipe, which could
/// block.
fn open_file(path: &Path) -> Result<fs::File, TransferError> {
    let is_file = in_file(path, fs::metadata(path))?.is_file();
    if !is_file {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
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

/// Makes a complete file durable under its final name.
fn finish_file(file: fs::File, written: &Path, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(written, path)?;
    sync_folder(parent_of(path))
}
